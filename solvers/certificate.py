"""Evidence that a result is what it says: objective and feasibility recomputed, gap, a bound safe from tolerances."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.duals import relaxed
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.registry import get_backend, solve
from solvers.residuals import residuals
from solvers.result import Result, relative_gap
from solvers.safe_bound import safe_dual_bound

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Certificate:
    """What can be checked again from the problem and the point alone, and what only the engine says.

    Attributes:
        problem: its name. sense: "min" or "max". shape: rows and columns.
        engine, engine_version: what solved it.
        reason, limit: why it stopped, as in `Result`.
        objective: of the point, recomputed; None without a point.
        bound: what the engine says no point can beat; None when unknown.
        relative_gap: between the two; None when unknown.
        safe_bound: from duals of the linear relaxation, true whatever the engine did; None when not to be had.
        safe_gap: between objective and safe_bound; None when unknown.
        worst_row, worst_bound, worst_integrality: largest violations of the point, 0 without a point.
    """

    problem: str
    sense: str
    shape: tuple[int, int]
    engine: str
    engine_version: str
    reason: str
    limit: str | None
    objective: float | None
    bound: float | None
    relative_gap: float | None
    safe_bound: float | None
    safe_gap: float | None
    worst_row: float
    worst_bound: float
    worst_integrality: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for a JSON file; unknown numbers are None, never NaN or infinite."""
        return asdict(self) | {"shape": list(self.shape)}


def certify(problem: Problem, result: Result, row_duals: Floats | None = None) -> Certificate:
    """Certificate of a result.

    `row_duals` are duals of the linear relaxation, as `root_duals` gives them; without them those of the result
    are used, if they are of the problem itself and not of one with its integers fixed.
    """
    duals = row_duals
    if duals is None and result.duals is not None and not result.duals.fixed_integers:
        duals = result.duals.row
    safe = None if duals is None else safe_dual_bound(problem, duals)
    objective = None if result.x is None else problem.objective(result.x)
    return Certificate(
        problem=problem.name,
        sense=problem.sense,
        shape=problem.shape,
        engine=result.backend,
        engine_version=get_backend(result.backend).version(),
        reason=result.reason.value,
        limit=None if result.limit is None else result.limit.value,
        objective=objective,
        bound=_finite(result.dual_bound),
        relative_gap=_finite(relative_gap(objective, result.dual_bound)),
        safe_bound=safe,
        safe_gap=None if safe is None else _finite(relative_gap(objective, safe)),
        **_worst(problem, result.x),
    )


def root_duals(problem: Problem, options: SolveOptions | None = None) -> Floats | None:
    """Row duals of the linear relaxation; None where it has no optimum within the limits."""
    duals = solve(relaxed(problem), options=options).duals
    return None if duals is None else duals.row


def _worst(problem: Problem, x: Floats | None) -> dict[str, float]:
    if x is None:
        return {"worst_row": 0.0, "worst_bound": 0.0, "worst_integrality": 0.0}
    found = residuals(problem, x)
    parts = {"worst_row": found.rows, "worst_bound": found.bounds, "worst_integrality": found.integrality}
    return {name: max((v.amount for v in part.values()), default=0.0) for name, part in parts.items()}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
