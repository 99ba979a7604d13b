"""Small problems for tests: from plain lists, and drawn at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from hypothesis import strategies as st

from solvers import Family, Problem
from solvers.problem import Sense

INF = np.inf


def problem(
    sense: Sense,
    cost: Sequence[float],
    rows: Sequence[Sequence[float]],
    sides: Sequence[tuple[float, float]],
    bounds: Sequence[tuple[float, float]],
    integer: Sequence[bool] | None = None,
    offset: float = 0.0,
) -> Problem:
    """One row family "R" with axis r, one column family "X" with axis c."""
    columns = len(cost)
    matrix = sp.csc_matrix(np.asarray(rows, dtype=float).reshape(len(sides), columns))
    return Problem(
        sense=sense,
        cost=np.asarray(cost, dtype=float),
        offset=offset,
        matrix=matrix,
        row_lower=np.array([low for low, _ in sides], dtype=float),
        row_upper=np.array([high for _, high in sides], dtype=float),
        lower=np.array([low for low, _ in bounds], dtype=float),
        upper=np.array([high for _, high in bounds], dtype=float),
        integer=np.array(integer if integer is not None else [False] * columns, dtype=bool),
        rows={"R": Family("R", 0, pd.DataFrame({"r": range(len(sides))}))},
        columns={"X": Family("X", 0, pd.DataFrame({"c": range(columns)}))},
    )


def random_problem(seed: int, rows: int = 6, columns: int = 8, integers: int = 0, sense: Sense = "max") -> Problem:
    """A feasible bounded problem: the point of all ones meets every row."""
    draw = np.random.default_rng(seed)
    matrix = draw.integers(-4, 7, (rows, columns)) * (draw.random((rows, columns)) < 0.6)
    at_ones = matrix.sum(axis=1)
    room = draw.integers(0, 9, (2, rows))
    low = np.where(draw.random(rows) < 0.4, -INF, at_ones - room[0])
    return problem(
        sense,
        draw.integers(-9, 10, columns).tolist(),
        matrix.tolist(),
        list(zip(low, at_ones + room[1], strict=True)),
        [(0.0, 10.0)] * columns,
        [position < integers for position in range(columns)],
        offset=float(draw.integers(-5, 6)),
    )


def hard_knapsack() -> Problem:
    """Thirty dense rows over fifty integers: HiGHS closes no gap of 0 on it within seconds."""
    draw = np.random.default_rng(0)
    cost = draw.random(50)
    matrix = draw.random((30, 50)) * (draw.random((30, 50)) < 0.5)
    sides = [(-INF, limit) for limit in matrix.sum(axis=1) * 3.3]
    return problem("max", cost.tolist(), matrix.tolist(), sides, [(0.0, 10.0)] * 50, [True] * 50)


seeds = st.integers(0, 10**6)
senses: st.SearchStrategy[Sense] = st.sampled_from(["min", "max"])
