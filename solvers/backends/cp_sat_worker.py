"""Worker side of CP-SAT: whole-number arrays to its own model. Runs only in worker processes."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from solvers.backends.integer_scaling import IntegerProgram, to_integers
from solvers.handover import Outcome, Program, RefusalError, Report, Request

_REASONS = {"OPTIMAL": "optimal", "FEASIBLE": "feasible", "INFEASIBLE": "infeasible", "UNKNOWN": "no_point"}


def describe(engine: str) -> str:
    """Version of OR-Tools, which carries CP-SAT."""
    from importlib.metadata import version

    return f"OR-Tools {version('ortools')}"


def solve(request: Request, program: Program, report: Report) -> Outcome:
    """Solve with CP-SAT after exact scaling to whole numbers."""
    whole = to_integers(program)
    model = _model(program, whole)
    fault = cp.CpSatHelper.validate_model(model)
    if fault:
        raise RefusalError("engine", f"cp_sat refused the model: {fault}")
    wrapper: Any = cp.SolveWrapper()
    wrapper.set_parameters(_parameters(request))
    watcher = _watcher(report)
    wrapper.add_solution_callback(watcher)
    proven: list[float] = []
    wrapper.add_best_bound_callback(proven.append)
    report.solving()
    response = wrapper.solve(model)
    return _outcome(request, program, whole, response, _bound(program, whole, response, proven))


def _parameters(request: Request) -> Any:
    parameters = cp.SatParameters()
    parameters.absolute_gap_limit = 0.0  # its default of 1e-4 is in objective units, whatever their size
    for name, value in request.parameters.items():
        setattr(parameters, name, value)
    return parameters


def _model(program: Program, whole: IntegerProgram) -> Any:
    model = cp.CpModelProto()
    for low, high in zip(whole.lower.tolist(), whole.upper.tolist(), strict=True):
        model.variables.add().domain.extend([low, high])
    indices, data, ends = program.indices.tolist(), whole.data.tolist(), program.indptr.tolist()
    sides = zip(whole.row_lower.tolist(), whole.row_upper.tolist(), strict=True)
    for row, (low, high) in enumerate(sides):
        if low > high:
            model.constraints.add().bool_or.literals.extend([])
            continue
        part = slice(ends[row], ends[row + 1])
        linear = model.constraints.add().linear
        linear.vars.extend(indices[part])
        linear.coeffs.extend(data[part])
        linear.domain.extend([low, high])
    _add_objective(model, program, whole)
    if len(program.hint):
        model.solution_hint.vars.extend(range(len(program.hint)))
        model.solution_hint.values.extend(np.rint(program.hint).astype(np.int64).tolist())
    return model


def _add_objective(model: Any, program: Program, whole: IntegerProgram) -> None:
    """Minimise the scaled cost; factor and offset make the engine's own log and gap speak in objective units."""
    priced = np.flatnonzero(whole.cost)
    if not len(priced):
        return
    sign = -1.0 if program.maximize else 1.0
    model.objective.vars.extend(priced.tolist())
    model.objective.coeffs.extend(whole.cost[priced].tolist())
    model.objective.scaling_factor = sign / whole.cost_scale
    model.objective.offset = sign * program.offset * whole.cost_scale


def _watcher(report: Report) -> Any:
    """An observer that reports every improving solution."""

    def on_solution(self: Any) -> None:
        report.progress(self.ObjectiveValue(), self.BestObjectiveBound())

    return type("Watcher", (cp.SolutionCallback,), {"OnSolutionCallback": on_solution})()


def _outcome(request: Request, program: Program, whole: IntegerProgram, response: Any, bound: float) -> Outcome:
    reason = _REASONS.get(response.status.name)
    if reason is None:
        raise RefusalError("engine", f"cp_sat stopped with {response.status.name}: {response.solution_info}")
    has_point = reason in ("optimal", "feasible")
    return Outcome(
        reason=reason,
        limit=_limit(request, response.wall_time) if reason in ("feasible", "no_point") else None,
        dual_bound=bound,
        x=np.array(list(response.solution), dtype=np.float64) if has_point else None,
        statistics={
            "seconds": response.wall_time,
            "conflicts": response.num_conflicts,
            "branches": response.num_branches,
            "objective_rounding": whole.cost_error,
        },
    )


def _bound(program: Program, whole: IntegerProgram, response: Any, proven: list[float]) -> float:
    """The proven bound. Without a point the response says 0 when nothing was proven: then the column bounds count."""
    loosest = whole.true_bound(whole.cost_over_bounds(), program)
    if not whole.cost.any():
        return loosest
    if response.status.name != "UNKNOWN":
        return whole.true_bound(int(response.inner_objective_lower_bound), program)
    if program.maximize:
        return min([loosest, *(value + whole.cost_error for value in proven)])
    return max([loosest, *(value - whole.cost_error for value in proven)])


def _limit(request: Request, seconds: float) -> str:
    allowed = request.parameters.get("max_time_in_seconds")
    if allowed is not None and seconds >= 0.9 * float(allowed):
        return "time"
    return "work" if "max_number_of_conflicts" in request.parameters else "other"
