"""Writes a scenario of many mining sites with tight capital: the instance family of the decomposition benchmark.

Each site has three air-cooled halls and four ASIC models that may stand in any of them (twelve segments), one
conversion a hall and three colocation offers. Capital pays for about a third of what would be worth buying.
Prices and weather are expanded from the West Texas profiles of the bundled scenario, another path a site.

    python -m benchmarks.portfolio FOLDER SITES MONTHS
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

BUNDLED = Path(__file__).parents[1] / "scenarios" / "texas_pivot"
PROFILES = ("west_price_profile.csv", "midland_ambient_profile.csv")
MODELS = {
    "s19_xp": {"catalogue": "antminer_s19_xp", "price_usd": 560, "resale_usd": 400, "buyable": False, "lead_months": 0},
    "s21": {"catalogue": "antminer_s21", "price_usd": 1540, "resale_usd": 1100, "buyable": True, "lead_months": 2},
    "s21_pro": {
        "catalogue": "antminer_s21_pro",
        "price_usd": 2100,
        "resale_usd": 1500,
        "buyable": True,
        "lead_months": 3,
    },
    "s21_xp": {
        "catalogue": "antminer_s21_xp",
        "price_usd": 3100,
        "resale_usd": 2200,
        "buyable": True,
        "lead_months": 3,
    },
}
CAPITAL_USD_PER_SITE = 45e6


def portfolio(sites: int, months: int, seed: int = 1) -> dict[str, object]:
    """The scenario as plain data."""
    rng = np.random.default_rng(seed)
    names = [f"site_{k}" for k in range(sites)]
    return {
        "version": 1,
        "name": f"portfolio_{sites}x{months}",
        "description": "Synthetic portfolio for benchmarks.",
        "horizon": {
            "start": "2027-01",
            "months": months,
            "time_zone": "America/Chicago",
            "decision_every_months": 3,
            "hours": "full",
        },
        "discount": {"operations_per_year": 0.12, "contracted_per_year": 0.09},
        "finance": {
            "opening_cash_usd": CAPITAL_USD_PER_SITE * sites,
            "minimum_cash_usd": 0,
            "capex_budget_usd": CAPITAL_USD_PER_SITE * sites,
        },
        "terminal": {"hashprice_growth_per_year": -0.05, "halving_hashprice_share": 0.65},
        "bitcoin": {
            "kind": "hashprice",
            "usd_per_ph_day": {"start": 45, "growth_per_year": -0.1},
            "pool_fee_share": 0.005,
            "sale_fee_share": 0.002,
        },
        "series": _series(sites),
        "sites": [_site(name, k) for k, name in enumerate(names)],
        "fit_outs": FIT_OUTS,
        "equipment": {name: {**model, **MODEL_TERMS} for name, model in MODELS.items()},
        "fleets": [fleet for name in names for fleet in _fleets(name, rng)],
        "contracts": [contract for name in names for contract in _contracts(name, months, rng)],
    }


MODEL_TERMS = {"block_units": 100, "price_growth_per_year": -0.25, "install_usd": 25, "uptime_share": 0.95}
FIT_OUTS = {
    "barn": {
        "kind": "air_mining",
        "overhead": [[10, 0.03], [35, 0.06], [42, 0.1]],
        "heat_derate": [[30, 1.0], [42, 0.8]],
    },
    "retrofit": {
        "kind": "liquid_gpu",
        "overhead": [[10, 0.1], [35, 0.2]],
        "liquid_derate": [[35, 1.0], [45, 0.9]],
        "tenant_air_share": 0.15,
    },
}


def _series(sites: int) -> dict[str, object]:
    prices, weather = PROFILES
    found: dict[str, object] = {}
    for k in range(sites):
        found[f"price_{k}"] = {"kind": "profile", "file": prices, "unit": "USD/MWh", "seed": k}
        found[f"ambient_{k}"] = {"kind": "profile", "file": weather, "unit": "C", "seed": k}
    return found


def _site(name: str, k: int) -> dict[str, object]:
    return {
        "name": name,
        "power_limit_mw": 100,
        "price": {"series": f"price_{k}", "adder_usd_per_mwh": 5},
        "ambient": {"series": f"ambient_{k}"},
        "fixed_opex_usd_per_month": 200e3,
        "design_ambient_c": 42,
        "halls": [_hall(f"{name}_{letter}") for letter in "abc"],
    }


def _hall(name: str) -> dict[str, object]:
    return {
        "name": name,
        "fit_out": "barn",
        "options": [
            {"fit_out": "barn", "it_limit_mw": 40, "slots": 13000, "air_heat_limit_mw": 40, "liquid_heat_limit_mw": 0},
            {
                "fit_out": "retrofit",
                "it_limit_mw": 24,
                "slots": 100,
                "air_heat_limit_mw": 6,
                "liquid_heat_limit_mw": 25,
                "conversion": {"capex_usd_per_mw": 3.6e6, "lead_months": 6, "downtime_months": 4},
            },
        ],
    }


def _fleets(site: str, rng: np.random.Generator) -> list[dict[str, object]]:
    halls = [f"{site}_{letter}" for letter in "abc"]
    units = rng.integers(20, 65, (3, 2)) * 100
    return [
        {"equipment": model, "hall": hall, "units": int(units[k, m])}
        for k, hall in enumerate(halls)
        for m, model in enumerate(("s19_xp", "s21"))
    ]


def _contracts(site: str, months: int, rng: np.random.Generator) -> list[dict[str, object]]:
    start = np.datetime64("2027-01", "M")
    found: list[dict[str, object]] = []
    for k in range(3):
        first = int(rng.integers(6, max(7, months // 2)))
        found.append(
            {
                "name": f"{site}_offer_{k}",
                "kind": "colocation",
                "critical_it_mw": float(rng.choice([5, 10, 20])),
                "rent_usd_per_kw_month": round(float(rng.uniform(95, 140)), 2),
                "term_months": 120,
                "first_service": str(start + first),
                "last_service": str(start + min(first + 6, months - 1)),
                "load_factor": 0.8,
                "gross_up": 1.4,
                "pass_through_share": 1.0,
                "fit_outs": ["retrofit"],
                "sites": [site],
                "credit_probability": 0.9,
            }
        )
    return found


def write_portfolio(folder: Path, sites: int, months: int) -> None:
    """Write scenario.yaml and the profiles it reads into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROFILES:
        shutil.copyfile(BUNDLED / name, folder / name)
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(portfolio(sites, months), file)


if __name__ == "__main__":
    write_portfolio(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
