"""A small valid scenario that uses every section, as plain data, and ways to load changed copies of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario, load_scenario

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "name": "toy",
    "description": "one site, two halls",
    "sources": {"deal": "a press release"},
    "horizon": {
        "start": "2027-01",
        "months": 12,
        "time_zone": "America/Chicago",
        "decision_every_months": 3,
        "periods": [{"months": 1, "count": 6}, {"months": 3, "count": 2}],
        "hours": {"representative_days": 4},
    },
    "discount": {"operations_per_year": 0.12, "contracted_per_year": 0.09},
    "finance": {"opening_cash_usd": 60e6, "minimum_cash_usd": 0, "capex_budget_usd": None},
    "terminal": {"hashprice_growth_per_year": -0.05, "halving_hashprice_share": 0.65},
    "bitcoin": {"kind": "hashprice", "usd_per_ph_day": 45, "pool_fee_share": 0.005, "sale_fee_share": 0.001},
    "gpu_rental": {"h100": {"usd_per_gpu_hour": {"start": 2.2, "growth_per_year": -0.1}, "sold_share": 0.7}},
    "series": {
        "price": {
            "kind": "file",
            "file": "hours.csv",
            "column": "price",
            "unit": "USD/MWh",
            "time_column": "time",
            "time_zone": "America/Chicago",
            "gaps": {"repair": "interpolate", "max_hours": 3},
            "range": [-300, 9000],
        },
        "ambient": {"kind": "profile", "file": "ambient.csv", "unit": "C", "seed": 7},
    },
    "sites": [
        {
            "name": "west",
            "power_limit_mw": 60,
            "price": {"series": "price", "adder_usd_per_mwh": 4.5},
            "ambient": {"series": "ambient"},
            "fixed_opex_usd_per_month": 250e3,
            "halls": [
                {
                    "name": "barn",
                    "fit_out": "air_barn",
                    "options": [
                        {
                            "fit_out": "air_barn",
                            "it_limit_mw": 30,
                            "slots": 9000,
                            "air_heat_limit_mw": 30,
                            "liquid_heat_limit_mw": 0,
                        },
                        {
                            "fit_out": "retrofit",
                            "it_limit_mw": 20,
                            "slots": 200,
                            "air_heat_limit_mw": 4,
                            "liquid_heat_limit_mw": 18,
                            "conversion": {"capex_usd_per_mw": 3.6e6, "lead_months": 6, "downtime_months": 4},
                        },
                    ],
                },
                {
                    "name": "annex",
                    "fit_out": "retrofit",
                    "max_conversions": 0,
                    "options": [
                        {
                            "fit_out": "retrofit",
                            "it_limit_mw": 10,
                            "slots": 100,
                            "air_heat_limit_mw": None,
                            "liquid_heat_limit_mw": None,
                        }
                    ],
                },
            ],
        }
    ],
    "fit_outs": {
        "air_barn": {"kind": "air_mining", "overhead": [[10, 0.03], [35, 0.06]], "heat_derate": [[30, 1.0], [45, 0.7]]},
        "retrofit": {"kind": "liquid_gpu", "overhead": 0.2, "tenant_air_share": 0.15},
    },
    "equipment": {
        "s21": {
            "catalogue": "antminer_s21",
            "block_units": 100,
            "buyable": True,
            "lead_months": 2,
            "price_usd": 3000,
            "resale_usd": 2000,
            "price_growth_per_year": -0.2,
            "uptime_share": 0.95,
        },
        "own": {
            "kind": "asic",
            "cooling": "air",
            "modes": [[80, 1800], [100, 2500]],
            "block_units": 50,
            "buyable": False,
            "lead_months": 0,
            "price_usd": 500,
            "resale_usd": 300,
            "price_growth_per_year": -0.3,
            "uptime_share": 0.9,
        },
        "gb200": {
            "catalogue": "gb200_nvl72",
            "rental_market": "h100",
            "block_units": 1,
            "buyable": True,
            "max_units": 40,
            "lead_months": 6,
            "resale_usd": 2e6,
            "price_growth_per_year": -0.2,
            "uptime_share": 0.98,
        },
    },
    "fleets": [
        {"equipment": "s21", "hall": "barn", "units": 8000},
        {"equipment": "own", "hall": "storage", "units": 50},
    ],
    "contracts": [
        {
            "name": "anchor",
            "kind": "colocation",
            "critical_it_mw": 12,
            "tranches": 2,
            "rent_usd_per_kw_month": 150,
            "escalator_per_year": 0.03,
            "term_months": 120,
            "first_service": "2027-07",
            "last_service": "2027-12",
            "lead_months": 3,
            "ramp": [0.25, 0.5],
            "load_factor": 0.8,
            "gross_up": 1.4,
            "pass_through_share": 1.0,
            "fit_outs": ["retrofit"],
            "sites": ["west"],
            "credit_probability": 0.95,
        },
        {
            "name": "lab",
            "kind": "colocation",
            "critical_it_mw": 2,
            "rent_usd_per_kw_month": 110,
            "term_months": 36,
            "first_service": "2027-04",
            "last_service": "2027-12",
            "load_factor": 0.6,
            "gross_up": 1.35,
            "pass_through_share": 0.0,
            "fit_outs": ["liquid_gpu"],
        },
    ],
    "one_of": [{"name": "either", "contracts": ["anchor", "lab"], "required": False}],
    "knobs": {"rent": {"paths": ["contracts[*].rent_usd_per_kw_month"], "scale": 1.1}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a dotted path replaced; DELETED removes it. sites.0.halls.1.name"""
    document = copy.deepcopy(DOCUMENT)
    put(document, path, value)
    return document


DELETED = object()


def put(document: Any, path: str, value: Any) -> None:
    """Replace, add or remove (DELETED) the value at a dotted path, in place."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        document = document[step]
    if value is DELETED:
        del document[last]
    elif isinstance(document, list) and last == len(document):
        document.append(value)
    else:
        document[last] = value


def write(folder: Path, document: dict[str, Any] | str) -> Path:
    """Put a scenario (JSON is YAML) and its series files into a folder."""
    text = document if isinstance(document, str) else _yaml(document)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    (folder / "hours.csv").write_text("time,price\n", encoding="utf-8")
    (folder / "ambient.csv").write_text("month,hour,day_type,p50\n", encoding="utf-8")
    return folder


def _yaml(document: dict[str, Any]) -> str:
    text = json.dumps(document, indent=1)
    return text.replace(": NaN", ": .nan").replace(": Infinity", ": .inf").replace(": -Infinity", ": -.inf")


def load(folder: Path, document: dict[str, Any] | str) -> LoadedScenario:
    """Write and load."""
    return load_scenario(write(folder, document))


def faults(folder: Path, document: dict[str, Any] | str) -> list[Fault]:
    """Faults of a document; empty if it has none."""
    try:
        load(folder, document)
    except ScenarioFaults as error:
        return error.faults
    return []
