"""A plan whose value and cash on fresh paths are known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import parse_setting, with_settings
from allocator.studies.compared import Asked, Compared, filled
from tests.cli.conftest import Command, command, solved
from tests.conftest import REPOSITORY

__all__ = ["Command", "command", "solved"]

VOLATILITY, BTC_VOLATILITY = 0.9, 1.5
WORST_PATHS = REPOSITORY / "scenarios" / "hand" / "worst_paths"
FORCED_SALE = REPOSITORY / "scenarios" / "hand" / "forced_sale"
MakePlan = Callable[..., Compared]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plans of `plan` are kept."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def plan(kept: Path) -> MakePlan:
    """The plan of a hand scenario, by the rule of a baseline or with settings, solved once for a test run."""
    known: dict[tuple[str, ...], Compared] = {}

    def made(name: str, *settings: str, rule: str = "") -> Compared:
        key = (name, rule, *settings)
        if key not in known:
            folder = REPOSITORY / "scenarios" / "hand" / name
            loaded = with_settings(load_scenario(folder), [parse_setting(text) for text in settings])
            found = filled(Asked(" ".join(key), loaded, rule=rule), kept, SolveRequest(relative_gap=0.0))
            assert isinstance(found, Compared)
            known[key] = found
        return known[key]

    return made


@pytest.fixture(scope="session")
def mined_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One megawatt of old machines, free power: May earns 55,800 USD, June 900 USD a dollar of hashprice.

    Least cash is what a hashprice of 40 in June leaves. The plan stands on a tree of four nodes.
    """
    document = read_scenario(WORST_PATHS)
    del document["risk"]
    document["finance"] = {
        "opening_cash_usd": 1e6,
        "minimum_cash_usd": 1e6 + 55_800 + 900 * 40,
        "minimum_cash_rule": {"kind": "priced"},
    }
    document["equipment"]["new"]["buyable"] = False
    law = {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": VOLATILITY}
    document["uncertainty"] = {
        "kind": "sampled",
        "seed": 1,
        "branching": [{"month": 1, "children": 3}],
        "hashprice": law,
    }
    return _solved(document, WORST_PATHS, tmp_path_factory.mktemp("mined"))


@pytest.fixture(scope="session")
def pledged_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loan of 3.6 M USD on 40 of 100 BTC at 60,000 USD; in May, which dips by a tenth, the price is lognormal."""
    document = read_scenario(FORCED_SALE)
    law = {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": BTC_VOLATILITY}
    document["uncertainty"] = {
        "kind": "sampled",
        "seed": 1,
        "branching": [{"month": 1, "children": 3}],
        "btc_price": {"changes": law},
        "difficulty": {"treatment": "averaged", "elasticity": 0.0, "half_life_months": 6.0, "volatility_per_year": 0.0},
    }
    return _solved(document, FORCED_SALE, tmp_path_factory.mktemp("pledged"))


def read_scenario(folder: Path) -> dict[str, Any]:
    found = YAML(typ="safe", pure=True).load((folder / "scenario.yaml").read_text())
    assert isinstance(found, dict)
    return found


def write_scenario(document: dict[str, Any], series_of: Path, home: Path) -> Path:
    """A scenario with the series of another one."""
    (home / "days.csv").write_bytes((series_of / "days.csv").read_bytes())
    with (home / "scenario.yaml").open("w") as stream:
        YAML(typ="safe", pure=True).dump(document, stream)
    return home


def _solved(document: dict[str, Any], series_of: Path, home: Path) -> Path:
    """The plan of such a scenario."""
    solve_scenario(load_scenario(write_scenario(document, series_of, home)), home / "plan")
    return home / "plan"
