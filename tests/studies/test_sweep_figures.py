"""Figures that a sweep keeps of a plan on a tree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from allocator.plan.reader import read_plan
from allocator.studies.sweep.figures import COLUMNS, figures
from allocator.studies.sweep.paths import chance_of_any

TREE = pd.DataFrame(
    {
        "node": ["r", "a", "b", "a1", "a2"],
        "parent": ["", "r", "r", "a", "a"],
        "probability": [1.0, 0.6, 0.4, 0.24, 0.36],
    }
)


@pytest.mark.parametrize(
    ("marked", "chance"), [((), 0.0), (("a", "a1"), 0.6), (("a1", "b"), 0.64), (("r", "a2"), 1.0), (("a1", "a2"), 0.6)]
)
def test_a_path_counts_once_however_often_it_is_marked(marked: tuple[str, ...], chance: float) -> None:
    assert chance_of_any(TREE, marked) == pytest.approx(chance)


def test_bitcoin_adds_up_and_calls_are_those_of_the_collateral(pledged_plan: Path) -> None:
    plan = read_plan(pledged_plan)
    found = figures(plan)
    assert list(found) == list(COLUMNS)
    held, tables = plan.tables["treasury"], plan.tables
    chance = tables["nodes"].set_index("node")["probability"]
    seized, bought = ((held[name] * held["node"].map(chance)).sum() for name in ("seized_btc", "bought_btc"))
    opening = held["opening_btc"].iloc[0]
    closing = opening + found["mined_btc"] + bought - seized - found["sold_btc"]  # type: ignore[operator]
    assert found["held_btc"] == pytest.approx(closing)
    levels = tables["collateral"]["call_ltv_share"] - tables["collateral"]["ltv_before_share"]
    assert found["ltv_headroom_share"] == levels.min()
    assert (found["call_probability"] > 0) == (levels.min() < 0)  # type: ignore[operator]
