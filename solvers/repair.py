"""The cheapest ways to restore an infeasible problem, each at a price, and others that differ from them.

A lever moves one side of one or many rows at once, at a price a unit: a limit of many months is lifted once, not once
a month. Ways are found in order of their total. To find the next one, each lever of a way found is held in turn (the
branching of Lawler, 1972, for the k best solutions): every way that does not contain one found lies in a branch.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.backends.highs import HighsSession
from solvers.duals import fixed
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEGLIGIBLE = 1e-6
"""Amounts below this are within solver tolerances."""
MOST_SOLVES = 40
"""Branches looked into at most."""


@dataclass(frozen=True)
class Lever:
    """Moves a side of rows outwards.

    Attributes:
        price: of one unit, >= 0. rows: positions, (R,). per_unit: how far one unit moves each of them, > 0, (R,).
        side: which side of the rows. whole: whether only whole units can be had.
    """

    price: float
    rows: Ints
    per_unit: Floats
    side: Literal["lower", "upper"]
    whole: bool = False


@dataclass(frozen=True)
class Repair:
    """One way to restore feasibility.

    Attributes:
        amounts: units by position of the lever. rows: of each lever, the rows that would be broken without it.
        total: sum of price x amount. proven: whether no way still open is cheaper.
    """

    amounts: Mapping[int, float]
    rows: Mapping[int, Ints]
    total: float
    proven: bool


def cheapest_repairs(problem: Problem, levers: Sequence[Lever], most: int, seconds: float) -> list[Repair]:
    """Up to `most` ways in order of their total, none of which contains all levers of an earlier one.

    Empty where the levers restore nothing, or time ran out first.
    """
    search = _Search(problem, levers, time.monotonic() + seconds)
    found: list[Repair] = []
    order, seen = count(), {frozenset[int]()}
    queue: list[tuple[float, int, frozenset[int], Repair]] = []
    first = search.without(frozenset())
    if first is not None:
        queue.append((first.total, next(order), frozenset(), first))
    while queue and len(found) < most:
        _, _, held, repair = heapq.heappop(queue)
        within = next((known for known in found if set(known.amounts) <= set(repair.amounts)), None)
        if within is None:
            found.append(replace(repair, proven=repair.proven and search.complete))
        for lever in (within or repair).amounts if len(found) < most else ():
            branch = held | {lever}
            if branch in seen:
                continue
            seen.add(branch)
            other = search.without(branch)
            if other is not None:
                heapq.heappush(queue, (other.total, next(order), branch, other))
    return found


class _Search:
    """The problem with its levers as further columns, solved again with some of them held.

    `complete` turns False when a branch could not be looked into.
    """

    def __init__(self, problem: Problem, levers: Sequence[Lever], end: float) -> None:
        self._problem, self._levers, self._end = problem, levers, end
        self._elastic = _elastic(problem, levers)
        self._session = HighsSession(self._elastic)
        self._columns = problem.shape[1] + np.arange(len(levers))
        self._solves = 0
        self.complete = True

    def without(self, held: frozenset[int]) -> Repair | None:
        """The cheapest way that leaves these levers alone; None where there is none, or none was found in time."""
        left = self._end - time.monotonic()
        if left <= 0.0 or self._solves == MOST_SOLVES:
            self.complete = False
            return None
        self._solves += 1
        upper = self._elastic.upper[self._columns].copy()
        upper[list(held)] = 0.0
        self._session.set_bounds(self._columns, np.zeros(len(self._columns)), upper)
        result = self._session.solve(SolveOptions(time_limit_s=left, relative_gap=0.0))
        if result.x is None:
            self.complete &= result.reason is not Reason.NO_POINT
            return None
        return self._repair(result.x, upper, result.reason is Reason.OPTIMAL)

    def _repair(self, x: Floats, upper: Floats, proven: bool) -> Repair:
        """With the integers held the amounts are exact."""
        limits = self._elastic.upper.copy()
        limits[self._columns] = upper
        exact = HighsSession(fixed(replace(self._elastic, upper=limits), x)).solve().x
        x = x if exact is None else exact
        units = x[self._columns]
        amounts = {lever: float(units[lever]) for lever in np.flatnonzero(units > NEGLIGIBLE).tolist()}
        activity = self._problem.matrix @ x[: self._problem.shape[1]]
        rows = {lever: self._broken(self._levers[lever], activity) for lever in amounts}
        total = sum(self._levers[lever].price * amount for lever, amount in amounts.items())
        return Repair(amounts, rows, total, proven)

    def _broken(self, lever: Lever, activity: Floats) -> Ints:
        beyond = self._problem.row_lower - activity if lever.side == "lower" else activity - self._problem.row_upper
        return np.asarray(lever.rows[beyond[lever.rows] > NEGLIGIBLE])


def _elastic(problem: Problem, levers: Sequence[Lever]) -> Problem:
    """Least total price: columns of the levers, then of the slack of rows whose other side has to stay where it is.

    A row with one side takes its lever as it is. Where both sides are finite the lever bounds a slack of its own, so
    that moving one side out does not move the other one in.
    """
    rows, columns = problem.shape
    row = np.concatenate([lever.rows for lever in levers])
    owner = np.repeat(np.arange(len(levers)), [len(lever.rows) for lever in levers])
    unit = np.concatenate([lever.per_unit for lever in levers])
    sign = np.array([1.0 if lever.side == "lower" else -1.0 for lever in levers])[owner]
    two = np.isfinite(problem.row_lower[row]) & np.isfinite(problem.row_upper[row])
    slack = np.arange(int(two.sum()))
    direct = sp.csc_matrix(((sign * unit)[~two], (row[~two], owner[~two])), shape=(rows, len(levers)))
    own = sp.csc_matrix((sign[two], (row[two], slack)), shape=(rows, len(slack)))
    bound = sp.csc_matrix((-unit[two], (slack, owner[two])), shape=(len(slack), len(levers)))
    above = sp.hstack([problem.matrix, direct, own])
    below = sp.hstack([sp.csc_matrix((len(slack), columns)), bound, sp.identity(len(slack))])
    further = len(levers) + len(slack)
    price = np.array([lever.price for lever in levers])
    whole = np.array([lever.whole for lever in levers], dtype=bool)
    return Problem(
        sense="min",
        cost=np.concatenate([np.zeros(columns), price, np.zeros(len(slack))]),
        offset=0.0,
        matrix=sp.vstack([above, below], format="csc"),
        row_lower=np.concatenate([problem.row_lower, np.full(len(slack), -np.inf)]),
        row_upper=np.concatenate([problem.row_upper, np.zeros(len(slack))]),
        lower=np.concatenate([problem.lower, np.zeros(further)]),
        upper=np.concatenate([problem.upper, np.full(further, np.inf)]),
        integer=np.concatenate([problem.integer, whole, np.zeros(len(slack), dtype=bool)]),
        rows=problem.rows,
        columns=problem.columns,
        name=f"{problem.name} with levers",
    )
