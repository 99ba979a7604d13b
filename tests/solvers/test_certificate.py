"""Certificates recompute what they state, and their safe bound never beats the optimum."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from solvers import Problem, SolveOptions, solve
from solvers.certificate import certify, root_duals
from solvers.problem import Sense
from solvers.residuals import residuals
from solvers.safe_bound import safe_dual_bound
from tests.quick import examples
from tests.solvers.small import INF, problem, random_problem, seeds, senses


def beats(problem: Problem, bound: float, optimum: float) -> bool:
    """Whether the bound claims that the optimum cannot be reached."""
    return bound < optimum if problem.sense == "max" else bound > optimum


@examples(60)
@given(seeds, senses)
def test_the_safe_bound_at_the_solvers_duals_is_the_optimum_of_the_relaxation(seed: int, sense: Sense) -> None:
    case = random_problem(seed, sense=sense)
    duals = root_duals(case)
    assert duals is not None
    assert safe_dual_bound(case, duals) == pytest.approx(solve(case).primal_bound, abs=1e-6)


@examples(40)
@given(seeds, senses)
def test_the_safe_bound_never_beats_the_integer_optimum(seed: int, sense: Sense) -> None:
    case = random_problem(seed, integers=8, sense=sense)
    duals = root_duals(case)
    assert duals is not None
    bound = safe_dual_bound(case, duals)
    best = np.round(solve(case, options=SolveOptions(relative_gap=0.0)).point())
    assert residuals(case, best).worst == 0.0  # all data are whole numbers: the rounded point is exact
    assert bound is not None
    assert not beats(case, bound, _exact_objective(case, best))


def _exact_objective(case: Problem, x: np.ndarray) -> float:
    return float(sum(Fraction(c) * Fraction(v) for c, v in zip(case.cost, x, strict=True)) + Fraction(case.offset))


@examples(80)
@given(seeds, senses)
def test_the_safe_bound_holds_for_any_vector_of_duals_at_any_feasible_point(seed: int, sense: Sense) -> None:
    case = random_problem(seed, sense=sense)
    draw = np.random.default_rng(seed)
    duals = draw.normal(size=case.shape[0]) * 10.0 ** draw.integers(-12, 6, case.shape[0])
    bound = safe_dual_bound(case, duals)
    assert bound is not None
    assert not beats(case, bound, _exact_objective(case, np.ones(8)))


@examples(40)
@given(seeds)
def test_at_a_vertex_known_exactly_the_safe_bound_is_not_beaten_by_rounding(seed: int) -> None:
    """Bounds 0.1 and a cost of 1/3 cannot be represented; the optimum of the stored numbers is exact in fractions."""
    draw = np.random.default_rng(seed)
    cost, upper = draw.random(12) / 3, draw.random(12) / 10
    case = problem("max", cost.tolist(), [[1.0] * 12], [(-INF, 99.0)], [(0.0, float(u)) for u in upper])
    optimum = sum(Fraction(c) * Fraction(u) for c, u in zip(cost, upper, strict=True))
    bound = safe_dual_bound(case, np.zeros(1))
    assert bound is not None
    assert Fraction(bound) >= optimum
    assert bound == pytest.approx(float(optimum), rel=1e-12)


def test_rows_give_unbounded_columns_the_bounds_they_lack() -> None:
    case = problem("max", [1, 1], [[1, 2], [-1, 1]], [(-INF, 4), (-INF, 3)], [(0, INF), (0, INF)])
    almost = np.array([1.0 - 1e-9, 0.0])
    bound = safe_dual_bound(case, almost)
    assert bound is not None
    assert 4.0 <= bound <= 4.0 + 1e-7


def test_columns_that_nothing_bounds_leave_no_safe_bound() -> None:
    case = problem("max", [1, 1], [[1, -1]], [(-INF, 4)], [(0, INF), (0, INF)])
    assert safe_dual_bound(case, np.array([0.5])) is None


def test_duals_that_point_at_an_infinite_side_count_as_zero() -> None:
    case = problem("max", [1.0], [[1.0]], [(-INF, 4.0)], [(0.0, 9.0)])
    assert safe_dual_bound(case, np.array([-1.0])) == pytest.approx(9.0)


def test_a_certificate_recomputes_objective_gap_and_violations() -> None:
    case = random_problem(11, integers=4)
    result = solve(case, options=SolveOptions(relative_gap=0.0))
    found = certify(case, result, root_duals(case))
    assert found.objective == pytest.approx(result.primal_bound)
    assert (found.reason, found.limit, found.engine, found.sense) == ("optimal", None, "highs", "max")
    assert found.relative_gap is not None
    assert found.relative_gap <= 1e-6
    assert found.safe_bound is not None
    assert found.bound is not None
    assert found.safe_bound >= found.bound - 1e-6
    assert max(found.worst_row, found.worst_bound, found.worst_integrality) < 1e-5


def test_a_planted_wrong_objective_or_point_shows() -> None:
    case = random_problem(11, integers=4)
    result = solve(case)
    wrong = replace(result, x=result.point() + 0.5)
    found = certify(case, wrong)
    assert found.worst_integrality == pytest.approx(0.5)
    assert found.objective != pytest.approx(result.primal_bound)


def test_linear_results_certify_with_their_own_duals_and_priced_integers_do_not() -> None:
    case = random_problem(2)
    result = solve(case)
    assert certify(case, result).safe_bound == pytest.approx(result.primal_bound, abs=1e-6)
    assert result.duals is not None
    held = replace(result, duals=replace(result.duals, fixed_integers=True))
    assert certify(case, held).safe_bound is None


def test_a_certificate_without_a_point_is_still_valid_json() -> None:
    case = random_problem(3, integers=4)
    found = certify(case, solve(case, options=SolveOptions(time_limit_s=0.0)))
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert '"objective": null' in text
    assert '"bound": null' in text
    assert '"limit": "time"' in text
