"""A small scenario folder with hourly files, for tests that go through the files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.scenario.load import load_scenario

START_UTC, END_UTC = "2028-03-01T06", "2028-06-01T05"
"""March, April (with a halving) and May 2028 on the clock of Chicago."""

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "horizon": {
        "start": "2028-03",
        "months": 3,
        "time_zone": "America/Chicago",
        "periods": [{"months": 1, "count": 1}, {"months": 2, "count": 1}],
    },
    "discount": {"operations_per_year": 0.12, "contracted_per_year": 0.09},
    "finance": {"opening_cash_usd": 5e6},
    "terminal": {"hashprice_growth_per_year": -0.05, "halving_hashprice_share": 0.65},
    "bitcoin": {"kind": "hashprice", "usd_per_ph_day": 48.0, "pool_fee_share": 0.01, "sale_fee_share": 0.0},
    "gpu_rental": {"h100": {"usd_per_gpu_hour": 2.0, "sold_share": 0.7}},
    "series": {
        "spot": {"kind": "file", "file": "hours.csv", "column": "price", "unit": "USD/MWh", "time_column": "utc",
                 "time_zone": "UTC"},
        "air": {"kind": "file", "file": "hours.csv", "column": "ambient", "unit": "C", "time_column": "utc",
                "time_zone": "UTC"},
    },
    "sites": [
        {
            "name": "west",
            "power_limit_mw": 20.0,
            "price": {"series": "spot", "adder_usd_per_mwh": 5.0, "scale": 1.1},
            "ambient": {"series": "air"},
            "fixed_opex_usd_per_month": {"by_month": [100.0, 200.0, 400.0]},
            "halls": [
                {
                    "name": "barn",
                    "fit_out": "air",
                    "options": [
                        {"fit_out": "air", "it_limit_mw": 10.0, "slots": 5000, "air_heat_limit_mw": 9.0,
                         "liquid_heat_limit_mw": 0.0},
                        {"fit_out": "racks", "it_limit_mw": 8.0, "slots": 50, "air_heat_limit_mw": None,
                         "liquid_heat_limit_mw": 6.0,
                         "conversion": {"capex_usd_per_mw": {"by_month": [1e6, 2e6, 3e6]}, "lead_months": 1,
                                        "downtime_months": 1}},
                    ],
                },
                {"name": "shell", "fit_out": "bare",
                 "options": [{"fit_out": "bare", "it_limit_mw": 0.0, "slots": 0, "air_heat_limit_mw": 0.0,
                              "liquid_heat_limit_mw": 0.0}]},
            ],
        }
    ],
    "fit_outs": {
        "air": {"kind": "air_mining", "overhead": [[10, 0.02], [30, 0.06]], "heat_derate": [[30, 1.0], [40, 0.8]]},
        "racks": {"kind": "liquid_gpu", "overhead": 0.2, "no_load_share": 0.01, "liquid_derate": [[30, 1.0], [40, 0.5]],
                  "tenant_air_share": 0.15},
        "bare": {"kind": "empty", "overhead": 0.0},
    },
    "equipment": {
        "miner": {"kind": "asic", "cooling": "air", "modes": [[100.0, 1500.0], [110.0, 2400.0], [150.0, 3000.0]],
                  "block_units": 10, "buyable": True, "max_units": 500, "lead_months": 1, "price_usd": 2000.0,
                  "resale_usd": 1000.0, "price_growth_per_year": -0.2, "install_usd": 30.0, "uptime_share": 0.9,
                  "maintenance_usd_per_mwh": 2.0},
        "server": {"kind": "gpu", "power_kw": 10.0, "gpus": 8, "air_heat_share": 0.2, "liquid_heat_share": 0.8,
                   "idle_share": 0.2, "rental_market": "h100", "block_units": 1, "buyable": False, "lead_months": 0,
                   "price_usd": 3e5, "resale_usd": 2e5, "price_growth_per_year": 0.0, "uptime_share": 0.95},
    },
    "fleets": [{"equipment": "miner", "hall": "barn", "units": 1000}, {"equipment": "miner", "hall": "storage",
                                                                      "units": 20}],
    "contracts": [
        {"name": "tenant", "kind": "colocation", "critical_it_mw": 4.0, "rent_usd_per_kw_month": 150.0,
         "term_months": 14, "first_service": "2028-04", "last_service": "2028-05", "lead_months": 1,
         "load_factor": 0.8, "gross_up": 1.4, "pass_through_share": 1.0, "fit_outs": ["liquid_gpu"],
         "signing_capex_usd": 1e5, "fit_out_capex_usd_per_mw": 5e4, "credit_probability": 0.9},
        {"name": "rival", "kind": "colocation", "critical_it_mw": 2.0, "rent_usd_per_kw_month": 100.0,
         "term_months": 3, "first_service": "2028-03", "last_service": "2028-05", "load_factor": 1.0, "gross_up": 1.3,
         "pass_through_share": 0.0, "fit_outs": ["racks"]},
    ],
    "one_of": [{"name": "anchor", "contracts": ["tenant", "rival"]}],
}  # fmt: skip


def document() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(DOCUMENT)


def hours() -> pd.DataFrame:
    """Spot 30 USD/MWh in March and 50 after; 20 degrees but for one hour of March at 40 and one of May at 35."""
    utc = np.arange(START_UTC, END_UTC, dtype="datetime64[h]")
    price = np.where(utc < np.datetime64("2028-04-01T05"), 30.0, 50.0)
    ambient = np.full(len(utc), 20.0)
    ambient[utc == np.datetime64("2028-03-10T20")] = 40.0
    ambient[utc == np.datetime64("2028-05-10T20")] = 35.0
    return pd.DataFrame({"utc": utc.astype("datetime64[s]").astype(str), "price": price, "ambient": ambient})


def write(folder: Path, changed: dict[str, Any] | None = None, table: pd.DataFrame | None = None) -> Path:
    """Write scenario and hours into `folder`."""
    (hours() if table is None else table).to_csv(folder / "hours.csv", index=False)
    with (folder / "scenario.yaml").open("w") as stream:
        YAML(typ="safe", pure=True).dump(changed or document(), stream)
    return folder


def compiled(folder: Path, changed: dict[str, Any] | None = None, table: pd.DataFrame | None = None) -> Instance:
    """The instance of the scenario written into `folder`."""
    return compile_instance(load_scenario(write(folder, changed, table)))
