"""CP-SAT's whole-number problem equals the given one, or is refused; a rounded objective widens the bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers import Reason, SolveOptions, SolverError, get_backend
from solvers.backends.external import pack
from solvers.backends.integer_scaling import UNLIMITED, IntegerProgram, to_integers
from solvers.conformance.case import INF, Row, problem
from solvers.handover import RefusalError
from tests.quick import examples


def scaled(cost: list[float], rows: list[Row], **bounds: Any) -> IntegerProgram:
    return to_integers(pack(problem("min", cost, rows, integer=True, **{"upper": 10, **bounds})))


def test_a_row_of_decimals_is_multiplied_by_its_least_common_denominator() -> None:
    whole = scaled([1, 1], [([0.1, 0.25], -INF, 1.2), ([3, -2], 1, INF)])
    assert whole.data.tolist() == [2, 5, 3, -2]
    assert whole.row_lower.tolist() == [-UNLIMITED, 1]
    assert whole.row_upper.tolist() == [24, UNLIMITED]


def test_thirds_and_sevenths_are_exact_fractions() -> None:
    assert scaled([1, 1], [([1 / 3, 1 / 7], -INF, 2)]).data.tolist() == [7, 3]


def test_row_sides_are_rounded_inward_but_for_noise() -> None:
    whole = scaled([1], [([1], 0.5, 2.5), ([1], 0.1 + 0.2 - 0.3, 3 - 1e-12)])
    assert whole.row_lower.tolist() == [1, 0]
    assert whole.row_upper.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("rows", "bounds", "message"),
    [
        ([([np.pi, 1.0], -INF, 4)], {}, "is no fraction with a denominator up to 1000000"),
        ([([1e12, 1.0], -INF, 4)], {"upper": 1e9}, "row 0: scaled to whole numbers it reaches 1e"),
        ([], {"upper": 1e19}, "cannot take a column bound of 1e"),
    ],
)
def test_what_cannot_be_scaled_exactly_is_refused_in_words(rows: list[Row], bounds: Any, message: str) -> None:
    with pytest.raises(RefusalError, match=message):
        scaled([1, 1], rows, **bounds)


def test_the_refusal_reaches_the_caller_with_a_next_step() -> None:
    with pytest.raises(SolverError, match=r"(?s)no fraction.*Next: round the coefficient"):
        get_backend("cp_sat").solve(problem("min", [1], [([np.pi], 1, 9)], upper=5, integer=True), SolveOptions())


def test_exact_costs_have_no_error_and_awkward_ones_a_known_small_one() -> None:
    assert scaled([0.5, 0.35], []).cost_error == 0.0
    awkward = scaled([1 / 3, np.pi], [])
    assert 0.0 < awkward.cost_error < 1e-12
    assert awkward.cost_scale > 1e12


@examples(60)
@given(
    cost=st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=1, max_size=4),
    point=st.lists(st.integers(0, 10), min_size=4, max_size=4),
    sense=st.sampled_from(["min", "max"]),
)
def test_the_scaled_objective_is_within_its_stated_error(cost: list[float], point: list[int], sense: Any) -> None:
    given_problem = problem(sense, cost, upper=10, integer=True, offset=2.5)
    program = pack(given_problem)
    whole = to_integers(program)
    x = np.array(point[: len(cost)])
    bound = whole.true_bound(int(whole.cost @ x), program)
    value = given_problem.objective(x.astype(np.float64))
    slack = 1e-9 * max(1.0, abs(value))
    assert abs(bound - value) <= 2 * whole.cost_error + slack
    assert bound >= value - slack if sense == "max" else bound <= value + slack


@examples(60)
@given(
    row=st.lists(st.decimals(-20, 20, places=3).map(float), min_size=1, max_size=4),
    side=st.decimals(-50, 50, places=3).map(float),
    point=st.lists(st.integers(0, 10), min_size=4, max_size=4),
)
def test_a_point_meets_the_scaled_row_exactly_when_it_meets_the_row(
    row: list[float], side: float, point: list[int]
) -> None:
    program = pack(problem("min", [0.0] * len(row), [(row, -INF, side)], upper=10, integer=True))
    whole = to_integers(program)
    x = np.array(point[: len(row)])
    activity = sum(round(1000 * a) * int(v) for a, v in zip(row, x, strict=True))
    meets = activity <= round(1000 * side)
    assert (int(whole.data @ x[program.indices]) <= int(whole.row_upper[0])) == meets


def test_cp_sat_without_time_claims_no_bound_beyond_the_columns() -> None:
    hopeless = problem("min", [-1.0] * 3, [([3, 5, 7], 11, 31)], upper=10, integer=True)
    result = get_backend("cp_sat").solve(hopeless, SolveOptions(time_limit_s=0.0))
    if result.reason is Reason.NO_POINT:
        assert result.dual_bound == -30.0
    else:
        assert result.dual_bound <= -10.0
