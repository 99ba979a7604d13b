"""The decisions of a plan in words: on what they hang, and what is the same whatever comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocator.cli.decisions import _lines
from allocator.pipeline.solve import compiled, solve_scenario
from allocator.scenario.load import load_scenario
from allocator.studies.decision_tree import Branch, Series, Step, _branches, decision_tree
from tests.cli.conftest import Command
from tests.scenarios.cases import SCENARIOS, solved

HASHPRICE = Series("hashprice", lambda value: f"{value:.1f}", np.array([0.0, 90.0, 40.0, 10.0]))
PRICE = Series("BTC", lambda value: f"{value:.1f}", np.array([0.0, 61.0, 60.0, 59.0]))
NODES, SHARE = np.array([1, 2, 3]), np.array([0.25, 0.25, 0.5])


def test_an_order_hangs_on_the_price_half_way_between_two_futures() -> None:
    """24 and 72 USD/PH/day: the geometric mean is 41.57. Machines are ordered where hashprice is high, once in ten."""
    folder = SCENARIOS / "hand" / "two_futures"
    root = decision_tree(compiled(load_scenario(folder)), solved(folder, "auto").plan.tables)
    high, low = root.branches
    assert (root.period, root.actions) == ("2027-04", ())
    assert high.condition == "hashprice at least 41.57 USD/PH/day"
    assert low.condition == "hashprice below 41.57 USD/PH/day"
    assert high.probability == pytest.approx(0.1)
    assert high.step.actions == ("order 1,000 miner",)
    assert not low.step.decides


def test_neighbours_after_which_the_same_is_done_are_one() -> None:
    """Of 90, 40 and 10 the lower two wait: the line is half-way between 90 and 40, of the series that differs most."""
    wait, convert = Step("2027-04", ()), Step("2027-04", ("convert hall",))
    high, low = _branches([PRICE, HASHPRICE], NODES, SHARE, [convert, wait, wait])
    assert high == Branch("hashprice at least 60.0", 0.25, convert)
    assert low == Branch("hashprice below 60.0", 0.75, wait)
    first, middle, last = _branches([PRICE, HASHPRICE], NODES, SHARE, [convert, wait, convert])
    assert middle.condition == "hashprice 20.0 to 60.0"
    assert first.step == last.step == convert
    assert _branches([HASHPRICE], NODES, SHARE, [wait, wait, wait]) == (Branch("", 1.0, wait),)


def test_what_is_done_whatever_comes_is_told_once() -> None:
    both = [Step("2027-04", ("convert a", f"order {count}")) for count in ("1 x", "2 x")]
    branches = tuple(Branch(f"case {k}", 0.5, step) for k, step in enumerate(both))
    told = list(_lines(Step("2027-01", ("sign c",), branches), ""))
    assert told == [
        "2027-01  sign c",
        "2027-04  in any case: convert a",
        "2027-04  if case 0 (50 %):",
        "    2027-04  order 1 x",
        "2027-04  if case 1 (50 %):",
        "    2027-04  order 2 x",
    ]


def test_the_command_prints_the_tree(command: Command, tmp_path: Path) -> None:
    solve_scenario(load_scenario(SCENARIOS / "hand" / "two_futures"), tmp_path / "plan")
    shown = command("decisions", tmp_path / "plan")
    assert shown.code == 0
    assert "2027-05  if hashprice at least 41.57 USD/PH/day (10 %):\n    2027-05  order 1,000 miner" in shown.out
    assert command("decisions", tmp_path / "plan", "--json").json["decisions"]["period"] == "2027-04"
    assert command("decisions", tmp_path).code == 2
