"""A result from a worker claims no more than its numbers show."""

from __future__ import annotations

import numpy as np
import pytest

from solvers import Capability, Limit, Progress, Reason, SolveOptions, SolverError, get_backend
from solvers.backends.external import pack, to_result
from solvers.conformance.case import INF, problem
from solvers.conformance.runner import CASES
from solvers.handover import Outcome
from solvers.problem import Problem

ROWS = [([1, 0, 2], 1, 1e20), ([0, 0, 4], -1e30, 8)]


@pytest.fixture
def box() -> Problem:
    return problem("max", [1.0, 2.0], [([1, 1], -INF, 3)], upper=2, integer=[True, False], offset=10.0)


def outcome(reason: str, x: list[float] | None, bound: float, limit: str | None = None) -> Outcome:
    return Outcome(reason, limit, bound, None if x is None else np.array(x))


def test_the_objective_is_computed_from_the_point(box: Problem) -> None:
    result = to_result(box, outcome("optimal", [1.0, 2.0], 15.0), "b", SolveOptions())
    assert (result.reason, result.primal_bound, result.dual_bound) == (Reason.OPTIMAL, 15.0, 15.0)


@pytest.mark.parametrize("bound", [np.inf, 16.0])
def test_optimal_without_a_bound_that_bears_it_out_is_only_feasible(box: Problem, bound: float) -> None:
    result = to_result(box, outcome("optimal", [1.0, 2.0], bound), "b", SolveOptions())
    assert (result.reason, result.limit, result.dual_bound) == (Reason.FEASIBLE, Limit.OTHER, bound)


def test_optimal_within_the_requested_gap_stands(box: Problem) -> None:
    result = to_result(box, outcome("optimal", [1.0, 2.0], 16.0), "b", SolveOptions(relative_gap=0.1))
    assert result.reason is Reason.OPTIMAL


@pytest.mark.parametrize("x", [[2.0, 2.0], [1.0, 2.5], [0.5, 2.0]])
def test_an_optimal_point_that_breaks_the_problem_is_an_error(box: Problem, x: list[float]) -> None:
    with pytest.raises(SolverError, match=r"breaks a row or bound.*Next:"):
        to_result(box, outcome("optimal", x, 16.0), "b", SolveOptions())


def test_a_stopped_point_that_breaks_the_problem_is_no_point(box: Problem) -> None:
    result = to_result(box, outcome("feasible", [2.0, 2.0], 16.0, "time"), "b", SolveOptions())
    assert (result.reason, result.limit, result.x) == (Reason.NO_POINT, Limit.TIME, None)


def test_packing_keeps_every_number_and_makes_huge_bounds_infinite() -> None:
    given = problem("min", [1, 0, 3], ROWS, [-1e21, 0.2, 0], 5.5, [False, True, False])
    program = pack(given)
    assert program.indptr.tolist() == [0, 2, 3]
    assert program.indices.tolist() == [0, 2, 2]
    assert program.data.tolist() == [1.0, 2.0, 4.0]
    assert program.row_upper.tolist() == [np.inf, 8.0]
    assert program.row_lower.tolist() == [1.0, -np.inf]
    assert program.lower.tolist() == [-np.inf, 1.0, 0.0]
    assert program.upper.tolist() == [5.5, 5.0, 5.5]


@pytest.mark.parametrize("hint", [[1.0], [1.0, np.nan]])
def test_a_hint_of_the_wrong_shape_or_with_nan_is_refused(box: Problem, hint: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected \(2,\) of finite values"):
        pack(box, np.array(hint))


def test_cp_sat_reports_progress_with_bounds_in_the_problems_own_sense() -> None:
    case = next(c for c in CASES if c.name == "time_limit_with_incumbent")
    heard: list[Progress] = []
    result = get_backend("cp_sat").solve(case.problem, case.options, on_progress=heard.append)
    assert Capability.PROGRESS in get_backend("cp_sat").capabilities
    incumbents = [p.incumbent for p in heard if p.incumbent is not None]
    assert incumbents == sorted(incumbents)
    assert incumbents[-1] == pytest.approx(result.primal_bound)
    assert all(p.bound >= p.incumbent for p in heard if p.incumbent is not None)


def test_backends_tell_their_versions() -> None:
    assert get_backend("scip").version().startswith("OR-Tools 9.")
    assert get_backend("cbc").version().startswith("CBC 2.")
    assert get_backend("cbc").is_available()


def test_a_solver_behind_pulp_is_optimal_only_with_its_own_bound() -> None:
    backend = get_backend("pulp:HiGHS")
    assert backend.is_available()
    for name in ("general_integers", "mixed", "fixed_charge"):
        case = next(c for c in CASES if c.name == name)
        result = backend.solve(case.problem, SolveOptions(time_limit_s=30.0))
        assert result.reason is Reason.OPTIMAL
        assert result.dual_bound == pytest.approx(case.expected.objective)
    linear = next(c for c in CASES if c.name == "max_two_binding_rows")
    result = backend.solve(linear.problem, SolveOptions())
    assert (result.reason, result.limit, result.dual_bound) == (Reason.FEASIBLE, Limit.OTHER, np.inf)


@pytest.mark.parametrize(
    ("name", "words"), [("NOSUCH", "PuLP knows no solver 'NOSUCH'"), ("MOSEK", "cannot reach MOSEK")]
)
def test_a_solver_that_pulp_does_not_know_or_reach_is_an_error(name: str, words: str) -> None:
    backend = get_backend(f"pulp:{name}")
    assert not backend.is_available()
    assert backend.version() == ""
    case = next(c for c in CASES if c.name == "general_integers")
    with pytest.raises(SolverError, match=words):
        backend.solve(case.problem, SolveOptions())
