"""Worker side of CBC and of any other solver that PuLP reaches: the only file that touches PuLP.

Written for pulp>=3.3,<4. Runs only in worker processes. Rows are built one side at a time: PuLP keeps
only the last part of a chained comparison. PuLP's word "Optimal" is not taken, because it also says so
when a time limit stopped the solve; CBC's own log is read instead, and of other solvers only a bound
that they hand over counts.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.backends.cbc_log import CUTOFF, CbcEnd, read_log
from solvers.handover import Outcome, Program, RefusalError, Report, Request

_LOG_NAME = "cbc.log"
_CONFIRM = ["preprocess off"]
_INFEASIBLE, _UNBOUNDED = -1, -2
"""PuLP's status codes for a problem without an answer."""
_PROVEN, _STOPPED = 1, 2
"""PuLP's codes for a point that is said to be optimal, and for one found before a limit."""

_BOUND_READERS: Mapping[str, Callable[[Any, float], float]] = {
    "HiGHS": lambda model, sign: sign * float(model.getInfo().mip_dual_bound),
    "GUROBI": lambda model, sign: float(model.ObjBound),
}
"""How to read the bound from the solver object that PuLP leaves behind, for the solvers that have one.

`sign` is -1 when maximising: PuLP hands HiGHS the negated objective.
"""


def describe(engine: str) -> str:
    """Versions of the engine, as far as known, and of PuLP; refuses an engine that is not installed."""
    pulp = _pulp(engine)
    if engine != "cbc":
        return f"{_licensed(pulp, engine, {}, log=False).name} (PuLP {pulp.__version__})"
    command = [_cbc(pulp, {}).path, "-quit"]
    banner = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
    version = re.search(r"Version: (\S+)", banner)
    return f"CBC {version.group(1) if version else 'unknown'} (PuLP {pulp.__version__})"


def solve(request: Request, program: Program, report: Report) -> Outcome:
    """Solve with CBC ("cbc") or with the solver of that name in PuLP's list."""
    pulp = _pulp(request.engine)
    model = _Model(pulp, program)
    if request.engine == "cbc":
        return _solve_cbc(pulp, request, model, report)
    return _solve_licensed(pulp, request, model, report)


def _pulp(engine: str) -> Any:
    """PuLP; for CBC without highspy, which PuLP would import when it is present."""
    if engine == "cbc":
        vars(sys)["modules"]["highspy"] = None
    import pulp

    return pulp


