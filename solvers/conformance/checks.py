"""What must hold of a Result, whatever the backend: each check yields the faults it finds, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solvers.conformance.case import Case
from solvers.problem import Problem
from solvers.result import Duals, Reason, Result

TOLERANCE = 1e-6
"""Accepted error, relative to max(1, size of the number checked)."""

Vector = NDArray[np.float64]


def faults(case: Case, result: Result, duals_promised: bool) -> Iterator[str]:
    """Every fault of a result; none means that the case is passed."""
    yield from _ending(case, result)
    if result.x is not None and result.primal_bound is not None:
        yield from _point(case.problem, result.x, result.primal_bound)
    yield from _bounds(case, result)
    if result.reason is Reason.OPTIMAL:
        yield from _optimum(case, result)
    if result.duals is not None and result.x is not None:
        yield from _prices(case.problem, result.duals, result.x, case)
    elif duals_promised and result.reason is Reason.OPTIMAL and not case.problem.integer.any():
        yield "gave no duals, though it promises them for linear programs"


def _ending(case: Case, result: Result) -> Iterator[str]:
    expected = case.expected
    if result.reason not in expected.reasons:
        wanted = " or ".join(sorted(reason.value for reason in expected.reasons))
        yield f"ended {result.reason.value}, expected {wanted}"
    if result.limit is not expected.limit and result.reason in expected.reasons:
        yield f"names the limit {_word(result.limit)}, expected {_word(expected.limit)}"


def _word(limit: object) -> str:
    return str(getattr(limit, "value", "none"))


def _point(problem: Problem, x: Vector, primal: float) -> Iterator[str]:
    """The point is feasible and has the objective that it is said to have."""
    activity = problem.matrix @ x
    measured = {
        "a row's lower side": _excess(problem.row_lower - activity, problem.row_lower),
        "a row's upper side": _excess(activity - problem.row_upper, problem.row_upper),
        "a lower bound": _excess(problem.lower - x, problem.lower),
        "an upper bound": _excess(x - problem.upper, problem.upper),
        "integrality": float(np.abs(x - np.rint(x))[problem.integer].max(initial=0.0)),
    }
    for what, excess in measured.items():
        if excess > TOLERANCE:
            yield f"the point breaks {what} by {excess:.3g}"
    if not _near(problem.objective(x), primal):
        yield f"the point is worth {problem.objective(x)!r}, not {primal!r}"


def _excess(excess: Vector, bound: Vector) -> float:
    finite = np.isfinite(bound)
    return float((excess[finite] / np.maximum(1.0, np.abs(bound[finite]))).max(initial=0.0))


def _bounds(case: Case, result: Result) -> Iterator[str]:
    """Neither bound is contradicted by the known optimum, by a known point, or by the other bound."""
    if np.isnan(result.dual_bound):
        yield "the bound is not a number"
    known = [v for v in (case.expected.objective, case.expected.attained, result.primal_bound) if v is not None]
    if result.reason in (Reason.OPTIMAL, Reason.FEASIBLE, Reason.NO_POINT):
        for value in known:
            if _better(case.problem, value, result.dual_bound):
                yield f"the bound {result.dual_bound!r} excludes the attainable {value!r}"
    optimum, primal = case.expected.objective, result.primal_bound
    if optimum is not None and primal is not None and _better(case.problem, primal, optimum):
        yield f"claims {primal!r}, better than the optimum {optimum!r}"


def _better(problem: Problem, value: float, bound: float) -> bool:
    """Whether value beats bound by more than the tolerance, in the problem's sense."""
    if not np.isfinite(bound):
        return bool(bound > 0) != (problem.sense == "max")
    slack = TOLERANCE * max(1.0, abs(bound))
    return value > bound + slack if problem.sense == "max" else value < bound - slack


def _optimum(case: Case, result: Result) -> Iterator[str]:
    """Both bounds meet, within the gap that the case asks for, at the known optimum and the known point."""
    gap = (case.options.relative_gap or 0.0) + TOLERANCE
    if result.primal_bound is not None and abs(result.dual_bound - result.primal_bound) > gap * max(
        1.0, abs(result.primal_bound)
    ):
        yield f"is called optimal with bounds {result.primal_bound!r} and {result.dual_bound!r}"
    objective = case.expected.objective
    if objective is not None and case.options.relative_gap is None and not _near(result.primal_bound, objective):
        yield f"reached {result.primal_bound!r}, the optimum is {objective!r}"
    if case.expected.x is not None and result.x is not None:
        yield from _same("point", result.x, case.expected.x)


def _near(value: float | None, expected: float) -> bool:
    return value is not None and abs(value - expected) <= TOLERANCE * max(1.0, abs(expected))


def _same(what: str, found: Vector, expected: tuple[float, ...]) -> Iterator[str]:
    wanted = np.array(expected, dtype=np.float64)
    if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=10 * TOLERANCE, atol=10 * TOLERANCE):
        yield f"the {what} is {np.round(found, 9).tolist()}, the only right one is {wanted.tolist()}"


def _prices(problem: Problem, duals: Duals, x: Vector, case: Case) -> Iterator[str]:
    """Duals price every column exactly, only at sides that bind, with the right sign, and add up to the objective."""
    if duals.fixed_integers != bool(problem.integer.any()):
        yield f"duals say fixed_integers={duals.fixed_integers}"
    if problem.integer.any():
        return
    size = 10 * TOLERANCE * max(1.0, float(np.abs(problem.cost).max(initial=0.0)))
    error = np.abs(problem.cost - problem.matrix.T @ duals.row - duals.column).max(initial=0.0)
    if error > size:
        yield f"cost - A'y - d is not 0 but up to {error:.3g}"
    sign = 1.0 if problem.sense == "min" else -1.0
    yield from _binding("row", sign * duals.row, problem.matrix @ x, problem.row_lower, problem.row_upper, size)
    yield from _binding("column", sign * duals.column, x, problem.lower, problem.upper, size)
    priced = problem.offset + _worth(sign * duals.row, problem.row_lower, problem.row_upper, sign, size)
    priced += _worth(sign * duals.column, problem.lower, problem.upper, sign, size)
    if not abs(priced - problem.objective(x)) <= 10 * TOLERANCE * max(1.0, abs(problem.objective(x))):
        yield f"duals add up to {priced!r}, the objective is {problem.objective(x)!r}"
    if case.expected.row_duals is not None:
        yield from _same("row duals vector", duals.row, case.expected.row_duals)
    if case.expected.column_duals is not None:
        yield from _same("column duals vector", duals.column, case.expected.column_duals)


def _binding(what: str, price: Vector, value: Vector, lower: Vector, upper: Vector, size: float) -> Iterator[str]:
    """In the sense "min": a positive price only at the lower side, a negative one only at the upper side."""
    for wrong, side, name in ((price > size, lower, "lower"), (price < -size, upper, "upper")):
        distance = np.abs(value - side) > 10 * TOLERANCE * np.maximum(1.0, np.abs(side))
        loose = wrong & (~np.isfinite(side) | distance)
        if loose.any():
            first = int(loose.argmax())
            yield f"{what} {first} has price {price[first]:.3g} but is not at its {name} side"


def _worth(price: Vector, lower: Vector, upper: Vector, sign: float, size: float) -> float:
    """Value of the sides at these prices; a price within the tolerance counts nothing at an infinite side."""
    side = np.where(price > 0, lower, upper)
    counted = (np.abs(price) > size) | np.isfinite(side)
    return sign * float(price[counted] @ side[counted])
