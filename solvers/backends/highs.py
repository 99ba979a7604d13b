"""HiGHS through highspy, in this process: direct solves and warm sessions."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from highspy import HighsModelStatus as Status
from numpy.typing import NDArray

from solvers.backends.base import Backend, Capability, ConflictSet, Hint, OnProgress, Progress, check_options
from solvers.backends.highs_basis import Basis
from solvers.backends.highs_translation import ALGORITHMS, OPTIONS, lp_of, sided, statistics_of
from solvers.backends.interruptible import Runner
from solvers.options import SolveOptions, UnsupportedOptionError
from solvers.problem import Problem
from solvers.result import Duals, Limit, Reason, Result, SolverError, relative_gap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAME = "highs"
DEFAULT_RELATIVE_GAP = 1e-4
ABSOLUTE_GAP = 1e-6
"""HiGHS's own mip_rel_gap and mip_abs_gap."""
SECONDS_BETWEEN_PROGRESS = 1.0
INFINITE = 1e20
"""HiGHS reads bounds and costs from here on as infinite."""

_LIMITS = {
    Status.kTimeLimit: Limit.TIME,
    Status.kIterationLimit: Limit.WORK,
    Status.kSolutionLimit: Limit.WORK,  # what mip_max_nodes reports
    Status.kMemoryLimit: Limit.MEMORY,
    Status.kInterrupt: Limit.INTERRUPT,
    Status.kHighsInterrupt: Limit.INTERRUPT,
    Status.kUnknown: Limit.OTHER,
    Status.kObjectiveBound: Limit.OTHER,
    Status.kObjectiveTarget: Limit.OTHER,
}

_ENDED = {
    Status.kInfeasible: Reason.INFEASIBLE,
    Status.kUnbounded: Reason.UNBOUNDED,
    Status.kUnboundedOrInfeasible: Reason.INFEASIBLE_OR_UNBOUNDED,
}

_INTERRUPTS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
)
_MIP_LOGGING = highspy.cb.HighsCallbackType.kCallbackMipLogging

IRREDUCIBLE_FROM_LP = 6
"""iis_strategy: start from the infeasible linear program (2) and reduce until irreducible (4)."""
IRREDUCIBLE = 3
"""HighsIis.status_ of a set proven irreducible."""
_NEVER = {"min": -np.inf, "max": np.inf}


