"""Runs the suite on a backend and reports case by case."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from solvers.backends.base import Backend, Capability
from solvers.conformance import integer_cases, linear_cases
from solvers.conformance.case import Case
from solvers.conformance.checks import faults
from solvers.conformance.exclusions import EXCLUSIONS
from solvers.options import SolveOptions
from solvers.result import SolverError

CASES: tuple[Case, ...] = linear_cases.CASES + integer_cases.CASES
"""The whole suite."""

_TIGHT_GAP, _TIGHT_TOLERANCE = 1e-9, 1e-8
"""Asked of every backend that supports them, so that answers can be compared with the exact ones."""


class Verdict(Enum):
    """How a backend fared on a case."""

    PASSED = "passed"
    FAILED = "failed"
    EXCLUDED = "excluded"
    """Not run, for a reason listed in solvers.conformance.exclusions."""
    NOT_APPLICABLE = "not_applicable"
    """The backend does not take such problems, or not the options of the case."""


@dataclass(frozen=True)
class CaseReport:
    """One case on one backend: the verdict and, when it failed, every fault in words."""

    case: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    why: str = ""
    seconds: float = 0.0


def run_conformance(backend: Backend, cases: Iterable[Case] = CASES, parallel: int = 1) -> list[CaseReport]:
    """Run the cases in order; `parallel` > 1 runs that many at a time, for backends with worker processes."""
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return list(pool.map(lambda case: run_case(backend, case), cases))


def run_case(backend: Backend, case: Case, exclusions: bool = True, tight: bool = True) -> CaseReport:
    """Run one case. `tight` asks for tight tolerances where the backend supports them."""
    why = _outside(backend, case)
    if why:
        return CaseReport(case.name, Verdict.NOT_APPLICABLE, why=why)
    if exclusions and (backend.name, case.name) in EXCLUSIONS:
        return CaseReport(case.name, Verdict.EXCLUDED, why=EXCLUSIONS[backend.name, case.name])
    options = _options(backend, case) if tight else case.options
    started = time.perf_counter()
    found = tuple(_solve_and_check(backend, case, options))
    verdict = Verdict.FAILED if found else Verdict.PASSED
    return CaseReport(case.name, verdict, found, seconds=time.perf_counter() - started)


def _solve_and_check(backend: Backend, case: Case, options: SolveOptions) -> Sequence[str]:
    hint = None if case.hint is None else np.array(case.hint, dtype=np.float64)
    try:
        result = backend.solve(case.problem, options, hint)
    except (SolverError, ValueError) as fault:
        return [f"raised {type(fault).__name__}: {fault}"]
    return list(faults(case, result, Capability.DUALS in backend.capabilities))


def _outside(backend: Backend, case: Case) -> str:
    """Why the case is not for this backend; "" when it is."""
    able, problem = backend.capabilities, case.problem
    needed = Capability.MIP if problem.integer.any() else Capability.LP
    bounded = np.isfinite(problem.lower).all() and np.isfinite(problem.upper).all()
    if needed not in able:
        return f"{backend.name} does not take {needed.value} problems"
    if Capability.INTEGER_ONLY in able and not (problem.integer.all() and bounded):
        return f"{backend.name} takes only integer columns with finite bounds"
    refused = case.options.asked() - backend.supported_options
    if refused:
        return f"{backend.name} does not support {', '.join(sorted(refused))}"
    return ""


def _options(backend: Backend, case: Case) -> SolveOptions:
    options, able = case.options, backend.supported_options
    if "relative_gap" in able and options.relative_gap is None:
        options = replace(options, relative_gap=_TIGHT_GAP)
    if "feasibility_tolerance" in able and options.feasibility_tolerance is None:
        options = replace(options, feasibility_tolerance=_TIGHT_TOLERANCE)
    return options
