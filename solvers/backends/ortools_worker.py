"""Worker side of SCIP, GLOP and PDLP: arrays to a MathOpt model and back. Runs only in worker processes."""

from __future__ import annotations

from typing import Any

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray
from ortools.math_opt import callback_pb2, model_parameters_pb2, model_pb2, parameters_pb2, result_pb2
from ortools.math_opt.core.python import solver

from solvers.handover import Outcome, Program, RefusalError, Report, Request

_ENGINES = {
    "scip": parameters_pb2.SOLVER_TYPE_GSCIP,
    "glop": parameters_pb2.SOLVER_TYPE_GLOP,
    "pdlp": parameters_pb2.SOLVER_TYPE_PDLP,
}
_REASONS = {
    result_pb2.TERMINATION_REASON_OPTIMAL: "optimal",
    result_pb2.TERMINATION_REASON_FEASIBLE: "feasible",
    result_pb2.TERMINATION_REASON_NO_SOLUTION_FOUND: "no_point",
    result_pb2.TERMINATION_REASON_INFEASIBLE: "infeasible",
    result_pb2.TERMINATION_REASON_UNBOUNDED: "unbounded",
    result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED: "infeasible_or_unbounded",
}
_LIMITS = {
    result_pb2.LIMIT_TIME: "time",
    result_pb2.LIMIT_NODE: "work",
    result_pb2.LIMIT_ITERATION: "work",
    result_pb2.LIMIT_MEMORY: "memory",
    result_pb2.LIMIT_INTERRUPTED: "interrupt",
}


def describe(engine: str) -> str:
    """Version of OR-Tools, which carries the engine."""
    if engine not in _ENGINES:
        raise RefusalError("engine", f"OR-Tools has no engine {engine!r} here")
    from importlib.metadata import version

    return f"OR-Tools {version('ortools')}"


def solve(request: Request, program: Program, report: Report) -> Outcome:
    """Solve with one of the MathOpt engines."""
    parameters = json_format.ParseDict(dict(request.parameters), parameters_pb2.SolveParametersProto())
    model, hints = _model(program), _hints(program)
    report.solving()
    try:
        answer = solver.solve(
            model,
            _ENGINES[request.engine],
            parameters_pb2.SolverInitializerProto(),
            parameters,
            hints,
            None,
            callback_pb2.CallbackRegistrationProto(),
            None,
            None,
        )
    except Exception as fault:  # the binding raises its own exception type; its text is all it says
        raise RefusalError("engine", f"{request.engine} refused the problem: {fault}") from fault
    return _outcome(request, program, parameters, answer)


def _model(program: Program) -> Any:
    """The program as a MathOpt model: ids are positions, entries in row order."""
    model = model_pb2.ModelProto()
    rows, columns = len(program.row_lower), len(program.lower)
    model.variables.ids.extend(range(columns))
    model.variables.lower_bounds.extend(program.lower)
    model.variables.upper_bounds.extend(program.upper)
    model.variables.integers.extend(program.integer)
    model.objective.maximize = program.maximize
    model.objective.offset = program.offset
    priced = np.flatnonzero(program.cost)
    model.objective.linear_coefficients.ids.extend(priced)
    model.objective.linear_coefficients.values.extend(program.cost[priced])
    model.linear_constraints.ids.extend(range(rows))
    model.linear_constraints.lower_bounds.extend(program.row_lower)
    model.linear_constraints.upper_bounds.extend(program.row_upper)
    model.linear_constraint_matrix.row_ids.extend(program.row_of_entry)
    model.linear_constraint_matrix.column_ids.extend(program.indices)
    model.linear_constraint_matrix.coefficients.extend(program.data)
    return model


def _hints(program: Program) -> Any:
    parameters = model_parameters_pb2.ModelSolveParametersProto()
    if len(program.hint):
        hint = parameters.solution_hints.add()
        hint.variable_values.ids.extend(range(len(program.hint)))
        hint.variable_values.values.extend(program.hint)
    return parameters


def _outcome(request: Request, program: Program, parameters: Any, answer: Any) -> Outcome:
    termination, stats = answer.termination, answer.solve_stats
    reason = _REASONS.get(termination.reason)
    if reason is None:
        word = result_pb2.TerminationReasonProto.Name(termination.reason).removeprefix("TERMINATION_REASON_").lower()
        raise RefusalError(
            "engine",
            f"{request.engine} stopped with {word!r} {termination.detail}. "
            "Next: look at the coefficient ranges, or solve with another backend.",
        )
    seconds = stats.solve_time.ToTimedelta().total_seconds()
    early = reason in ("feasible", "no_point")
    rows, columns = len(program.row_lower), len(program.lower)
    solution = answer.solutions[0] if reason in ("optimal", "feasible") else None
    dual = solution.dual_solution if solution is not None and solution.HasField("dual_solution") else None
    return Outcome(
        reason=reason,
        limit=_limit(termination.limit, parameters, seconds) if early else None,
        dual_bound=termination.objective_bounds.dual_bound,
        x=None if solution is None else _dense(solution.primal_solution.variable_values, columns),
        row_duals=None if dual is None else _dense(dual.dual_values, rows),
        column_duals=None if dual is None else _dense(dual.reduced_costs, columns),
        statistics={
            "seconds": seconds,
            "nodes": stats.node_count,
            "simplex_iterations": stats.simplex_iterations,
            "first_order_iterations": stats.first_order_iterations,
        },
    )


def _limit(limit: int, parameters: Any, seconds: float) -> str:
    """The limit that stopped the engine; GLOP leaves it unsaid, so a spent time limit is recognised."""
    known = _LIMITS.get(limit)
    if known is not None:
        return known
    allowed = parameters.time_limit.ToTimedelta().total_seconds()
    return "time" if parameters.HasField("time_limit") and seconds >= 0.9 * allowed else "other"


def _dense(vector: Any, size: int) -> NDArray[np.float64]:
    """A sparse vector of MathOpt as an array of shape (size,)."""
    dense = np.zeros(size)
    dense[np.asarray(vector.ids, dtype=np.int64)] = np.asarray(vector.values, dtype=np.float64)
    return dense