class HighsSession:
    """A loaded problem that is changed and solved again; the last basis warms the next solve.

    Positions of rows and columns are those of the problem; added rows follow the last one, and removing
    rows moves the later ones up. Not for use by two threads at once.
    """

    def __init__(self, problem: Problem, options: SolveOptions | None = None) -> None:
        self._options = options or SolveOptions()
        self._sense = problem.sense
        self._integer = problem.integer.copy()
        self._labels = np.repeat(
            np.array([f.name for f in problem.rows.values()], dtype=object),
            [len(f.index) for f in problem.rows.values()],
        )
        self._asked = self._options
        self._applied: SolveOptions | None = None
        self._runner = Runner()
        self._model = highspy.Highs()
        self._failure: BaseException | None = None
        self._on_progress: OnProgress | None = None
        self._lp_basis: Any = None
        _require(self._model.setCallback(_callback_of(weakref.ref(self)), None), "setCallback")
        self._apply(self._options)
        _require(self._model.passModel(lp_of(problem)), "passModel: look for huge coefficients with solvers.ranges")

    @property
    def row_labels(self) -> NDArray[np.object_]:
        """Family or label of every row, in the present order."""
        return self._labels

    @property
    def shape(self) -> tuple[int, int]:
        """Present (rows, columns)."""
        return self._model.getNumRow(), self._model.getNumCol()

    @property
    def is_mip(self) -> bool:
        """Whether any column is integer at present."""
        return bool(self._integer.any())

    def solve(
        self,
        options: SolveOptions | None = None,
        hint: Hint | None = None,
        on_progress: OnProgress | None = None,
    ) -> Result:
        """Solve what is loaded. Without `options` the session's own apply.

        Linear programs start from the last basis and ignore `hint`. Prices are not in the result: ask `duals()`.
        """
        self._asked = options or self._options
        self._apply(self._asked)
        if self.shape[1] == 0:
            return self._without_columns()
        if hint is not None and self.is_mip:
            columns = self.shape[1]
            start = _numbers(hint, columns)
            _require(self._model.setSolution(columns, np.arange(columns, dtype=np.int32), start), "setSolution")
        started = time.perf_counter()
        self._run(on_progress)
        if self._model.getModelStatus() == Status.kUnboundedOrInfeasible:
            self._run_without_presolve(on_progress)
        return self._result(time.perf_counter() - started)

    def set_cost(self, columns: Ints, values: Floats) -> None:
        """Change objective coefficients."""
        count = len(columns)
        status = self._model.changeColsCost(count, _positions(columns), _numbers(values, count))
        _require(status, "changeColsCost")

    def set_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Change column bounds."""
        count = len(columns)
        low, high = _numbers(lower, count), _numbers(upper, count)
        _require(self._model.changeColsBounds(count, _positions(columns), low, high), "changeColsBounds")

    def set_row_bounds(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Change row sides."""
        count = len(rows)
        low, high = _numbers(lower, count), _numbers(upper, count)
        _require(self._model.changeRowsBounds(count, _positions(rows), low, high), "changeRowsBounds")

    def add_rows(self, matrix: sp.csr_matrix, lower: Floats, upper: Floats, label: str = "") -> Ints:
        """Add the rows lower <= matrix @ x <= upper; returns their positions. New rows enter the basis."""
        count, first = matrix.shape[0], self._model.getNumRow()
        if matrix.shape[1] != self._model.getNumCol():
            raise ValueError(f"the rows have {matrix.shape[1]} columns, the problem {self._model.getNumCol()}")
        rows, low, high = matrix.tocsr(), _numbers(lower, count), _numbers(upper, count)
        status = self._model.addRows(count, low, high, rows.nnz, rows.indptr[:-1], rows.indices, rows.data)
        _require(status, "addRows")
        self._labels = np.concatenate([self._labels, np.full(count, label, dtype=object)])
        return np.arange(first, first + count)

    def remove_rows(self, rows: Ints) -> None:
        """Remove rows; those behind them move up."""
        self._lp_basis = None  # it knows the rows by position only
        _require(self._model.deleteRows(len(rows), _positions(np.unique(rows))), "deleteRows")
        self._labels = np.delete(self._labels, rows)

    def set_integrality(self, columns: Ints, integer: bool) -> None:
        """Make columns integer, or relax them; the basis of the relaxation survives a detour through integers."""
        if integer and not self.is_mip:
            self._lp_basis = self._model.getBasis()
        kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
        kinds = np.full(len(columns), int(kind), dtype=np.uint8)
        _require(self._model.changeColsIntegrality(len(columns), _positions(columns), kinds), "changeColsIntegrality")
        self._integer[columns] = integer
        if not integer and not self.is_mip:
            self._restore_basis()

    def basis(self) -> Basis:
        """From where the next solve of a linear program would start."""
        return Basis(self._model.getBasis())

    def start_from(self, basis: Basis | None) -> None:
        """Forget what earlier solves left: the next one depends on the problem and this basis alone; None: on none."""
        self._model.clearSolver()
        if basis is not None:
            _require(self._model.setBasis(basis.highs), "setBasis")

    def duals(self) -> Duals:
        """Prices of the last solve, which must have been of a linear program."""
        rows, columns = self.shape
        if not columns:
            return Duals(np.zeros(rows), np.empty(0), fixed_integers=False)
        solution = self._model.getSolution()
        if self.is_mip or not solution.dual_valid:
            raise SolverError("no prices: the last solve was not a linear program solved to the end; see fix_and_price")
        return Duals(np.array(solution.row_dual), np.array(solution.col_dual), fixed_integers=False)

    def conflict(self, seconds: float = np.inf) -> ConflictSet | None:
        """Conflict of the linear program just found infeasible, irreducible if time allows, or None."""
        self._set("iis_strategy", IRREDUCIBLE_FROM_LP)
        self._set("iis_time_limit", seconds)
        status, iis = self._runner.run(self._model.getIis, self._interrupt)
        if status != highspy.HighsStatus.kOk or not iis.valid_:
            return None
        rows, row_sides = sided(iis.row_index_, iis.row_bound_)
        columns, column_sides = sided(iis.col_index_, iis.col_bound_)
        if not len(rows) and not len(columns):
            return None
        return ConflictSet(rows, row_sides, columns, column_sides, iis.status_ == IRREDUCIBLE)

    def rows_of_proof(self) -> Ints:
        """Rows with a multiplier in the proof that the program is infeasible, which simplex without presolve found."""
        _, is_known, multipliers = self._model.getDualRay()
        return np.flatnonzero(multipliers) if is_known else np.zeros(0, dtype=np.int64)

    def _apply(self, options: SolveOptions) -> None:
        """Set HiGHS's options, all others to their defaults, when they differ from those in force."""
        if options == self._applied:
            return
        if self._applied is not None and options.threads != self._applied.threads:
            self._runner = Runner()  # HiGHS fixes the number of threads for each calling thread
        self._model.resetOptions()
        self._set("output_flag", options.log)
        self._set("log_to_console", options.log)
        self._set("mip_min_logging_interval", SECONDS_BETWEEN_PROGRESS)
        for name in sorted(options.asked()):
            for key, value in OPTIONS[name](getattr(options, name)).items():
                self._set(key, value)
        self._applied = options

    def _set(self, key: str, value: Any) -> None:
        if self._model.setOptionValue(key, value) != highspy.HighsStatus.kOk:
            self._applied = None
            raise UnsupportedOptionError(
                f"backend highs refuses {key}={value}: out of range, or not in this build of HiGHS"
                + (f"; algorithms here: {', '.join(ALGORITHMS)}" if key == "solver" else "")
            )

    def _run(self, on_progress: OnProgress | None) -> None:
        self._failure, self._on_progress = None, on_progress
        if on_progress is not None:
            self._set("output_flag", True)  # without it HiGHS makes no logging callback either
            self._model.startCallback(_MIP_LOGGING)
        try:
            status = self._runner.run(self._model.run, self._interrupt)
        finally:
            for kind in (*_INTERRUPTS, _MIP_LOGGING):
                self._model.stopCallback(kind)
            if on_progress is not None:
                self._set("output_flag", self._asked.log)
        if self._failure is not None:
            raise self._failure
        if status == highspy.HighsStatus.kError:
            name = self._model.modelStatusToString(self._model.getModelStatus())
            raise SolverError(f"HiGHS failed ({name}): check the coefficient ranges, or solve with presolve=False")

    def _run_without_presolve(self, on_progress: OnProgress | None) -> None:
        """Decide between infeasible and unbounded, which presolve alone may leave open."""
        self._set("presolve", "off")
        self._applied = None
        self._model.clearSolver()
        self._run(on_progress)

    def _interrupt(self) -> None:
        """Make the running solve stop; starting these callbacks only now keeps them free of cost until then."""
        for kind in _INTERRUPTS:
            self._model.startCallback(kind)

    def _report(self, out: Any) -> None:
        """Hand the state of a running MIP solve to the caller; what the caller raises ends the solve."""
        incumbent = out.mip_primal_bound if abs(out.mip_primal_bound) < INFINITE else None
        gap = relative_gap(incumbent, out.mip_dual_bound)
        try:
            if self._on_progress is not None:
                self._on_progress(Progress(out.running_time, incumbent, out.mip_dual_bound, gap))
        except BaseException as error:
            self._failure = error
            self._interrupt()

    def _result(self, seconds: float) -> Result:
        status, info = self._model.getModelStatus(), self._model.getInfo()
        statistics = statistics_of(info, seconds, self.is_mip)
        if status in _ENDED:
            return Result(_ENDED[status], None, None, _NEVER[self._sense], None, None, NAME, statistics)
        if status != Status.kOptimal and status not in _LIMITS:
            raise SolverError(f"HiGHS ended with {self._model.modelStatusToString(status)}: solve with presolve=False")
        limit = _LIMITS.get(status)
        if info.primal_solution_status != highspy.kSolutionStatusFeasible:
            bound = info.mip_dual_bound if self.is_mip else _NEVER[self._sense]
            return Result(Reason.NO_POINT, limit or Limit.OTHER, None, bound, None, None, NAME, statistics)
        primal, bound = info.objective_function_value, self._bound(info, status)
        if limit is None and not self._within_gap(primal, bound):
            limit = Limit.OTHER
        reason = Reason.OPTIMAL if limit is None else Reason.FEASIBLE
        x = np.array(self._model.getSolution().col_value)
        return Result(reason, limit, primal, bound, x, None, NAME, statistics)

    def _bound(self, info: Any, status: Status) -> float:
        """What no point can beat; never on the wrong side of the point itself."""
        primal = float(info.objective_function_value)
        if not self.is_mip:
            return primal if status == Status.kOptimal else _NEVER[self._sense]
        safer = min if self._sense == "min" else max
        return safer(primal, float(info.mip_dual_bound))

    def _within_gap(self, primal: float, bound: float) -> bool:
        """Whether the bounds bear out 'optimal', which a status alone does not."""
        asked = self._asked.relative_gap
        relative = DEFAULT_RELATIVE_GAP if asked is None else asked
        return abs(bound - primal) <= (1 + 1e-6) * max(relative * abs(primal), ABSOLUTE_GAP)

    def _without_columns(self) -> Result:
        """HiGHS leaves a problem without columns open: it is feasible where every row admits 0."""
        lp = self._model.getLp()
        if (np.asarray(lp.row_lower_) > 0).any() or (np.asarray(lp.row_upper_) < 0).any():
            return Result(Reason.INFEASIBLE, None, None, _NEVER[self._sense], None, None, NAME)
        return Result(Reason.OPTIMAL, None, lp.offset_, lp.offset_, np.empty(0), None, NAME)

    def _restore_basis(self) -> None:
        """Put back the basis kept before integers were switched on; rows added since are basic."""
        if self._lp_basis is None:
            return
        more = self._model.getNumRow() - len(self._lp_basis.row_status)
        if more > 0:
            self._lp_basis.row_status = [*self._lp_basis.row_status, *[highspy.HighsBasisStatus.kBasic] * more]
        if more >= 0:
            self._model.setBasis(self._lp_basis)
        self._lp_basis = None


