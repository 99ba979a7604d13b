"""A bound on the optimum that holds whatever the solver did, from any vector of row duals.

For min c @ x: with row duals y, c @ x = y @ (A x) + (c - A'y) @ x, and each product is at least its smallest value
within the row sides and column bounds. Nothing is assumed of y, so neither tolerances nor a wrong status can make
the bound false; rounding is covered by widening every number by its worst error.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.problem import Problem

Floats = NDArray[np.float64]

UNIT = float(np.finfo(np.float64).eps)
ROUNDS = 200
"""Most passes that derive missing column bounds from rows; each reaches one row further, as along a chain of nodes."""
SLACK = 1e-9
"""Relative widening of a derived bound, far above its rounding error."""


def safe_dual_bound(problem: Problem, row_duals: Floats) -> float | None:
    """What no feasible point can beat, in the problem's own sense; None where the duals give no finite bound.

    `row_duals` is (rows,), signs as in `solvers.result.Duals`. The bound is that of the linear relaxation, with
    the bounds of integer columns rounded inwards. Columns without bounds get those that the rows imply.
    """
    sign = 1.0 if problem.sense == "min" else -1.0
    dual, row_terms = _row_part(problem, np.nan_to_num(sign * row_duals))
    price, error = _reduced_costs(problem, sign * problem.cost, dual)
    lower, upper = _column_bounds(problem)
    column_terms = _smallest(price - error, price + error, lower, upper)
    terms = np.concatenate([row_terms, column_terms, [sign * problem.offset]])
    if not np.isfinite(terms).all():
        return None
    return sign * (math.fsum(terms) - 4 * UNIT * math.fsum(np.abs(terms)))


def _row_part(problem: Problem, dual: Floats) -> tuple[Floats, Floats]:
    """Duals without those that point at an infinite side, and dual * side."""
    side = np.where(dual > 0, problem.row_lower, problem.row_upper)
    used = np.where(np.isfinite(side), dual, 0.0)
    return used, used * np.where(np.isfinite(side), side, 0.0)


def _reduced_costs(problem: Problem, cost: Floats, dual: Floats) -> tuple[Floats, Floats]:
    """c - A'y and a bound on its rounding error."""
    matrix = problem.matrix
    size = np.abs(cost) + abs(matrix).T @ np.abs(dual)
    error: Floats = (np.diff(matrix.indptr) + 3) * UNIT * size
    return cost - matrix.T @ dual, error


def _smallest(price_low: Floats, price_high: Floats, lower: Floats, upper: Floats) -> Floats:
    """Least price * x over both intervals; -inf where there is none."""
    with np.errstate(invalid="ignore"):
        corners = np.stack([price * x for price in (price_low, price_high) for x in (lower, upper)])
    least: Floats = np.where(np.isnan(corners), 0.0, corners).min(axis=0)  # 0 * inf: a price of exactly 0
    return least


def _column_bounds(problem: Problem) -> tuple[Floats, Floats]:
    """Column bounds, integers rounded inwards, missing ones derived from rows where that is possible."""
    lower = np.where(problem.integer, np.ceil(problem.lower - SLACK), problem.lower)
    upper = np.where(problem.integer, np.floor(problem.upper + SLACK), problem.upper)
    entries = problem.matrix.tocoo()
    entries.eliminate_zeros()
    for _ in range(ROUNDS):
        sides = np.stack([np.isinf(lower), np.isinf(upper)])
        if not sides.any():
            break
        lower, upper = _derived(problem, _near(entries, sides[0] | sides[1]), lower, upper)
        if (sides == np.stack([np.isinf(lower), np.isinf(upper)])).all():
            break
    return lower, upper


def _near(entries: sp.coo_matrix, columns: NDArray[np.bool_]) -> sp.coo_matrix:
    """The entries of all rows in which one of the columns stands."""
    rows = np.zeros(entries.shape[0], dtype=bool)
    rows[entries.row[columns[entries.col]]] = True
    kept = rows[entries.row]
    return sp.coo_matrix((entries.data[kept], (entries.row[kept], entries.col[kept])), shape=entries.shape)


def _derived(problem: Problem, entries: sp.coo_matrix, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Replace infinite bounds by what each row leaves to the column when all others do their utmost."""
    rises = entries.data > 0
    least = np.where(rises, lower[entries.col], upper[entries.col]) * entries.data
    most = np.where(rises, upper[entries.col], lower[entries.col]) * entries.data
    from_upper = _room(problem.row_upper, entries, least)
    from_lower = -_room(-problem.row_lower, entries, -most)
    highest = np.where(rises, from_upper, from_lower) / entries.data
    lowest = np.where(rises, from_lower, from_upper) / entries.data
    new_upper, new_lower = np.full(len(upper), np.inf), np.full(len(lower), -np.inf)
    np.minimum.at(new_upper, entries.col, highest)
    np.maximum.at(new_lower, entries.col, lowest)
    return np.where(np.isinf(lower), new_lower, lower), np.where(np.isinf(upper), new_upper, upper)


def _room(side: Floats, entries: sp.coo_matrix, least: Floats) -> Floats:
    """side - (sum of the row's other least contributions), by entry, widened; inf where another is unbounded."""
    unbounded = np.isinf(least)
    known = np.where(unbounded, 0.0, least)
    count = np.bincount(entries.row, unbounded, len(side))[entries.row] - unbounded
    total = np.bincount(entries.row, known, len(side))[entries.row] - known
    size = np.bincount(entries.row, np.abs(known), len(side))[entries.row]
    own = side[entries.row]
    room = own - total + SLACK * (1.0 + size + np.abs(np.where(np.isfinite(own), own, 0.0)))
    return np.where((count > 0) | np.isinf(own), np.inf, room)
