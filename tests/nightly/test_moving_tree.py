"""Nights that move on over a tree: short periods come anew, and after a gap prices say which future has come."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.nightly.night import Night
from allocator.nightly.store.registry import State
from allocator.plan.reader import read_plan
from allocator.scenario.load import load_scenario
from allocator.scenario.uncertainty import Sampled
from tests.nightly.moving import run_night, write_months

LAW = {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.8}
TREE = {"kind": "sampled", "seed": 1, "branching": [{"month": 1, "children": 2}, {"month": 2, "children": 2}],
        "hashprice": LAW}  # fmt: skip
CHANGES = (
    ("horizon.periods", [{"months": 1, "count": 2}, {"months": 3, "count": 1}]),
    ("uncertainty", TREE),
)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Night]]:
    """June; July twice; then, after nights that were missed, September: in the shadow, and waiting for somebody."""
    home = tmp_path_factory.mktemp("tree")
    write_months(home, 5, *CHANGES)
    found = [run_night(home, 2027, 6, 1), run_night(home, 2027, 7, 5), run_night(home, 2027, 7, 5)]
    write_months(home, 5, *CHANGES, ("bitcoin.usd_per_ph_day", 70))
    found += [run_night(home, 2027, 9, 3, shadow=True), run_night(home, 2027, 9, 3, approval=True)]
    return home, found


def test_every_night_starts_in_its_month_and_the_same_one_is_one_run(nights: tuple[Path, list[Night]]) -> None:
    home, (june, july, again, shadow, waiting) = nights
    assert [night.state for night in (june, july, shadow, waiting)] == [
        State.PUBLISHED, State.PUBLISHED, State.SHADOW, State.AWAITING,
    ]  # fmt: skip
    assert again.run == july.run
    assert again.repeated
    plan = home / "store" / "current" / "plan"
    scenario = load_scenario(plan / "scenario").scenario
    assert scenario.horizon.node_months == (1, 1, 1, 1)
    assert isinstance(scenario.uncertainty, Sampled)
    assert [one.month for one in scenario.uncertainty.branching] == [1, 2]
    assert read_plan(plan).tables["nodes"]["start_month"].min() == "2027-07"


def test_after_a_gap_the_future_nearest_to_prices_is_the_one_that_came(nights: tuple[Path, list[Night]]) -> None:
    home, found = nights
    for night in found[3:]:
        assert [alert.kind for alert in night.alerts if alert.kind in ("moved_on", "not_moved_on")] == ["moved_on"]
        scenario = load_scenario(home / "store" / "plans" / night.plan / "scenario").scenario
        assert str(scenario.horizon.start) == "2027-09"
        assert {one.name for one in scenario.contracts if one.signed} == {"lab", "edge"}
