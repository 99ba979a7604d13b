"""`allocator evaluate`: what it prints is what the study found; what cannot be drawn is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.studies.evaluate import evaluate
from tests.cli.conftest import Command
from tests.conftest import REPOSITORY

HAND = REPOSITORY / "scenarios" / "hand"


def test_the_page_and_the_object_say_what_was_found(mined_plan: Path, command: Command) -> None:
    known = evaluate(mined_plan, 500, seed=1)
    told = command("evaluate", mined_plan, "--paths", "500", "--json").json
    assert told["npv_usd"]["value"] == pytest.approx(known.npv_usd.mean())
    assert told["cash_below_minimum_share"]["value"] == 1.0
    assert [row["period"] for row in told["periods"]] == ["2027-05", "2027-06"]
    shown = command("evaluate", mined_plan, "--paths", "500")
    assert shown.code == 0
    assert "500 fresh paths, seed 1" in shown.out
    assert "its tree's 3 paths" in shown.out


def test_a_plan_of_one_path_is_evaluated_under_the_processes_of_another_scenario(
    mined_plan: Path, command: Command
) -> None:
    """The plan itself has processes; named again they are the same."""
    own, named = (
        command("evaluate", mined_plan, "--paths", "50", "--json", *more).json
        for more in ((), ("--under", mined_plan / "scenario"))
    )
    assert own == named


def test_what_cannot_be_drawn_is_told(mined_plan: Path, command: Command) -> None:
    for scenario, words in (("two_futures", "no processes to draw paths from"), ("nothing", "no such file")):
        ran = command("evaluate", mined_plan, "--under", HAND / scenario)
        assert ran.code == 2
        assert words in ran.err
    assert command("evaluate", HAND).code == 2
