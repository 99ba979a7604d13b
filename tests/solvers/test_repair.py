"""Repairs come in order of cost, one lever moves many rows once, and no way contains an earlier one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers import Problem
from solvers.repair import Lever, Repair, cheapest_repairs
from tests.quick import examples
from tests.solvers.small import INF, problem

SECONDS = 60.0


def lever(price: float, rows: list[int], side: str, per_unit: list[float] | None = None, whole: bool = False) -> Lever:
    units = np.ones(len(rows)) if per_unit is None else np.array(per_unit)
    return Lever(price, np.array(rows), units, side, whole)  # type: ignore[arg-type]


def ways(case: Problem, *levers: Lever, most: int = 5) -> list[tuple[dict[int, float], float]]:
    found = cheapest_repairs(case, levers, most, SECONDS)
    assert all(repair.proven for repair in found)
    return [({at: pytest.approx(by) for at, by in repair.amounts.items()}, repair.total) for repair in found]


SHORT = problem("max", [1, 1], [[1, 0], [0, 1]], [(3, INF), (5, INF)], [(0, 2), (0, 2)])
"""One row misses 1, the other 3."""

APART = problem("min", [0], [[1], [1]], [(4, INF), (-INF, 2)], [(0, 9)])
"""x >= 4 and x <= 2."""


def test_one_lever_of_two_rows_is_paid_for_the_larger() -> None:
    assert ways(SHORT, lever(10.0, [0, 1], "lower")) == [({0: 3.0}, pytest.approx(30.0))]


def test_rows_that_a_unit_moves_further_need_less_of_it() -> None:
    """1 of the first row, 3 / 4 of the second."""
    assert ways(SHORT, lever(10.0, [0, 1], "lower", [1.0, 4.0])) == [({0: 1.0}, pytest.approx(10.0))]


def test_ways_are_ordered_by_cost_and_mixtures_of_one_found_are_none() -> None:
    found = ways(APART, lever(3.0, [0], "lower"), lever(2.0, [1], "upper"))
    assert found == [({1: 2.0}, pytest.approx(4.0)), ({0: 2.0}, pytest.approx(6.0))]


def test_whole_levers_move_by_whole_units() -> None:
    case = problem("min", [0], [[1], [1]], [(3.5, INF), (-INF, 2)], [(0, 9)])
    assert ways(case, lever(1.0, [0], "lower", whole=True)) == [({0: 2.0}, pytest.approx(2.0))]


def test_a_side_that_moves_out_leaves_the_other_where_it_is() -> None:
    """The lever of row 0 reaches far below 4, and x may still be as high as 6: the price is of row 1 alone."""
    case = problem("min", [0, 0], [[1, 0], [0, 1], [1, 1]], [(4, 4), (3, INF), (6, 6)], [(4, 6), (0, 2)])
    assert ways(case, lever(1.0, [0, 1], "lower")) == [({0: 1.0}, pytest.approx(1.0))]


def test_what_the_levers_cannot_restore_has_no_way() -> None:
    assert ways(SHORT, lever(1.0, [0], "lower")) == []


@examples(25)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=4), st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_every_minimal_set_of_levers_is_found_in_order(price: list[int], missing: list[int]) -> None:
    """Rows 0 and 1 sum to what rows 2 and 3 allow: brute force over all sets of levers."""
    sides = [(float(missing[0]), INF), (float(missing[1]), INF), (-INF, -float(missing[2])), (-INF, -float(missing[3]))]
    case = problem("min", [0, 0], [[1, 0], [0, 1], [1, 0], [0, 1]], sides, [(-99, 99)] * 2)
    levers = [lever(float(p), [k], "lower" if k < 2 else "upper") for k, p in enumerate(price)]
    gap = [missing[0] + missing[2], missing[1] + missing[3]]
    costs = sorted(price[a] * gap[0] + price[b] * gap[1] for a, b in ((0, 1), (0, 3), (2, 1), (2, 3)))
    found = cheapest_repairs(case, levers, 9, SECONDS)
    assert [repair.total for repair in found] == pytest.approx(costs)
    assert all(not _contains(one, other) for one, other in combinations(found, 2))


def _contains(earlier: Repair, later: Repair) -> bool:
    return set(earlier.amounts) <= set(later.amounts)
