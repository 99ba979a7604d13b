"""A backend whose engine lives in a worker process: checks before, hand-over, and an honest Result after."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.backends.base import Capability, Hint, OnProgress, Progress, check_options
from solvers.backends.translation import Table, translate
from solvers.handover import INFINITE, Outcome, Program, Request
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Duals, Limit, Reason, Result, SolverError, relative_gap
from solvers.worker_client import OnEvent, UnsupportedProblemError, describe_in_worker, solve_in_worker

ROW_TOLERANCE = 1e-4
"""Relative violation beyond which a returned point is not a point."""

_WHOLE = 1e-9
"""A bound of an integer column this close to a whole number is that number."""

GAP_TOLERANCE = 1e-5
"""Gap, over the requested one, beyond which an engine's word "optimal" is not taken."""


@dataclass(frozen=True)
class WorkerBackend:
    """Backend protocol over a worker process.

    Attributes:
        name: name in the registry.
        engine: name under which the worker module knows the engine.
        module: worker module; it alone imports the engine's package.
        table: translation of SolveOptions.
        capabilities: what the engine can do.
    """

    name: str
    engine: str
    module: str
    table: Table
    capabilities: frozenset[Capability]

    @property
    def supported_options(self) -> frozenset[str]:
        """Fields of SolveOptions that it honours."""
        return frozenset(self.table)

    def version(self) -> str:
        """Version of the engine, "" when it is not available; the first call starts a worker."""
        return _version(self.module, self.engine)

    def is_available(self) -> bool:
        """Whether the engine can run here; the first call starts a worker."""
        return self.version() != ""

    def solve(
        self,
        problem: Problem,
        options: SolveOptions,
        hint: Hint | None = None,
        on_progress: OnProgress | None = None,
    ) -> Result:
        """Solve in a worker process; see solvers.worker_client for its deadlines and errors."""
        check_options(self, options)
        parameters = translate(self.name, self.table, options)
        self._check_kind(problem)
        program = pack(problem, hint if Capability.HINT in self.capabilities else None)
        settled = _without_engine(problem, program, self.name)
        if settled is not None:
            return settled
        request = Request(self.engine, parameters, log=options.log)
        outcome = solve_in_worker(self.module, request, program, options.time_limit_s, _relay(on_progress))
        return to_result(problem, outcome, self.name, options)

    def _check_kind(self, problem: Problem) -> None:
        if Capability.MIP not in self.capabilities and problem.integer.any():
            raise UnsupportedProblemError(
                f"backend {self.name} solves linear programs only, and {_column(problem, problem.integer)} is integer. "
                "Next: choose a backend for mixed-integer problems."
            )
        loose = ~(problem.integer & np.isfinite(_infinite(problem.lower)) & np.isfinite(_infinite(problem.upper)))
        if Capability.INTEGER_ONLY in self.capabilities and loose.any():
            raise UnsupportedProblemError(
                f"backend {self.name} solves problems whose columns are all integer with finite bounds, and "
                f"{_column(problem, loose)} is not. Next: bound it and make it integer, or choose another backend."
            )


def _column(problem: Problem, chosen: NDArray[np.bool_]) -> str:
    """Words for the first chosen column: its family and position, or its number."""
    number = int(chosen.argmax())
    try:
        family = problem.column_family(number)
    except KeyError:
        return f"column {number}"
    return f"column {family.name}[{number - family.start}]"


@functools.cache
def _version(module: str, engine: str) -> str:
    try:
        return describe_in_worker(module, engine)
    except (SolverError, ValueError):
        return ""


