"""One problem with its known answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.options import SolveOptions
from solvers.problem import Family, Problem, Sense
from solvers.result import Limit, Reason

INF = np.inf

Row = tuple[Sequence[float], float, float]
"""Coefficients, lower side, upper side."""


@dataclass(frozen=True)
class Expected:
    """What is known of the answer.

    Attributes:
        reasons: acceptable reasons.
        limit: which limit, when `reasons` are early stops.
        objective: the optimum; None when there is none or it is not known.
        attained: an objective that some point is known to reach; no bound may exclude it.
        x: the optimal point, when it is the only one.
        row_duals, column_duals: the optimal duals, when they are the only ones.
    """

    reasons: frozenset[Reason]
    limit: Limit | None = None
    objective: float | None = None
    attained: float | None = None
    x: tuple[float, ...] | None = None
    row_duals: tuple[float, ...] | None = None
    column_duals: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Case:
    """A problem, how to solve it, what must come out, and why it is in the suite.

    Attributes:
        options: asked on top of the runner's tight tolerances; a backend that does not support one of
            them does not run the case.
        canary: a past wrong answer of some solver, quick enough to check at any time.
        hint: starting point, or None.
    """

    name: str
    about: str
    problem: Problem
    expected: Expected
    options: SolveOptions = field(default_factory=SolveOptions)
    canary: bool = False
    hint: tuple[float, ...] | None = None


def problem(
    sense: Sense,
    cost: Sequence[float],
    rows: Sequence[Row] = (),
    lower: Sequence[float] | float = 0.0,
    upper: Sequence[float] | float = INF,
    integer: Sequence[bool] | bool = False,
    offset: float = 0.0,
) -> Problem:
    """A Problem from nested lists; one family of rows and one of columns."""
    count = len(cost)
    dense = np.array([row[0] for row in rows], dtype=np.float64).reshape(len(rows), count)
    return Problem(
        sense=sense,
        cost=np.array(cost, dtype=np.float64),
        offset=offset,
        matrix=sp.csc_matrix(dense),
        row_lower=np.array([row[1] for row in rows], dtype=np.float64),
        row_upper=np.array([row[2] for row in rows], dtype=np.float64),
        lower=_each(lower, count),
        upper=_each(upper, count),
        integer=np.broadcast_to(np.array(integer, dtype=np.bool_), (count,)).copy(),
        rows={"row": Family("row", 0, pd.DataFrame({"i": range(len(rows))}))},
        columns={"x": Family("x", 0, pd.DataFrame({"j": range(count)}))},
    )


def optimal(
    objective: float,
    x: tuple[float, ...] | None = None,
    row_duals: tuple[float, ...] | None = None,
    column_duals: tuple[float, ...] | None = None,
) -> Expected:
    """A proven optimum."""
    return Expected(
        frozenset({Reason.OPTIMAL}), objective=objective, x=x, row_duals=row_duals, column_duals=column_duals
    )


def ends(*reasons: Reason) -> Expected:
    """No point: one of these reasons."""
    return Expected(frozenset(reasons))


def stopped(limit: Limit, *reasons: Reason, attained: float | None = None) -> Expected:
    """Stopped by this limit, with one of these reasons."""
    return Expected(frozenset(reasons), limit=limit, attained=attained)


def draws(count: int) -> list[int]:
    """Whole numbers 0..99 from a linear congruential generator: the same everywhere, and without a pattern."""
    state, drawn = 20_260_101, []
    for _ in range(count):
        state = (1_103_515_245 * state + 12_345) % 2**31
        drawn.append((state >> 16) % 100)
    return drawn


def _each(value: Sequence[float] | float, count: int) -> NDArray[np.float64]:
    return np.broadcast_to(np.array(value, dtype=np.float64), (count,)).copy()
