"""The two engines of conflict explanation: deletion of row sides, and least weighted violation."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.backends.base import ConflictSet
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Family, Problem
from solvers.result import Reason, Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDES = ("lower", "upper")
Weights = Mapping[str | tuple[str, str], float]
"""Price of one unit of violation, by row family, or by (family, "lower" or "upper")."""
NEGLIGIBLE = 1e-6
"""Violations below this are within solver tolerances."""
SHARE_OF_TIME_A_CHECK = 0.1
"""No single feasibility check of the deletion filter may use more of the time left."""
SHARE_OF_TIME_CHOSEN = 0.85
"""Of the time left: for a repair within the rows chosen, before every row may be violated."""
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

    def part(self, share: float) -> Clock:
        """A clock of its own with a share of the time left."""
        return Clock(share * self.left, self.options)


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
        sides.conclusive = sides.has_time
        kept = _delete_groups(sides, kept, size)
        if size == 1 or not sides.has_time:
            return sides.conflict(kept)
        size //= 2


def _delete_groups(sides: _Sides, kept: Ints, size: int) -> Ints:
    start = 0
    while start < len(kept) and sides.has_time:
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

    @property
    def has_time(self) -> bool:
        """Whether the clock still runs; without it nothing more is conclusive."""
        self.conclusive &= self._clock.left > 0.0
        return self._clock.left > 0.0

    def row_of(self, sides: Ints) -> Ints:
        """Row of each side."""
        return sides % self._rows

    def without(self, kept: Ints, group: NDArray[np.bool_]) -> Ints:
        """`kept` less the group where the rest is still infeasible, else `kept`."""
        rest = kept[~group]
        return rest if group.any() and self.are_infeasible(rest) else kept

    def are_infeasible(self, kept: Ints) -> bool:
        """Whether these sides alone are proven infeasible, in the time that is left."""
        if not self.has_time:
            return False
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


def elastic_violation(
    problem: Problem, clock: Clock, weights: Weights | None, families: Collection[str] | None = None
) -> Floats | None:
    """Signed violation of each row, (rows,), of least weighted total: above the upper side > 0, below the lower < 0.

    Column bounds and integrality hold. `weights` prices a unit by family or side; without them `families` (all by
    default) may be violated in their inequalities. Where that repairs nothing, every row may be. None when time runs
    out.
    """
    prices = _prices(problem, weights, families)
    allowed = np.isfinite(prices)
    result = _elastic_solve(problem, clock.allow(SHARE_OF_TIME_CHOSEN), prices) if allowed.any() else None
    if (result is None or result.x is None) and not allowed.all():
        dearest = prices[allowed].max(initial=0.0) or 1.0
        result = _elastic_solve(problem, clock.allow(1.0), np.where(allowed, prices, LAST_RESORT * dearest))
    if result is None or result.x is None:
        return None
    below, above = result.x[problem.shape[1] :].reshape(2, -1)
    return above - below


def _prices(problem: Problem, weights: Weights | None, families: Collection[str] | None) -> Floats:
    """Price of one unit of violation of each lower and upper side, (2, rows); inf where it is not allowed."""
    prices = np.full((2, problem.shape[0]), np.inf)
    if weights is not None:
        for key, weight in weights.items():
            name, sides = (key, SIDES) if isinstance(key, str) else (key[0], (key[1],))
            if name in problem.rows:
                for side in sides:
                    prices[SIDES.index(side), problem.rows[name].slice] = weight
        return prices
    largest = np.asarray(abs(problem.matrix).max(axis=1).todense()).ravel()
    price = np.where(problem.row_lower < problem.row_upper, 1.0 / np.where(largest > 0, largest, 1.0), np.inf)
    for name in problem.rows if families is None else families:
        prices[:, problem.rows[name].slice] = price[problem.rows[name].slice]
    return prices


def _elastic_solve(problem: Problem, options: SolveOptions, prices: Floats) -> Result:
    """Least total price of the violations: below the lower sides, then above the upper sides, as further columns."""
    rows, columns = problem.shape
    sides = np.isfinite(np.stack([problem.row_lower, problem.row_upper]))
    allowed = np.isfinite(prices) & sides
    unit = sp.identity(rows, format="csc")
    elastic = Problem(
        sense="min",
        cost=np.concatenate([np.zeros(columns), np.where(allowed, prices, 0.0).ravel()]),
        offset=0.0,
        matrix=sp.hstack([problem.matrix, unit, -unit], format="csc"),
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        lower=np.concatenate([problem.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([problem.upper, np.where(allowed, np.inf, 0.0).ravel()]),
        integer=np.concatenate([problem.integer, np.zeros(2 * rows, dtype=bool)]),
        rows=problem.rows,
        columns={**problem.columns, ELASTIC: Family(ELASTIC, columns, pd.DataFrame(index=pd.RangeIndex(2 * rows)))},
        name=f"{problem.name} elastic",
    )
    return HighsSession(elastic, options).solve()
