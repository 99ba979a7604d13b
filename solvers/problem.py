"""The frozen problem every backend receives: sparse matrix, bounds, integrality and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

Sense = Literal["min", "max"]


@dataclass(frozen=True)
class Family:
    """A contiguous range of rows or columns that share a name and an index table.

    `index` has one row per member, its columns are the axes ("site", "node", ...); it is empty
    of columns for a scalar family.
    """

    name: str
    start: int
    index: pd.DataFrame

    @property
    def stop(self) -> int:
        return self.start + len(self.index)

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Problem:
    """min or max  cost @ x + offset  subject to  row_lower <= matrix @ x <= row_upper,
    lower <= x <= upper, x[integer] integer.

    Infinite bounds are +-inf; NaN is refused when the problem is made. `matrix` is CSC (rows, columns).
    """

    sense: Sense
    cost: NDArray[np.float64]
    offset: float
    matrix: sp.csc_matrix
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    rows: Mapping[str, Family]
    columns: Mapping[str, Family]
    name: str = "problem"

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", MappingProxyType(dict(self.rows)))
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))
        _check(self)

    @property
    def shape(self) -> tuple[int, int]:
        return (self.matrix.shape[0], self.matrix.shape[1])

    def objective(self, x: NDArray[np.float64]) -> float:
        """Objective value at the point x, of shape (columns,)."""
        return float(self.cost @ x) + self.offset

    def row_family(self, row: int) -> Family:
        """The family that owns a row; raises KeyError for a row outside every family."""
        return _owner(self.rows, row)

    def column_family(self, column: int) -> Family:
        """The family that owns a column; raises KeyError for a column outside every family."""
        return _owner(self.columns, column)


def _owner(families: Mapping[str, Family], position: int) -> Family:
    for family in families.values():
        if family.start <= position < family.stop:
            return family
    raise KeyError(position)


def _check(problem: Problem) -> None:
    rows, columns = problem.shape
    lengths = {
        "cost": (problem.cost, columns),
        "lower": (problem.lower, columns),
        "upper": (problem.upper, columns),
        "integer": (problem.integer, columns),
        "row_lower": (problem.row_lower, rows),
        "row_upper": (problem.row_upper, rows),
    }
    for label, (values, expected) in lengths.items():
        if values.shape != (expected,):
            raise ValueError(f"{label} has shape {values.shape}, expected ({expected},)")
        if np.isnan(values).any():
            raise ValueError(f"{label} holds NaN at position {int(np.isnan(values).argmax())}")
    if not np.isfinite(problem.matrix.data).all():
        raise ValueError("matrix holds a coefficient that is not finite")
    if not np.isfinite(problem.cost).all() or not np.isfinite(problem.offset):
        raise ValueError("cost holds a coefficient that is not finite")
