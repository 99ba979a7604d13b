"""Which points of the inputs are solved: every combination, a random sample, or what a sensitivity asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import qmc

from allocator.instance.tree import Floats
from allocator.pipeline.errors import BadInputError
from allocator.studies.sweep.axes import Axis
from allocator.studies.sweep.points import Point

GRID, HYPERCUBE, SOBOL, ONE_BY_ONE = "grid", "lhs", "sobol", "one_by_one"
KINDS = "grid, lhs:COUNT, sobol:COUNT or one_by_one"
MOST_POINTS = 100_000
HYPERCUBES, LEAST_CORRELATED = 64, 3
"""Latin hypercubes of which one is taken, and the points from which inputs can be told to be correlated."""


@dataclass(frozen=True)
class Design:
    """The points of a sweep, in an order that depends on nothing but what was asked for.

    Attributes:
        kind: GRID: every combination of the values of the axes, the last axis fastest. HYPERCUBE: a Latin hypercube
            over their ranges, the least correlated of HYPERCUBES. SOBOL: the three arrays of a variance-based
            sensitivity, `count` points each: A, B, and for each axis A with that column of B. ONE_BY_ONE: for each
            axis its values, everything else as it stands.
        axes: the inputs. count: of the sample; 0 where there is none. seed: of the sample.
        values: (P, A); nan where an input stays as the scenario states it.
    """

    kind: str
    axes: tuple[Axis, ...]
    count: int
    seed: int
    values: Floats

    def points(self) -> list[Point]:
        """All points, in order."""
        return [Point(number, tuple(row)) for number, row in enumerate(self.values.tolist())]


def design(axes: Sequence[Axis], sample: str, seed: int) -> Design:
    """The design that a text asks for, see KINDS.

    Raises:
        BadInputError: unknown kind, a count out of range, an axis without values where they are needed, no axis, or
            more points than MOST_POINTS.
    """
    if not axes:
        raise BadInputError("nothing is varied", ["state --vary NAME=LOW:HIGH:COUNT"])
    kind, _, text = sample.partition(":")
    count = _count(kind, text, sample)
    _check_size(_size(kind, axes, count))
    values = {GRID: _grid, ONE_BY_ONE: _one_by_one}[kind](axes) if not count else _drawn(kind, axes, count, seed)
    return Design(kind, tuple(axes), count, seed, values)


def _count(kind: str, text: str, sample: str) -> int:
    if kind in (GRID, ONE_BY_ONE) and not text:
        return 0
    if kind not in (HYPERCUBE, SOBOL) or not text.isdigit() or not int(text):
        raise BadInputError(f"--sample {sample!r} is unknown; there are {KINDS}")
    if kind == SOBOL and int(text) & (int(text) - 1):
        raise BadInputError(f"--sample {sample!r}: the count must be a power of two", ["such as sobol:64"])
    return int(text)


def _size(kind: str, axes: Sequence[Axis], count: int) -> int:
    if kind == GRID:
        return math.prod(len(axis.values) for axis in axes)
    return {HYPERCUBE: count, SOBOL: count * (len(axes) + 2)}.get(kind, 0)


def _check_size(points: int) -> None:
    if points > MOST_POINTS:
        raise BadInputError(f"{points:,} points are more than {MOST_POINTS:,}", ["vary less, or draw a sample"])


def _stated(axis: Axis) -> tuple[float, ...]:
    if not axis.values:
        raise BadInputError(
            f"--vary {axis.name} states a range without a count",
            [f"state {axis.name}={axis.low:g}:{axis.high:g}:COUNT, or draw a --sample"],
        )
    return axis.values


def _grid(axes: Sequence[Axis]) -> Floats:
    return np.array(list(product(*(_stated(axis) for axis in axes))), dtype=float)


def _one_by_one(axes: Sequence[Axis]) -> Floats:
    rows = []
    for k, axis in enumerate(axes):
        for value in axis.values or (axis.low, axis.high):
            row = np.full(len(axes), np.nan)
            row[k] = value
            rows.append(row)
    return np.array(rows)


def _drawn(kind: str, axes: Sequence[Axis], count: int, seed: int) -> Floats:
    low, high = np.array([axis.low for axis in axes]), np.array([axis.high for axis in axes])
    unit = {HYPERCUBE: _hypercube, SOBOL: _saltelli}[kind](len(axes), count, seed)
    return np.asarray(low + unit * (high - low), dtype=np.float64)


def _hypercube(width: int, count: int, seed: int) -> Floats:
    """Of several Latin hypercubes the one whose inputs follow one another least.

    Inputs of a single small one may be correlated by half, and the figure then seems to follow inputs that do nothing.
    """
    drawing = qmc.LatinHypercube(width, rng=np.random.default_rng(seed))
    alone = width == 1 or count < LEAST_CORRELATED
    drawn = [np.asarray(drawing.random(count), dtype=np.float64) for _ in range(1 if alone else HYPERCUBES)]
    return drawn[0] if alone else min(drawn, key=_correlation)


def _correlation(unit: Floats) -> float:
    """The largest correlation of two of the inputs, in size."""
    apart = np.corrcoef(unit, rowvar=False) - np.eye(unit.shape[1])
    return float(np.abs(apart).max())


def _saltelli(width: int, count: int, seed: int) -> Floats:
    """A, B, and A with one column of B at a time (Saltelli et al., 2010, Computer Physics Communications 181)."""
    drawn = qmc.Sobol(2 * width, rng=np.random.default_rng(seed)).random(count)
    first, second = drawn[:, :width], drawn[:, width:]
    mixed = [np.where(np.arange(width) == k, second, first) for k in range(width)]
    return np.asarray(np.concatenate([first, second, *mixed]), dtype=np.float64)
