"""The two engines of conflict explanation: deletion of row sides, and least weighted violation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.backends.base import ConflictSet
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Family, Problem
from solvers.result import Reason, Result, SolverError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEGLIGIBLE = 1e-6
"""Violations below this are within solver tolerances."""
SHARE_OF_TIME_A_CHECK = 0.1
"""No single feasibility check of the deletion filter may use more of the time left."""
SHARE_OF_TIME_ELASTIC = 0.4
ELASTIC = "elastic.violation"
LAST_RESORT = 1e3
"""How much dearer than the dearest named family it is to violate one that is not named."""


@dataclass
class Clock:
    """Shares one time limit among many solves."""

    seconds: float
    options: SolveOptions

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.0)

    def allow(self, share: float) -> SolveOptions:
        """Options whose time limit is a share of the time left."""
        return replace(self.options, time_limit_s=share * self.left, relative_gap=None, work_limit=None)


def deletion_filter(problem: Problem, clock: Clock) -> ConflictSet | None:
    """Row sides that are still infeasible together after all others are deleted.

    Column bounds and integrality are never deleted. Whole families go first, then halves, quarters, ... down to
    single sides. None where infeasibility of the whole could not be proven in time.
    """
    sides = _Sides(problem, clock)
    kept = sides.all
    if not sides.are_infeasible(kept):
        return None
    for family in problem.rows.values():
        inside = (sides.row_of(kept) >= family.start) & (sides.row_of(kept) < family.stop)
        kept = sides.without(kept, inside)
    size = max(len(kept) // 2, 1)
    while True:
        sides.conclusive = True
        kept = _delete_groups(sides, kept, size)
        if size == 1:
            return sides.conflict(kept)
        size //= 2


def _delete_groups(sides: _Sides, kept: Ints, size: int) -> Ints:
    start = 0
    while start < len(kept):
        group = np.zeros(len(kept), dtype=bool)
        group[start : start + size] = True
        rest = sides.without(kept, group)
        start += size if len(rest) == len(kept) else 0
        kept = rest
    return kept


class _Sides:
    """Finite row sides, numbered: side k is the lower side of row k, side rows + k its upper side.

    `conclusive` turns False when a check ran out of time; its side is then kept.
    """

    def __init__(self, problem: Problem, clock: Clock) -> None:
        self._problem = problem
        self._clock = clock
        self._rows = problem.shape[0]
        self._session = HighsSession(problem)
        self.all = np.flatnonzero(np.isfinite(np.concatenate([problem.row_lower, problem.row_upper])))
        self.conclusive = True

    def row_of(self, sides: Ints) -> Ints:
        """Row of each side."""
        return sides % self._rows

    def without(self, kept: Ints, group: NDArray[np.bool_]) -> Ints:
        """`kept` less the group where the rest is still infeasible, else `kept`."""
        rest = kept[~group]
        return rest if group.any() and self.are_infeasible(rest) else kept

    def are_infeasible(self, kept: Ints) -> bool:
        """Whether these sides alone are proven infeasible."""
        present = np.zeros(2 * self._rows, dtype=bool)
        present[kept] = True
        lower = np.where(present[: self._rows], self._problem.row_lower, -np.inf)
        upper = np.where(present[self._rows :], self._problem.row_upper, np.inf)
        self._session.set_row_bounds(np.arange(self._rows), lower, upper)
        reason = self._session.solve(self._clock.allow(SHARE_OF_TIME_A_CHECK)).reason
        self.conclusive &= reason is not Reason.NO_POINT
        return reason is Reason.INFEASIBLE

    def conflict(self, kept: Ints) -> ConflictSet:
        """The kept sides, grouped by row."""
        lower, upper = kept[kept < self._rows], kept[kept >= self._rows] - self._rows
        rows = np.union1d(lower, upper)
        low, high = np.isin(rows, lower), np.isin(rows, upper)
        named = np.where(low & high, "both", np.where(low, "lower", "upper"))
        return ConflictSet(rows, tuple(named.tolist()), np.empty(0, dtype=np.int64), (), self.conclusive)


def elastic_violation(problem: Problem, clock: Clock, weights: Mapping[str, float] | None) -> Floats:
    """Signed violation of each row, (rows,), of least weighted total: above the upper side > 0, below the lower < 0.

    Column bounds and integrality hold. Raises SolverError when no point is found in time.
    """
    prices = _prices(problem, weights)
    result = _elastic_solve(problem, clock, prices)
    if result.reason is Reason.INFEASIBLE and np.isinf(prices).any():
        dearest = prices[np.isfinite(prices)].max(initial=1.0)
        result = _elastic_solve(problem, clock, np.where(np.isinf(prices), LAST_RESORT * dearest, prices))
    if result.x is None:
        raise SolverError("no explanation of the conflict was found in time: allow more time")
    rows, columns = problem.shape
    above, below = result.x[columns : columns + rows], result.x[columns + rows :]
    return above - below


def _prices(problem: Problem, weights: Mapping[str, float] | None) -> Floats:
    """Price of one unit of violation by row; inf where it is not allowed."""
    if weights is None:
        largest = np.asarray(abs(problem.matrix).max(axis=1).todense()).ravel()
        return 1.0 / np.where(largest > 0, largest, 1.0)
    prices = np.full(problem.shape[0], np.inf)
    for name, weight in weights.items():
        if name in problem.rows:
            prices[problem.rows[name].slice] = weight
    return prices


def _elastic_solve(problem: Problem, clock: Clock, prices: Floats) -> Result:
    """Least total price of the violations; they are two more columns a row."""
    rows, columns = problem.shape
    allowed = np.isfinite(prices)
    price = np.where(allowed, prices, 0.0)
    above = np.where(allowed & np.isfinite(problem.row_upper), np.inf, 0.0)
    below = np.where(allowed & np.isfinite(problem.row_lower), np.inf, 0.0)
    unit = sp.identity(rows, format="csc")
    elastic = Problem(
        sense="min",
        cost=np.concatenate([np.zeros(columns), price, price]),
        offset=0.0,
        matrix=sp.hstack([problem.matrix, -unit, unit], format="csc"),
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        lower=np.concatenate([problem.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([problem.upper, above, below]),
        integer=np.concatenate([problem.integer, np.zeros(2 * rows, dtype=bool)]),
        rows=problem.rows,
        columns={**problem.columns, ELASTIC: Family(ELASTIC, columns, pd.DataFrame(index=pd.RangeIndex(2 * rows)))},
        name=f"{problem.name} elastic",
    )
    return HighsSession(elastic, clock.allow(SHARE_OF_TIME_ELASTIC)).solve()
