"""Prices of integer problems are those left after fixing the integers, and say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from solvers import SolveOptions, SolverError, solve
from solvers.duals import fix_and_price, fixed, relaxed
from tests.quick import examples
from tests.solvers.small import INF, problem, random_problem, seeds


def test_prices_belong_to_the_integers_as_they_are() -> None:
    """Three machines of 2 MW at 5 each, power worth 4 a MW up to the limit of 5 MW: the limit binds at two machines."""
    case = problem("max", [4, -5], [[1, -2], [1, 0]], [(-INF, 0), (-INF, 5)], [(0, INF), (0, 3)], [False, True])
    result = solve(case, options=SolveOptions(relative_gap=0.0))
    priced = fix_and_price(case, result.point())
    assert priced.duals is not None
    assert priced.duals.fixed_integers
    assert priced.primal_bound == pytest.approx(6.0)
    assert priced.duals.row.tolist() == pytest.approx([4.0, 0.0])


def test_prices_of_a_linear_problem_are_its_own() -> None:
    case = random_problem(4)
    priced = fix_and_price(case, solve(case).point())
    assert priced.duals is not None
    assert not priced.duals.fixed_integers


@examples(20)
@given(seeds)
def test_fixing_keeps_the_optimum_and_relaxing_never_worsens_it(seed: int) -> None:
    case = random_problem(seed, integers=4)
    result = solve(case, options=SolveOptions(relative_gap=0.0))
    assert result.primal_bound is not None
    held = solve(fixed(case, result.point()))
    assert held.primal_bound == pytest.approx(result.primal_bound, abs=1e-6)
    free = solve(relaxed(case)).primal_bound
    assert free is not None
    assert free >= result.primal_bound - 1e-6


def test_a_point_whose_integers_break_a_row_has_no_prices() -> None:
    case = problem("max", [1], [[1]], [(-INF, 2)], [(0, 9)], [True])
    with pytest.raises(SolverError, match="infeasible"):
        fix_and_price(case, np.array([5.0]))