def pack(problem: Problem, hint: Hint | None = None) -> Program:
    """The problem as plain arrays by rows.

    Bounds at or beyond INFINITE become infinite; bounds of integer columns become whole numbers. Raises
    ValueError for a hint of the wrong shape or with a value that is not finite.
    """
    if hint is not None and (hint.shape != problem.cost.shape or not np.isfinite(hint).all()):
        raise ValueError(f"hint has shape {hint.shape}, expected {problem.cost.shape} of finite values")
    matrix = sp.csr_matrix(problem.matrix, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    lower, upper = _infinite(problem.lower), _infinite(problem.upper)
    return Program(
        maximize=problem.sense == "max",
        offset=problem.offset,
        cost=problem.cost,
        indptr=matrix.indptr.astype(np.int64),
        indices=matrix.indices.astype(np.int64),
        data=matrix.data.astype(np.float64),
        row_lower=_infinite(problem.row_lower),
        row_upper=_infinite(problem.row_upper),
        lower=np.where(problem.integer, np.ceil(lower - _WHOLE), lower),
        upper=np.where(problem.integer, np.floor(upper + _WHOLE), upper),
        integer=problem.integer,
        hint=np.empty(0) if hint is None else np.asarray(hint, dtype=np.float64),
    )


def _infinite(bounds: Hint) -> Hint:
    return np.where(np.abs(bounds) >= INFINITE, np.copysign(np.inf, bounds), bounds)


def _relay(on_progress: OnProgress | None) -> OnEvent | None:
    if on_progress is None:
        return None
    tell: Callable[[Progress], None] = on_progress
    return lambda seconds, incumbent, bound: tell(Progress(seconds, incumbent, bound, relative_gap(incumbent, bound)))


def _without_engine(problem: Problem, program: Program, name: str) -> Result | None:
    """The result of a problem that engines refuse or crash on: crossed bounds, no columns."""
    crossed = (program.lower > program.upper).any() or (program.row_lower > program.row_upper).any()
    empty = problem.shape[1] == 0
    if crossed or (empty and ((problem.row_lower > 0).any() or (problem.row_upper < 0).any())):
        return Result(Reason.INFEASIBLE, None, None, _best_unknown(problem), None, backend=name)
    if empty:
        duals = Duals(np.zeros(problem.shape[0]), np.zeros(0), fixed_integers=False)
        return Result(Reason.OPTIMAL, None, problem.offset, problem.offset, np.zeros(0), duals, name)
    return None


def _best_unknown(problem: Problem) -> float:
    return math.inf if problem.sense == "max" else -math.inf


def to_result(problem: Problem, outcome: Outcome, name: str, options: SolveOptions) -> Result:
    """A Result that claims no more than its numbers show.

    A point that breaks the problem is dropped when a limit stopped the engine, and is an error when the
    engine called it optimal. "Optimal" with a gap beyond the requested one becomes "feasible".
    """
    reason = Reason(outcome.reason)
    limit = None if outcome.limit is None else Limit(outcome.limit)
    if outcome.x is None:
        bound = outcome.dual_bound if reason is Reason.NO_POINT else _best_unknown(problem)
        return Result(reason, limit, None, bound, None, backend=name, statistics=outcome.statistics)
    violation = worst_violation(problem, outcome.x)
    if violation > ROW_TOLERANCE and reason is Reason.OPTIMAL:
        raise SolverError(
            f"{name} called a point optimal that breaks a row or bound by {violation:.3g} (relative). "
            "Next: solve with another backend, or tighten feasibility_tolerance."
        )
    if violation > ROW_TOLERANCE:
        return Result(
            Reason.NO_POINT, limit, None, outcome.dual_bound, None, backend=name, statistics=outcome.statistics
        )
    primal = problem.objective(outcome.x)
    if reason is Reason.OPTIMAL and not _closed(primal, outcome.dual_bound, options.relative_gap):
        reason, limit = Reason.FEASIBLE, Limit.OTHER
    return Result(
        reason, limit, primal, outcome.dual_bound, outcome.x, _duals(problem, outcome), name, outcome.statistics
    )


def worst_violation(problem: Problem, x: Hint) -> float:
    """Largest violation of a row, bound or integrality, relative to max(1, |bound|)."""
    activity = problem.matrix @ x
    parts = [
        _beyond(problem.row_lower - activity, problem.row_lower),
        _beyond(activity - problem.row_upper, problem.row_upper),
        _beyond(problem.lower - x, problem.lower),
        _beyond(x - problem.upper, problem.upper),
        float(np.abs(x - np.rint(x))[problem.integer].max(initial=0.0)),
    ]
    return max(parts)


def _beyond(excess: Hint, bound: Hint) -> float:
    finite = np.isfinite(bound)
    return float((excess[finite] / np.maximum(1.0, np.abs(bound[finite]))).max(initial=0.0))


def _closed(primal: float, dual: float, asked: float | None) -> bool:
    return abs(dual - primal) <= GAP_TOLERANCE + ((asked or 0.0) + GAP_TOLERANCE) * abs(primal)


def _duals(problem: Problem, outcome: Outcome) -> Duals | None:
    if outcome.row_duals is None or outcome.column_duals is None or problem.integer.any():
        return None
    return Duals(outcome.row_duals, outcome.column_duals, fixed_integers=False)
