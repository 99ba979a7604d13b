"""A plan whose value and cash on fresh paths are known in closed form."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from tests.cli.conftest import Command, command
from tests.conftest import REPOSITORY

__all__ = ["Command", "command"]

VOLATILITY = 0.9
WORST_PATHS = REPOSITORY / "scenarios" / "hand" / "worst_paths"


@pytest.fixture(scope="session")
def mined_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One megawatt of old machines, free power: May earns 55,800 USD, June 900 USD a dollar of hashprice.

    Least cash is what a hashprice of 40 in June leaves. The plan stands on a tree of four nodes.
    """
    document = YAML(typ="safe", pure=True).load((WORST_PATHS / "scenario.yaml").read_text())
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
    home = tmp_path_factory.mktemp("mined")
    (home / "days.csv").write_bytes((WORST_PATHS / "days.csv").read_bytes())
    with (home / "scenario.yaml").open("w") as stream:
        YAML(typ="safe", pure=True).dump(document, stream)
    solve_scenario(load_scenario(home), home / "plan")
    return home / "plan"
