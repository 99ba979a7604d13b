"""Sizes of the coefficients, by family, with a warning where they invite numerical trouble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.problem import Family, Problem

Floats = NDArray[np.float64]

WIDEST = 1e9
"""Largest over smallest coefficient of the matrix that tolerances of 1e-6 to 1e-7 bear."""
LARGEST_COEFFICIENT = 1e7
SMALLEST_COEFFICIENT = 1e-7
"""HiGHS drops coefficients below 1e-9; tolerances hide those near 1e-7."""
LARGEST_COST = 1e8
LARGEST_SIDE = 1e8
"""Beyond this an absolute feasibility tolerance of 1e-7 is finer than the arithmetic."""


@dataclass(frozen=True)
class Range:
    """Smallest and largest absolute value, zeros and infinities left out; both 0 where there is none."""

    smallest: float
    largest: float

    @property
    def ratio(self) -> float:
        """largest / smallest; 1 where there is none."""
        return self.largest / self.smallest if self.smallest > 0 else 1.0


@dataclass(frozen=True)
class Ranges:
    """Ranges of the whole problem and by family, and what to do about them.

    Attributes:
        matrix, cost, bounds, sides: of the whole problem.
        coefficients: of the matrix, by row family. sides_by_family: of row sides, by row family.
        costs: by column family.
        warnings: one sentence each: fact, likely cause, next step.
    """

    matrix: Range
    cost: Range
    bounds: Range
    sides: Range
    coefficients: Mapping[str, Range]
    sides_by_family: Mapping[str, Range]
    costs: Mapping[str, Range]
    warnings: tuple[str, ...]


def coefficient_ranges(problem: Problem) -> Ranges:
    """Ranges of a problem; needs no solver."""
    by_row = problem.matrix.tocsr()
    sides = np.maximum(_finite(problem.row_lower), _finite(problem.row_upper))
    coefficients = {
        name: _range(by_row.data[by_row.indptr[f.start] : by_row.indptr[f.stop]]) for name, f in problem.rows.items()
    }
    sides_by_family = _by_family(problem.rows, sides)
    costs = _by_family(problem.columns, problem.cost)
    matrix = _range(by_row.data)
    return Ranges(
        matrix,
        _range(problem.cost),
        _range(np.concatenate([_finite(problem.lower), _finite(problem.upper)])),
        _range(sides),
        coefficients,
        sides_by_family,
        costs,
        tuple(_warnings(matrix, coefficients, sides_by_family, costs)),
    )


def _warnings(
    matrix: Range, coefficients: Mapping[str, Range], sides: Mapping[str, Range], costs: Mapping[str, Range]
) -> Iterator[str]:
    if matrix.ratio > WIDEST:
        yield (
            f"matrix coefficients span {matrix.smallest:.3g} to {matrix.largest:.3g}: tolerances may hide whole rows; "
            "state the quantities in closer units"
        )
    for name, found in coefficients.items():
        if found.largest > LARGEST_COEFFICIENT:
            yield f"rows {name} hold a coefficient {found.largest:.3g}: a loose big-M or small units; tighten it"
        if 0 < found.smallest < SMALLEST_COEFFICIENT:
            yield f"rows {name} hold a coefficient {found.smallest:.3g}: the solver may read it as 0; rescale the row"
    for name, found in sides.items():
        if found.largest > LARGEST_SIDE:
            yield f"rows {name} have a side of {found.largest:.3g}: tolerances lose meaning; rescale, or drop the side"
    for name, found in costs.items():
        if found.largest > LARGEST_COST:
            yield f"columns {name} cost up to {found.largest:.3g}: a penalty or small units; rescale the objective"


def _by_family(families: Mapping[str, Family], values: Floats) -> dict[str, Range]:
    return {name: _range(values[family.slice]) for name, family in families.items()}


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), np.abs(values), 0.0)


def _range(values: Floats) -> Range:
    sizes = np.abs(values[(values != 0) & np.isfinite(values)])
    return Range(float(sizes.min()), float(sizes.max())) if len(sizes) else Range(0.0, 0.0)
