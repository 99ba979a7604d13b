"""Residuals are the largest distances from rows, bounds and whole values, with their place."""

from __future__ import annotations

import numpy as np

from solvers import solve
from solvers.residuals import residuals
from tests.solvers.small import INF, problem, random_problem

CASE = problem(
    "max",
    [1, 1],
    [[1, 1], [1, -1], [0, 2]],
    [(-INF, 4), (0, 1), (1, INF)],
    [(0, 3), (-1, 2)],
    [True, False],
)


def test_a_point_that_meets_everything_has_no_residual() -> None:
    found = residuals(CASE, np.array([2.0, 1.5]))
    assert found.worst == 0.0
    assert found.rows["R"].index == {}


def test_each_kind_of_violation_has_its_amount_and_place() -> None:
    found = residuals(CASE, np.array([3.4, -2.0]))
    assert (round(found.rows["R"].amount, 9), found.rows["R"].index) == (5.0, {"r": 2})
    assert (round(found.bounds["X"].amount, 9), found.bounds["X"].index) == (1.0, {"c": 1})
    assert (round(found.integrality["X"].amount, 9), found.integrality["X"].index) == (0.4, {"c": 0})
    assert round(found.worst, 9) == 5.0


def test_nan_and_infinite_points_are_infinitely_wrong() -> None:
    assert residuals(CASE, np.array([np.nan, 0.0])).worst == INF
    assert residuals(CASE, np.array([INF, 0.0])).bounds["X"].amount == INF


def test_solved_points_are_within_tolerance() -> None:
    for seed in range(10):
        case = random_problem(seed, integers=3)
        assert residuals(case, solve(case).point()).worst < 1e-5
