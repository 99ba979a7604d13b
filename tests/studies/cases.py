"""Small uncertain scenarios and their plans, solved once for a test run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from allocator.instance.types import Instance
from allocator.pipeline.api import solve
from allocator.pipeline.solve import compiled
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario, load_scenario
from tests.instance.scenario_files import document, write

RETURNS = {"kind": "reverting", "treatment": "branched", "half_life_months": 6.0, "volatility_per_year": 0.8}
WANDERS = {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.9}


@dataclass(frozen=True)
class Solved:
    """A scenario, its instance, its plan."""

    loaded: LoadedScenario
    instance: Instance
    plan: Plan


def _few_hours() -> dict[str, Any]:
    changed = document()
    changed["horizon"]["hours"] = {"representative_days": 3}
    changed["equipment"]["server"] |= {"air_heat_share": 0.15, "liquid_heat_share": 0.85}  # as tenants: limits nest
    return changed


def of_hashprice() -> dict[str, Any]:
    """A hashprice that returns to its path, four children."""
    changed = _few_hours()
    changed["uncertainty"] = {
        "kind": "sampled",
        "seed": 1,
        "branching": [{"month": 1, "children": 4}],
        "hashprice": RETURNS,
    }
    return changed


def of_everything() -> dict[str, Any]:
    """Price, difficulty, rental rates and power move; Bitcoin is sold from holdings; a put and a block are held."""
    changed = _few_hours()
    level = {name: value for name, value in RETURNS.items() if name != "kind"}
    changed["bitcoin"] = {
        "kind": "network",
        "btc_price_usd": 9e4,
        "difficulty": 1.2e14,
        "fee_share_of_subsidy": 0.01,
        "pool_fee_share": 0.01,
        "sale_fee_share": 0.002,
    }
    changed["treasury"] = {
        "opening_btc": 20.0,
        "policy": {"kind": "fixed_schedule", "sell_btc_by_month": [5.0, 5.0, 5.0]},
        "settlement_days": 4.0,
    }
    changed["hedges"] = [
        {"name": "floor", "kind": "btc_put", "put_strike_usd": 9e4, "expiry_month": "2028-05", "opening_btc": 3.0},
        {
            "name": "block",
            "kind": "power_swap",
            "site": "west",
            "fixed_usd_per_mwh": 45.0,
            "first_month": "2028-03",
            "last_month": "2028-05",
            "days": "weekdays",
            "opening_mw": 2.0,
        },
    ]
    changed["fleets"].append({"equipment": "server", "hall": "storage", "units": 4})
    changed["uncertainty"] = {
        "kind": "sampled",
        "seed": 1,
        "branching": [{"month": 1, "children": 3}],
        "btc_price": {"changes": WANDERS},
        "difficulty": {
            "treatment": "branched",
            "elasticity": 0.5,
            "half_life_months": 4.0,
            "volatility_per_year": 0.3,
        },
        "gpu_rental": {"h100": level},
        "power": {"texas": {**level, "sites": ["west"]}},
    }
    return changed


@cache
def solved(make: Callable[[], dict[str, Any]], folder: Path) -> Solved:
    """The plan of a scenario written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    loaded = load_scenario(write(folder, make()))
    return Solved(loaded, compiled(loaded), solve(loaded).plan)