class HighsBackend:
    """Direct solves: load, solve once, and price linear programs."""

    name = "highs"
    capabilities = frozenset(Capability) - {Capability.INTEGER_ONLY}
    supported_options = frozenset(OPTIONS)

    def version(self) -> str:
        """Version of highspy."""
        return version("highspy")

    def is_available(self) -> bool:
        """True: without highspy this module cannot be imported."""
        return True

    def solve(
        self,
        problem: Problem,
        options: SolveOptions,
        hint: Hint | None = None,
        on_progress: OnProgress | None = None,
    ) -> Result:
        """Solve once; a linear program solved to the end carries its duals."""
        check_options(self, options)
        session = HighsSession(problem, options)
        result = session.solve(hint=hint, on_progress=on_progress)
        if result.reason is Reason.OPTIMAL and not session.is_mip:
            return replace(result, duals=session.duals())
        return result


BACKENDS: dict[str, Backend] = {NAME: HighsBackend()}


def _callback_of(owner: weakref.ref[HighsSession]) -> Callable[..., None]:
    """What HiGHS calls back; it must not keep the session alive, which owns the HiGHS object."""

    def called(kind: Any, _message: str, out: Any, into: Any, _data: object) -> None:
        session = owner()
        if session is not None and int(kind) == int(_MIP_LOGGING):
            session._report(out)
        elif into is not None:
            into.user_interrupt = True

    return called


def _positions(positions: Ints) -> NDArray[np.int32]:
    return np.asarray(positions, dtype=np.int32)


def _numbers(values: Floats, count: int) -> Floats:
    """`values` as (count,) floats; HiGHS itself would read past the end of a short array, and accept NaN."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (count,) or np.isnan(numbers).any():
        raise ValueError(f"expected {count} numbers without NaN, found shape {numbers.shape}")
    return numbers


def _require(status: highspy.HighsStatus, call: str) -> None:
    """Raise SolverError when HiGHS refuses a call; a warning, as for lower > upper, leaves it to the solve."""
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused {call}")
