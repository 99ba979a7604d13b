"""Facts of HiGHS's direct solve: known answers, reasons, limits, options."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import given

from solvers import (
    Capability,
    Limit,
    Problem,
    Progress,
    Reason,
    SolveOptions,
    UnknownBackendError,
    UnsupportedOptionError,
    get_backend,
    solve,
)
from solvers.problem import Sense
from tests.quick import examples
from tests.solvers.small import INF, hard_knapsack, problem, random_problem, seeds, senses

FREE = (0.0, INF)
EXACT = SolveOptions(relative_gap=0.0)


def test_a_maximum_has_duals_at_least_zero_on_binding_upper_sides() -> None:
    result = solve(problem("max", [3, 2], [[1, 1], [1, 0]], [(-INF, 4), (-INF, 3)], [FREE, FREE], offset=10.0))
    assert result.reason is Reason.OPTIMAL
    assert result.primal_bound == result.dual_bound == 21.0
    assert result.x is not None
    assert result.x.tolist() == [3.0, 1.0]
    assert result.duals is not None
    assert result.duals.row.tolist() == [2.0, 1.0]
    assert result.duals.column.tolist() == [0.0, 0.0]
    assert not result.duals.fixed_integers


def test_a_minimum_has_duals_at_least_zero_on_binding_lower_sides() -> None:
    result = solve(problem("min", [3, 2], [[1, 1], [1, 0]], [(4, INF), (-INF, 3)], [FREE, (0.0, 3.5)]))
    assert result.primal_bound == 8.5
    assert result.duals is not None
    assert result.duals.row.tolist() == [3.0, 0.0]
    assert result.duals.column.tolist() == [0.0, -1.0]


@examples(30)
@given(seeds, senses)
def test_duals_are_the_change_of_the_objective_with_a_bound(seed: int, sense: Sense) -> None:
    base = random_problem(seed, sense=sense)
    result = solve(base)
    assert result.duals is not None
    assert result.primal_bound is not None
    step = 1e-4
    for row in range(base.shape[0]):
        up, down = (solve(_moved(base, row, sign * step)).primal_bound for sign in (1, -1))
        if up is None or down is None:
            continue
        slopes = sorted([(up - result.primal_bound) / step, (result.primal_bound - down) / step])
        assert slopes[0] - 1e-5 <= result.duals.row[row] <= slopes[1] + 1e-5


def _moved(base: Problem, row: int, step: float) -> Problem:
    """The problem with both sides of a row moved."""
    sides = [(low, high) for low, high in zip(base.row_lower, base.row_upper, strict=True)]
    sides[row] = (sides[row][0] + step, sides[row][1] + step)
    bounds = list(zip(base.lower, base.upper, strict=True))
    return problem(base.sense, base.cost.tolist(), base.matrix.toarray().tolist(), sides, bounds, offset=base.offset)


def test_the_integer_problem_that_an_older_highs_gets_wrong_is_right() -> None:
    """HiGHS 1.14.0 answers 15."""
    result = solve(problem("min", [2, 3], [[1, 1]], [(4.5, INF)], [(0, 10), (0, 10)], [False, True]))
    assert result.reason is Reason.OPTIMAL
    assert result.primal_bound == pytest.approx(9.0)
    assert result.duals is None


@pytest.mark.parametrize("sense", ["min", "max"])
def test_the_bound_of_an_integer_problem_is_never_on_the_wrong_side_of_its_point(sense: Sense) -> None:
    for seed in range(20):
        result = solve(random_problem(seed, integers=5, sense=sense), options=EXACT)
        assert result.reason is Reason.OPTIMAL
        assert result.primal_bound is not None
        worse = result.dual_bound - result.primal_bound
        assert (worse <= 0) if sense == "min" else (worse >= 0)


@examples(25)
@given(seeds, senses)
def test_integer_optima_are_those_of_enumeration(seed: int, sense: Sense) -> None:
    base = random_problem(seed, rows=4, columns=3, integers=3, sense=sense)
    grid = np.stack(np.meshgrid(*[np.arange(11.0)] * 3), axis=-1).reshape(-1, 3)
    activity = grid @ base.matrix.toarray().T
    feasible = ((activity >= base.row_lower) & (activity <= base.row_upper)).all(axis=1)
    best = (max if sense == "max" else min)(grid[feasible] @ base.cost + base.offset)
    assert solve(base, options=EXACT).primal_bound == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (problem("min", [0], [[1], [1]], [(3, INF), (-INF, 2)], [FREE]), Reason.INFEASIBLE),
        (problem("max", [1, 1], [[2, 2]], [(3, 3)], [(0, 2)] * 2, [True, True]), Reason.INFEASIBLE),
        (problem("max", [1], [[1]], [(-INF, 1)], [(2, 1)]), Reason.INFEASIBLE),
        (problem("max", [1], [[1]], [(2, 1)], [FREE]), Reason.INFEASIBLE),
        (problem("min", [-2, 3], [[1, -1]], [(0, INF)], [FREE, FREE]), Reason.UNBOUNDED),
        (problem("min", [-2, 3], [[1, -1]], [(0, INF)], [FREE, FREE], [True, False]), Reason.UNBOUNDED),
        (problem("min", [-1, 0], [[1, 0], [0, 1]], [(0, INF), (2, INF)], [FREE, (0, 1)]), Reason.INFEASIBLE),
        (problem("min", [], [[]], [(1.0, 2.0)], []), Reason.INFEASIBLE),
    ],
)
def test_problems_without_an_optimum_say_why(case: Problem, reason: Reason) -> None:
    result = solve(case)
    assert result.reason is reason
    assert result.x is None
    assert np.isinf(result.dual_bound)


def test_a_problem_without_columns_is_its_offset() -> None:
    result = solve(problem("max", [], [[]], [(-1.0, 2.0)], [], offset=3.0))
    assert (result.reason, result.primal_bound, result.dual_bound) == (Reason.OPTIMAL, 3.0, 3.0)


def test_a_problem_without_rows_is_solved_at_its_bounds() -> None:
    result = solve(problem("max", [1, -1], [], [], [(0, 3.5), (1, 2)], [True, False]))
    assert result.primal_bound == 2.0


def test_repeated_entries_of_a_matrix_count_together() -> None:
    base = problem("max", [1], [[1]], [(-INF, 6)], [FREE])
    base.matrix.data, base.matrix.indices = np.array([1.0, 2.0]), np.array([0, 0], dtype=np.int32)
    base.matrix.indptr = np.array([0, 2], dtype=np.int32)
    base.matrix.has_canonical_format = False
    assert solve(base).primal_bound == 2.0


def test_a_time_limit_with_a_point_is_a_plan_with_a_gap() -> None:
    result = solve(hard_knapsack(), options=SolveOptions(relative_gap=0.0, time_limit_s=1.0))
    assert (result.reason, result.limit) == (Reason.FEASIBLE, Limit.TIME)
    assert 0 < result.relative_gap() < 1


def test_a_time_limit_without_a_point_says_so() -> None:
    result = solve(hard_knapsack(), options=SolveOptions(time_limit_s=0.0))
    assert (result.reason, result.limit, result.dual_bound) == (Reason.NO_POINT, Limit.TIME, INF)


def test_a_work_limit_stops_at_the_same_bounds_each_time() -> None:
    options = SolveOptions(relative_gap=0.0, work_limit=1, seed=3)
    first, second = (solve(hard_knapsack(), options=options) for _ in range(2))
    assert (first.reason, first.limit) == (Reason.FEASIBLE, Limit.WORK)
    assert (first.primal_bound, first.dual_bound) == (second.primal_bound, second.dual_bound)


def test_an_asked_gap_is_met_and_no_more() -> None:
    result = solve(hard_knapsack(), options=SolveOptions(relative_gap=0.02))
    assert result.reason is Reason.OPTIMAL
    assert 0 < result.relative_gap() <= 0.02


@pytest.mark.parametrize("algorithm", ["choose", "simplex", "ipx", "pdlp"])
def test_every_algorithm_reaches_the_same_linear_optimum(algorithm: str) -> None:
    base = random_problem(5)
    expected = solve(base).primal_bound
    assert solve(base, options=SolveOptions(algorithm=algorithm)).primal_bound == pytest.approx(expected, rel=1e-4)


def test_an_algorithm_that_the_build_lacks_is_refused_with_the_alternatives() -> None:
    with pytest.raises(UnsupportedOptionError, match=r"backend highs .*hipo.*simplex, ipx, pdlp"):
        solve(random_problem(1), options=SolveOptions(algorithm="hipo"))


def test_solves_with_different_numbers_of_threads_follow_each_other() -> None:
    """HiGHS itself answers an error to a second number of threads in one thread of the process."""
    bounds = [solve(random_problem(2, integers=4), options=SolveOptions(threads=n)).primal_bound for n in (1, 2, 1)]
    assert bounds[0] == bounds[1] == bounds[2]


def test_options_leave_the_optimum_alone() -> None:
    base = random_problem(7, integers=4)
    expected = solve(base, options=EXACT).primal_bound
    for options in (
        SolveOptions(relative_gap=0.0, presolve=False, seed=9),
        SolveOptions(relative_gap=0.0, presolve=True, feasibility_tolerance=1e-9),
    ):
        assert solve(base, options=options).primal_bound == pytest.approx(expected)


def test_a_hint_is_where_the_search_starts() -> None:
    base = hard_knapsack()
    good = solve(base, options=SolveOptions(relative_gap=0.02)).point()
    result = solve(base, options=SolveOptions(work_limit=1), hint=good)
    assert result.primal_bound is not None
    assert result.primal_bound >= base.objective(good) - 1e-6


def test_progress_reports_bounds_in_the_problems_own_sense() -> None:
    seen: list[Progress] = []
    options = SolveOptions(relative_gap=0.0, time_limit_s=2.5)
    result = solve(hard_knapsack(), options=options, on_progress=seen.append)
    assert result.primal_bound is not None
    assert seen
    last = seen[-1]
    assert last.incumbent is not None
    assert last.incumbent <= result.primal_bound + 1e-6 <= result.dual_bound + 1e-6
    assert last.gap == pytest.approx(abs(last.bound - last.incumbent) / last.incumbent)


def test_what_the_progress_callback_raises_ends_the_solve() -> None:
    def refuse(progress: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        solve(hard_knapsack(), options=SolveOptions(relative_gap=0.0, time_limit_s=20.0), on_progress=refuse)


def test_ctrl_c_ends_the_solve_with_the_best_point() -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    result = solve(hard_knapsack(), options=SolveOptions(relative_gap=0.0, time_limit_s=30.0))
    assert (result.reason, result.limit) == (Reason.FEASIBLE, Limit.INTERRUPT)
    assert result.statistics["seconds"] < 15.0


def test_the_registry_names_what_it_knows() -> None:
    with pytest.raises(UnknownBackendError, match="highs, scip"):
        get_backend("cplex")


def test_capabilities_are_stated() -> None:
    backend = get_backend("highs")
    assert Capability.MIP in backend.capabilities
    assert Capability.INTEGER_ONLY not in backend.capabilities
    assert backend.version().startswith("1.15")
    assert backend.is_available()