class _Model:
    """The program as a PuLP problem, with the way back to arrays."""

    def __init__(self, pulp: Any, program: Program) -> None:
        self.program = program
        self.columns = [
            pulp.LpVariable(f"x{j}", _finite(low), _finite(high), cat="Integer" if whole else "Continuous")
            for j, (low, high, whole) in enumerate(zip(program.lower, program.upper, program.integer, strict=True))
        ]
        self.problem = pulp.LpProblem("problem", pulp.LpMaximize if program.maximize else pulp.LpMinimize)
        priced = zip(self.columns, program.cost.tolist(), strict=True)
        self.problem.setObjective(pulp.LpAffineExpression([(column, cost) for column, cost in priced]))
        self._rows: list[tuple[int, Any]] = []
        for row in range(len(program.row_lower)):
            self._add_row(pulp, row)

    def _add_row(self, pulp: Any, row: int) -> None:
        program = self.program
        part = slice(int(program.indptr[row]), int(program.indptr[row + 1]))
        chosen = (self.columns[j] for j in program.indices[part])
        terms = list(zip(chosen, program.data[part].tolist(), strict=True))
        low, high = float(program.row_lower[row]), float(program.row_upper[row])
        if low == high:
            sides = [(pulp.LpConstraintEQ, low)]
        else:
            both = [(pulp.LpConstraintGE, low), (pulp.LpConstraintLE, high)]
            sides = [(sense, value) for sense, value in both if np.isfinite(value)]
        for sense, value in sides:
            constraint = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=value)
            self.problem.addConstraint(constraint, f"r{len(self._rows)}")
            self._rows.append((row, constraint))

    def start_from(self, hint: NDArray[np.float64]) -> None:
        for column, value in zip(self.columns, hint.tolist(), strict=True):
            column.setInitialValue(value, check=False)

    def point(self) -> NDArray[np.float64]:
        """Values of the columns; one that PuLP never passed on (no row, no cost) is put at its bound nearest 0."""
        resting = np.clip(0.0, self.program.lower, self.program.upper)
        values = [column.varValue for column in self.columns]
        return np.array([rest if value is None else value for value, rest in zip(values, resting, strict=True)])

    def duals(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """(row, column) duals of a linear program; None when the solver gave none."""
        pis = [constraint.pi for _, constraint in self._rows]
        if self.program.integer.any() or any(pi is None for pi in pis):
            return None
        rows = np.zeros(len(self.program.row_lower))
        np.add.at(rows, [row for row, _ in self._rows], np.array(pis, dtype=np.float64))
        reduced = self.program.cost.copy()
        np.subtract.at(reduced, self.program.indices, self.program.data * rows[self.program.row_of_entry])
        return rows, reduced


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _solve_cbc(pulp: Any, request: Request, model: _Model, report: Report) -> Outcome:
    """Run CBC; what it calls infeasible without a search is asked again without preprocessing, which has been wrong."""
    report.solving()
    started = time.monotonic()
    end = _run_cbc(pulp, request, model, {})
    if end.word.startswith("infeasible") and model.program.integer.any() and not end.statistics.get("nodes"):
        spent = time.monotonic() - started
        end = _run_cbc(pulp, request, model, {"spent": spent})
    return _cbc_outcome(end, model, time.monotonic() - started)


def _run_cbc(pulp: Any, request: Request, model: _Model, again: Mapping[str, float]) -> CbcEnd:
    parameters = dict(request.parameters)
    options = [f"increment {CUTOFF}", *parameters.pop("options", [])]
    if again:
        options += _CONFIRM
        if "timeLimit" in parameters:
            parameters["timeLimit"] = max(0.0, parameters["timeLimit"] - again["spent"])
    if len(model.program.hint):
        model.start_from(model.program.hint)
        parameters["warmStart"] = True
    solver = _cbc(pulp, {**parameters, "options": options, "msg": False, "logPath": _LOG_NAME})
    solver.tmpDir = ""
    try:
        model.problem.solve(solver)
    except pulp.PulpSolverError as fault:
        raise RefusalError("engine", f"cbc failed: {fault}. Its log ends: {_log()[-500:]}") from fault
    log = _log()
    if request.log:
        sys.stderr.write(log)
    return read_log(log, model.program.maximize)


def _log() -> str:
    path = Path(_LOG_NAME)
    return path.read_text(errors="replace") if path.exists() else ""


def _cbc(pulp: Any, parameters: Mapping[str, Any]) -> Any:
    """CBC as bundled with PuLP, else one on the path."""
    for kind in (pulp.PULP_CBC_CMD, pulp.COIN_CMD):
        solver = kind(**parameters)
        if solver.available():
            return solver
    raise RefusalError("engine", "no CBC program found. Next: install `pulp[cbc]` or put cbc on the path.")


def _cbc_outcome(end: CbcEnd, model: _Model, seconds: float) -> Outcome:
    program = model.program
    statistics = {"seconds": seconds, **end.statistics}
    bound = program.best_unknown if end.bound is None else end.bound + program.offset
    if end.word == "optimal":
        rows, columns = model.duals() or (None, None)
        return Outcome("optimal", None, bound, model.point(), rows, columns, statistics)
    if end.word != "stopped":
        return Outcome(end.word, None, bound, statistics=statistics)
    if model.problem.sol_status == _STOPPED:
        return Outcome("feasible", end.limit, bound, model.point(), statistics=statistics)
    return Outcome("no_point", end.limit, bound, statistics=statistics)


def _solve_licensed(pulp: Any, request: Request, model: _Model, report: Report) -> Outcome:
    solver = _licensed(pulp, request.engine, request.parameters, request.log)
    report.solving()
    started = time.monotonic()
    try:
        status = model.problem.solve(solver)
    except pulp.PulpSolverError as fault:
        raise RefusalError("engine", f"{request.engine} failed: {fault}") from fault
    seconds = time.monotonic() - started
    unknown = model.program.best_unknown
    if status in (_INFEASIBLE, _UNBOUNDED):
        return Outcome(_no_answer(status, model.program), None, unknown, statistics={"seconds": seconds})
    allowed = request.parameters.get("timeLimit")
    limit = "time" if allowed is not None and seconds >= 0.9 * allowed else "other"
    if model.problem.sol_status not in (_PROVEN, _STOPPED):
        return Outcome("no_point", limit, unknown, statistics={"seconds": seconds})
    bound = _told_bound(request.engine, model)
    if bound is None:
        return Outcome("feasible", limit, unknown, model.point(), statistics={"seconds": seconds})
    optimal = model.problem.sol_status == _PROVEN
    return Outcome(
        "optimal" if optimal else "feasible",
        None if optimal else limit,
        bound,
        model.point(),
        statistics={"seconds": seconds},
    )


def _no_answer(status: int, program: Program) -> str:
    """The reason behind PuLP's word: it also says "infeasible" where the solver said "infeasible or unbounded"."""
    if status == _UNBOUNDED:
        return "unbounded"
    best = np.where((program.cost > 0) == program.maximize, program.upper, program.lower)
    return "infeasible" if np.isfinite(best[program.cost != 0]).all() else "infeasible_or_unbounded"


def _licensed(pulp: Any, engine: str, parameters: Mapping[str, Any], log: bool) -> Any:
    """A solver of PuLP's list; refuses names, options and solvers that are not there."""
    known = pulp.listSolvers()
    if engine not in known:
        raise RefusalError("engine", f"PuLP knows no solver {engine!r}; it knows {', '.join(sorted(set(known)))}")
    kind = type(pulp.getSolver(engine, msg=False))
    taken = inspect.signature(kind.__init__).parameters
    refused = sorted(set(parameters) - set(taken))
    if refused:
        raise RefusalError("option", f"backend pulp:{engine} cannot honour {', '.join(refused)}")
    solver = pulp.getSolver(engine, msg=log, **parameters)
    if not solver.available():
        raise RefusalError("engine", f"PuLP cannot reach {engine} here. Next: install it with its licence.")
    return solver


def _told_bound(engine: str, model: _Model) -> float | None:
    """The bound that the solver itself tells, with the offset; None when it tells none."""
    reader = _BOUND_READERS.get(engine)
    if reader is None or not model.program.integer.any():
        return None
    bound = reader(model.problem.solverModel, -1.0 if model.program.maximize else 1.0)
    return bound + model.program.offset if np.isfinite(bound) else None
