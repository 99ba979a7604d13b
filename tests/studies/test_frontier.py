"""The frontier of `worst_paths`: 127,800 and 46,800 USD with an order, 109,800 and 82,800 without, equal at 1/3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allocator.pipeline.method import DEFAULTS
from allocator.scenario.load import load_scenario
from allocator.studies.frontier import frontier
from tests.cli.conftest import Command
from tests.studies.conftest import WORST_PATHS

HAND = WORST_PATHS.parent


def test_the_order_is_given_up_where_a_third_of_the_weight_is_on_the_worst_half() -> None:
    request = replace(DEFAULTS, relative_gap=0.0)
    points = frontier(load_scenario(WORST_PATHS), [0.34, 0.0, 0.32], 0.5, request)
    assert [point.weight for point in points] == [0.0, 0.32, 0.34]
    known = [(127_800.0, 46_800.0), (127_800.0, 46_800.0), (109_800.0, 82_800.0)]
    for point, (expected, worst) in zip(points, known, strict=True):
        assert (point.best.expected_usd, point.best.worst_usd) == pytest.approx((expected, worst))
        assert point.relative_gap == pytest.approx(0.0, abs=1e-9)


def test_the_page_says_what_is_decided_at_once(command: Command) -> None:
    shown = command("frontier", WORST_PATHS, "--weights", "0.9,0", "--quiet")
    assert shown.code == 0
    assert "mean of the worst 50 % of all paths" in shown.out
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["0", "$0.13", "M", "$46,800", "0", "%", "order", "250", "new"] in lines
    assert ["0.9", "$0.11", "M", "$82,800", "0", "%", "nothing"] in lines


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((WORST_PATHS, "--weights", "0,1"), "expected numbers from 0 to below 1"),
        ((WORST_PATHS, "--weights", "much"), "expected numbers from 0 to below 1"),
        ((WORST_PATHS, "--weights", "0", "--level", "0.9"), "less than the least likely of 4"),
        ((WORST_PATHS, "--weights", "0.5", "--level", "0.9"), "finer than the least likely of 4 paths"),
        ((HAND / "thin_market",), "nothing is uncertain"),
    ],
)
def test_what_has_no_frontier_is_told(arguments: tuple[object, ...], words: str, command: Command) -> None:
    ran = command("frontier", *map(str, arguments), "--quiet")
    assert ran.code == 2
    assert words in ran.err
