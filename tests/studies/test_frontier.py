"""Frontiers whose points are known: `worst_paths` (127,800 and 46,800 USD with an order, 109,800 and 82,800 without,
equal at 1/3) and `released_collateral` (a Bitcoin sold costs 1,500 USD, and x of them keep a headroom of h)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.pipeline.method import DEFAULTS
from allocator.pipeline.progress import ignore
from allocator.pipeline.solve import verify_folder
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.frontier import headroom, worst_paths
from allocator.studies.frontier.knees import knees
from allocator.studies.frontier.points import Solves
from tests.cli.conftest import Command
from tests.studies.conftest import WORST_PATHS

HAND = WORST_PATHS.parent
SECURED = HAND / "released_collateral"
EXACT = Solves(replace(DEFAULTS, relative_gap=0.0), None, ignore)


def test_the_order_is_given_up_where_a_third_of_the_weight_is_on_the_worst_half() -> None:
    points = worst_paths.frontier(load_scenario(WORST_PATHS), [0.34, 0.0, 0.32], 0.5, EXACT).points
    assert [point.asked for point in points] == [0.0, 0.32, 0.34]
    known = [(127_800.0, 46_800.0), (127_800.0, 46_800.0), (109_800.0, 82_800.0)]
    for point, (expected, worst) in zip(points, known, strict=True):
        assert (point.best.expected_usd, point.best.safety) == pytest.approx((expected, worst))
        assert point.relative_gap == pytest.approx(0.0, abs=1e-9)


def sold_for(least: float) -> float:
    """Bitcoin to be sold so that what is left carries the debt: 58,500 x pays 1,740,000 and the loan down to
    level (100 - x), where the release level, 30,000 USD a Bitcoin, asks for no less."""
    level = min(30_000.0, (0.75 - least) * 45_000.0)
    return (1_740_000.0 + 2_400_000.0 - 100.0 * level) / (58_500.0 - level)


def test_each_headroom_costs_the_bitcoin_that_it_makes_the_company_sell() -> None:
    found = headroom.frontier(load_scenario(SECURED), [0.3, 0.0, 0.1, 0.2], EXACT)
    assert [point.asked for point in found.points] == [0.0, 0.1, 0.2, 0.3]
    for point in found.points:
        assert point.best.expected_usd == pytest.approx(1_860_000.0 - 1_500.0 * sold_for(point.asked), rel=1e-9)
        assert point.best.safety == pytest.approx(max(point.asked, 0.75 - 2 / 3), abs=1e-9)
        assert point.relative_gap == pytest.approx(0.0, abs=1e-9)


def test_a_headroom_that_no_plan_keeps_is_told_and_ends_nothing() -> None:
    fixed = [Setting("finance.opening_cash_usd", 2e6), Setting("loans[vault].may_prepay", False)]
    found = headroom.frontier(with_settings(load_scenario(SECURED), fixed), [0.25, 0.2], EXACT)
    assert [one.asked for one in found.refused] == [0.25]
    assert "least_headroom_share" in found.refused[0].reason
    assert [point.best.expected_usd for point in found.points] == pytest.approx([1_860_000.0])


@pytest.mark.parametrize(
    ("safety", "value", "bends"),
    [
        ([0.0, 0.8, 1.0], [1.0, 0.9, 0.0], [1]),
        ([0.0, 0.2, 1.0], [1.0, 0.1, 0.0], []),
        ([0.0, 0.5, 1.0], [1.0, 0.5, 0.0], []),
        ([0.0, 0.8, 0.8, 1.0], [1.0, 0.9, 0.9, 0.0], [1]),
        ([0.0, 0.4, 0.5, 0.9, 1.0], [1.0, 0.97, 0.5, 0.3, 0.0], [1, 3]),
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], []),
        ([0.0, 1.0], [1.0, 0.0], []),
    ],
)
def test_knees_lie_outside_the_chord_and_further_than_their_neighbours(
    safety: list[float], value: list[float], bends: list[int]
) -> None:
    assert np.flatnonzero(knees(np.array(safety), np.array(value))).tolist() == bends
    scaled = knees(7.0 + 1e-3 * np.array(safety), 1e9 * np.array(value) - 3e8)
    assert np.flatnonzero(scaled).tolist() == bends


def test_every_point_is_a_plan_on_disk_that_is_not_solved_twice(command: Command, tmp_path: Path) -> None:
    asked = ("frontier", SECURED, "--against", "ltv_headroom", "--headrooms", "0,0.25", "--out", tmp_path)
    shown = command(*asked, "--quiet")
    assert shown.code == 0
    assert "against the least LTV headroom before a margin call" in shown.out
    table = pd.read_parquet(tmp_path / "frontier.parquet")
    assert table["expected_usd"].tolist() == pytest.approx([1_800_000.0, 1_781_250.0])
    assert table["ltv_headroom_share"].tolist() == pytest.approx([0.75 - 2 / 3, 0.25])
    for name in table["plan"]:
        assert verify_folder(tmp_path / "plans" / name).passed
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "plans").rglob("plan.json")}
    again = command(*asked, "--quiet", "--json")
    assert again.json["points"][1]["expected_usd"] == pytest.approx(1_781_250.0)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "plans").rglob("plan.json")} == written


def test_the_picture_is_drawn_beside_the_table(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra reports")
    shown = command("frontier", WORST_PATHS, "--weights", "0.9,0", "--out", tmp_path, "--quiet")
    assert shown.code == 0
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"frontier.png", "frontier.svg"}


def test_the_page_says_what_is_decided_at_once(command: Command) -> None:
    shown = command("frontier", WORST_PATHS, "--weights", "0.9,0", "--quiet")
    assert shown.code == 0
    assert "mean of the worst 50 % of all paths" in shown.out
    lines = [line.split() for line in shown.out.splitlines()]
    told = [(line[:4], line[line.index("%") + 1 :]) for line in lines if "%" in line]
    assert (["0", "$127,800", "$0", "$46,800"], ["order", "250", "new"]) in told
    assert (["0.9", "$109,800", "$18,000", "$82,800"], ["nothing"]) in told


def test_a_nested_scenario_is_looked_at_by_its_worst_paths(command: Command) -> None:
    shown = command("frontier", HAND / "worst_children", "--weights", "0.5", "--quiet")
    assert shown.code == 0
    assert "$82,800" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((WORST_PATHS, "--weights", "0,1"), "expected numbers from 0 to below 1"),
        ((WORST_PATHS, "--weights", "much"), "expected numbers from 0 to below 1"),
        ((WORST_PATHS, "--weights", "0", "--level", "0.9"), "less than the least likely of 4"),
        ((WORST_PATHS, "--weights", "0.5", "--level", "0.9"), "finer than the least likely of 4 paths"),
        ((HAND / "thin_market",), "nothing is uncertain"),
        ((WORST_PATHS, "--against", "ltv_headroom"), "no loan is secured by Bitcoin"),
        ((SECURED, "--against", "ltv_headroom", "--headrooms", "0.8"), "below call_ltv"),
    ],
)
def test_what_has_no_frontier_is_told(arguments: tuple[object, ...], words: str, command: Command) -> None:
    ran = command("frontier", *map(str, arguments), "--quiet")
    assert ran.code == 2
    assert words in ran.err
