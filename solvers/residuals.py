"""How far a point is from meeting every row, bound and integrality, by family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from solvers.labels import Index, index_of
from solvers.problem import Family, Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Violation:
    """The largest violation within a family, and its place; amount 0 and no place where all is met."""

    amount: float
    index: Index


@dataclass(frozen=True)
class Residuals:
    """Largest violations by family: rows in units of the row, bounds and integrality in units of the column."""

    rows: Mapping[str, Violation]
    bounds: Mapping[str, Violation]
    integrality: Mapping[str, Violation]

    @property
    def worst(self) -> float:
        """The largest amount of all."""
        every = chain(self.rows.values(), self.bounds.values(), self.integrality.values())
        return max((violation.amount for violation in every), default=0.0)


def residuals(problem: Problem, x: Floats) -> Residuals:
    """Violations of the point `x`, (columns,), computed from the problem alone; NaN counts as infinite."""
    rows = _outside(problem.matrix @ x, problem.row_lower, problem.row_upper)
    bounds = _outside(x, problem.lower, problem.upper)
    with np.errstate(invalid="ignore"):
        fraction = np.where(problem.integer, np.abs(x - np.round(x)), 0.0)
    return Residuals(
        _by_family(problem.rows, rows),
        _by_family(problem.columns, bounds),
        _by_family(problem.columns, np.nan_to_num(fraction, nan=np.inf)),
    )


def _outside(values: Floats, lower: Floats, upper: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        distance = np.maximum(np.maximum(lower - values, values - upper), 0.0)
    return np.nan_to_num(distance, nan=np.inf, posinf=np.inf)


def _by_family(families: Mapping[str, Family], amounts: Floats) -> dict[str, Violation]:
    return {name: _largest(family, amounts[family.slice]) for name, family in families.items()}


def _largest(family: Family, amounts: Floats) -> Violation:
    if not len(amounts) or amounts.max() <= 0.0:
        return Violation(0.0, {})
    at = int(amounts.argmax())
    return Violation(float(amounts[at]), index_of(family, family.start + at))
