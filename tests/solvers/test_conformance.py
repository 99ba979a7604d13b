"""Every backend passes the shipped suite, and the suite catches backends that lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from solvers import Capability, Limit, Reason, Result, SolveOptions, get_backend
from solvers.backends.base import Backend, Hint, OnProgress
from solvers.canaries import CANARIES, run_canaries
from solvers.conformance.exclusions import EXCLUSIONS
from solvers.conformance.runner import CASES, Verdict, run_case, run_conformance
from solvers.problem import Problem
from solvers.result import Duals

LEAST_PASSED = {"highs": 60, "scip": 60, "cbc": 59, "glop": 33, "pdlp": 33, "cp_sat": 16}
"""Cases that each backend runs and passes; so that "not applicable" cannot hide an untested backend."""


SHARE = 3
"""Of so many cases one is tried every time with engines that start a process for each; all of them, with HiGHS."""


@pytest.mark.parametrize(
    "name", [name if name == "highs" else pytest.param(name, marks=pytest.mark.slow) for name in LEAST_PASSED]
)
def test_every_backend_passes_the_suite(name: str) -> None:
    reports = run_conformance(get_backend(name), parallel=1 if name == "highs" else 3)
    assert {r.case: r.faults for r in reports if r.verdict is Verdict.FAILED} == {}
    assert sum(r.verdict is Verdict.PASSED for r in reports) >= LEAST_PASSED[name]


@pytest.mark.parametrize("name", [name for name in LEAST_PASSED if name != "highs"])
def test_a_share_of_the_suite_passes_in_processes_of_its_own(name: str) -> None:
    reports = run_conformance(get_backend(name), CASES[::SHARE], parallel=3)
    assert {r.case: r.faults for r in reports if r.verdict is Verdict.FAILED} == {}
    assert sum(r.verdict is Verdict.PASSED for r in reports) >= LEAST_PASSED[name] // (2 * SHARE)


@pytest.mark.parametrize(("name", "case"), EXCLUSIONS)
def test_an_excluded_case_still_fails(name: str, case: str) -> None:
    chosen = next(c for c in CASES if c.name == case)
    assert run_case(get_backend(name), chosen, exclusions=False).verdict is Verdict.FAILED


def test_case_names_are_unique_and_every_case_says_why_it_is_there() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(case.about for case in CASES)


@pytest.mark.parametrize("name", ["highs", "cp_sat", "cbc"])
def test_canaries_pass_at_default_tolerances(name: str) -> None:
    reports = run_canaries(get_backend(name))
    assert reports
    assert {r.case: r.faults for r in reports if r.verdict is not Verdict.PASSED} == {}
    assert len(reports) <= len(CANARIES)


@dataclass(frozen=True)
class Liar:
    """HiGHS with one field of its results bent."""

    bend: str
    name: str = "liar"
    honest: Backend = field(default_factory=lambda: get_backend("highs"))

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.honest.capabilities

    @property
    def supported_options(self) -> frozenset[str]:
        return self.honest.supported_options

    def version(self) -> str:
        return "0"

    def is_available(self) -> bool:
        return True

    def solve(
        self,
        problem: Problem,
        options: SolveOptions,
        hint: Hint | None = None,
        on_progress: OnProgress | None = None,
    ) -> Result:
        return _bent(self.bend, problem, self.honest.solve(problem, options, hint, on_progress))


def _bent(bend: str, problem: Problem, true: Result) -> Result:
    if bend == "status" or true.x is None or true.primal_bound is None:
        return Result(Reason.NO_POINT, Limit.TIME, None, true.dual_bound, None)
    if bend == "bound":
        worse = -1.0 if problem.sense == "max" else 1.0
        return replace(true, dual_bound=true.dual_bound + worse)
    if bend == "objective":
        return replace(true, primal_bound=true.primal_bound + 0.01)
    if bend == "point":
        return replace(true, x=true.x + 0.01, primal_bound=problem.objective(true.x + 0.01))
    duals = true.duals or Duals(np.zeros(problem.shape[0]), np.zeros(problem.shape[1]), fixed_integers=False)
    if bend == "dual_sign":
        return replace(true, duals=Duals(-duals.row, -duals.column, fixed_integers=False))
    return replace(true, duals=None)


@pytest.mark.parametrize(
    ("bend", "case", "words"),
    [
        ("status", "max_two_binding_rows", "ended no_point"),
        ("bound", "max_two_binding_rows", "excludes the attainable"),
        ("bound", "fault_highs_3043", "excludes the attainable"),
        ("objective", "min_equality", "the point is worth"),
        ("point", "binary_knapsack", "integrality"),
        ("point", "fixed_column", "upper bound"),
        ("dual_sign", "max_two_binding_rows", "is not 0"),
        ("dual_sign", "ranged_row_at_lower", "not at its"),
        ("no_duals", "min_two_binding_rows", "gave no duals"),
    ],
)
def test_a_backend_that_lies_is_caught(bend: str, case: str, words: str) -> None:
    chosen = next(c for c in CASES if c.name == case)
    assert run_case(Liar("none", honest=get_backend("highs")).honest, chosen).verdict is Verdict.PASSED
    report = run_case(Liar(bend), chosen)
    assert report.verdict is Verdict.FAILED
    assert any(words in fault for fault in report.faults), report.faults
