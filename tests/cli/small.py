"""A month, a hall of machines, a hall for tenants, four offers: solved in well under a second, and easily spoiled."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def hall(name: str, fit_out: str, it_limit_mw: float) -> dict[str, Any]:
    """A hall that stays what it is."""
    limits = {"slots": 2000, "air_heat_limit_mw": None, "liquid_heat_limit_mw": 0}
    return {"name": name, "fit_out": fit_out, "options": [{"fit_out": fit_out, "it_limit_mw": it_limit_mw, **limits}]}


SERIES = {"kind": "file", "file": "days.csv", "time_column": "day", "time_zone": "UTC"}


def offer(name: str, mw: float, rent: float, **more: Any) -> dict[str, Any]:
    """A contract that starts with the horizon."""
    service = {"term_months": 12, "first_service": "2027-06", "last_service": "2027-06"}
    terms = {"load_factor": 1, "gross_up": 1.2, "pass_through_share": 1, "fit_outs": ["gpu_hall"]}
    size = {"critical_it_mw": mw, "rent_usd_per_kw_month": rent}
    return {"name": name, "kind": "colocation", **size, **service, **terms, **more}


DOCUMENT: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "horizon": {"start": "2027-06", "months": 1, "time_zone": "UTC"},
    "discount": {"operations_per_year": 0, "contracted_per_year": 0},
    "finance": {"opening_cash_usd": 1e6},
    "terminal": {"tail_years": 0, "hashprice_growth_per_year": 0, "halving_hashprice_share": 0.5},
    "bitcoin": {"kind": "hashprice", "usd_per_ph_day": 48, "pool_fee_share": 0, "sale_fee_share": 0},
    "series": {
        "price": {**SERIES, "column": "price_usd_per_mwh", "unit": "USD/MWh"},
        "ambient": {**SERIES, "column": "ambient_c", "unit": "C"},
    },
    "sites": [
        {
            "name": "site",
            "power_limit_mw": 20,
            "price": {"series": "price"},
            "ambient": {"series": "ambient"},
            "fixed_opex_usd_per_month": 0,
            "halls": [hall("tenants", "gpu_hall", 5), hall("machines", "barn", 5)],
        }
    ],
    "fit_outs": {"gpu_hall": {"kind": "air_gpu", "overhead": 0}, "barn": {"kind": "air_mining", "overhead": 0}},
    "equipment": {
        "s21": {
            "catalogue": "antminer_s21",
            "block_units": 100,
            "buyable": False,
            "lead_months": 0,
            "price_usd": 3000,
            "resale_usd": 0,
            "price_growth_per_year": 0,
            "uptime_share": 1,
        }
    },
    "fleets": [{"equipment": "s21", "hall": "machines", "units": 1000}],
    "contracts": [offer("big", 4, 100), offer("lab", 3, 120), offer("edge", 2, 90)],
}


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """A copy with values at dotted paths replaced, added or appended: ("sites.0.power_limit_mw", -1)."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place = document
        for step in steps:
            place = place[step]
        if isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return document


def days(count: int = 30) -> str:
    """Daily prices and temperatures of June 2027."""
    rows = [f"2027-06-{day:02d},40,25" for day in range(1, count + 1)]
    return "\n".join(["day,price_usd_per_mwh,ambient_c", *rows]) + "\n"


def write(folder: Path, document: Mapping[str, Any] | str = DOCUMENT, series: str | None = None) -> Path:
    """A scenario folder; `document` is YAML text, or data (JSON is YAML)."""
    folder.mkdir(parents=True)
    text = document if isinstance(document, str) else json.dumps(document, indent=1, ensure_ascii=False)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    (folder / "days.csv").write_text(days() if series is None else series, encoding="utf-8")
    return folder
