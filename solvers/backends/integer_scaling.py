"""Scaling of a bounded-integer program to the whole numbers that CP-SAT works with.

Rows are scaled exactly or refused. A coefficient is taken to be the fraction p/q with the smallest q up
to MAX_DENOMINATOR whose double is the coefficient itself (0.1 is 1/10, 2.5 is 5/2); a row is multiplied
by the least common multiple of its q. A coefficient that is no such fraction is refused.

The objective is scaled the same way where that is possible. Otherwise it is multiplied by the largest
power of two that keeps it within range and rounded, and `cost_error` says by how much the rounded
objective can differ from the true one at any point within bounds. The bound that CP-SAT proves is moved
by that much, so it stays valid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from solvers.handover import Program, RefusalError

MAX_DENOMINATOR = 1_000_000
ROW_RANGE = 2.0**58
"""Largest possible |row activity| after scaling; CP-SAT adds within 64 bits."""
COST_RANGE = 2.0**50
"""Largest possible |objective| after scaling; keeps every value exact as a double."""
UNLIMITED = np.iinfo(np.int64).max
_ROUNDING = 1e-9

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class IntegerProgram:
    """A program in whole numbers; row bounds at +-UNLIMITED are absent.

    Attributes:
        lower, upper: column bounds, shape (columns,).
        data: scaled coefficients, in the order of Program.data.
        row_lower, row_upper: scaled row bounds, shape (rows,).
        cost: scaled objective to *minimise*, shape (columns,).
        cost_scale: cost is about +-cost_scale * Program.cost.
        cost_error: most that cost @ x / cost_scale can differ from the true value, in objective units.
    """

    lower: Integers
    upper: Integers
    data: Integers
    row_lower: Integers
    row_upper: Integers
    cost: Integers
    cost_scale: float
    cost_error: float

    def cost_over_bounds(self) -> int:
        """Least scaled cost that the column bounds alone allow."""
        return int(np.minimum(self.cost * self.lower, self.cost * self.upper).sum())

    def true_bound(self, bound: int, program: Program) -> float:
        """The bound on the program's own objective that follows from a bound on the scaled one."""
        value = bound / self.cost_scale
        if program.maximize:
            return -value + self.cost_error + program.offset
        return value - self.cost_error + program.offset


def to_integers(program: Program) -> IntegerProgram:
    """Scale a program; raises RefusalError("problem") where it cannot be done as documented above."""
    if not (program.integer & np.isfinite(program.lower) & np.isfinite(program.upper)).all():
        raise RefusalError("problem", "cp_sat takes only integer columns with finite bounds")
    reach = np.maximum(np.abs(program.lower), np.abs(program.upper))
    if (reach > ROW_RANGE).any():
        raise RefusalError("problem", f"cp_sat cannot take a column bound of {reach.max():.3g}, only {ROW_RANGE:.3g}")
    multiplier = _row_multipliers(program)
    data = np.rint(program.data * multiplier[program.row_of_entry])
    _check_range(program, data, reach)
    cost, scale, error = _scaled_cost(program, reach)
    return IntegerProgram(
        program.lower.astype(np.int64),
        program.upper.astype(np.int64),
        data.astype(np.int64),
        _row_bound(program.row_lower * multiplier, np.ceil, -1),
        _row_bound(program.row_upper * multiplier, np.floor, 1),
        cost,
        scale,
        error,
    )


def _row_multipliers(program: Program) -> NDArray[np.float64]:
    """Least common denominator of every row, shape (rows,)."""
    values, position = np.unique(program.data, return_inverse=True)
    denominators = np.array([_denominator(float(value)) for value in values], dtype=np.int64)[position]
    if (denominators == 0).any():
        entry = int(np.flatnonzero(denominators == 0)[0])
        raise RefusalError(
            "problem",
            f"cp_sat needs whole numbers, and coefficient {float(program.data[entry])!r} of row "
            f"{int(program.row_of_entry[entry])} is no fraction with a denominator up to {MAX_DENOMINATOR}. "
            "Next: round the coefficient, or choose scip or highs.",
        )
    multiplier = np.ones(len(program.row_lower))
    fractional = np.unique(program.row_of_entry[denominators > 1])
    for row in fractional:
        entries = denominators[program.indptr[row] : program.indptr[row + 1]]
        multiplier[row] = float(math.lcm(*(int(d) for d in np.unique(entries))))
    return multiplier


def _denominator(value: float) -> int:
    """The q of the docstring of this module; 0 when there is none."""
    fraction = Fraction(value).limit_denominator(MAX_DENOMINATOR)
    return fraction.denominator if float(fraction) == value else 0


def _check_range(program: Program, data: NDArray[np.float64], reach: NDArray[np.float64]) -> None:
    activity = np.zeros(len(program.row_lower))
    np.add.at(activity, program.row_of_entry, np.abs(data) * reach[program.indices])
    if (activity > ROW_RANGE).any():
        row = int(activity.argmax())
        raise RefusalError(
            "problem",
            f"cp_sat cannot add up row {row}: scaled to whole numbers it reaches {activity[row]:.3g}, the most is "
            f"{ROW_RANGE:.3g}. Next: tighten column bounds, round coefficients, or choose scip or highs.",
        )


def _row_bound(scaled: NDArray[np.float64], inward: np.ufunc, sign: int) -> Integers:
    """Whole-number side of the rows: rounded inward, but for noise of relative size 1e-9."""
    noise = _ROUNDING * np.maximum(1.0, np.abs(scaled)) * sign
    absent = np.abs(scaled) > ROW_RANGE
    finite = np.where(absent, 0.0, inward(np.where(absent, 0.0, scaled + noise)))
    return np.where(absent, np.where(scaled > 0, UNLIMITED, -UNLIMITED), finite.astype(np.int64))


_LARGEST_EXPONENT = 1000
"""Scales stay finite even where the cost is next to nothing."""


def _scaled_cost(program: Program, reach: NDArray[np.float64]) -> tuple[Integers, float, float]:
    """(scaled cost to minimise, scale, error in objective units)."""
    cost = -program.cost if program.maximize else program.cost
    most = float(np.abs(cost) @ reach)
    denominators = [_denominator(float(value)) for value in np.unique(cost)]
    exact = math.lcm(*denominators) if denominators and all(denominators) else 0
    if exact and most * exact <= COST_RANGE:
        return np.rint(cost * exact).astype(np.int64), float(exact), 0.0
    if most == 0.0:
        return np.zeros(len(cost), dtype=np.int64), 1.0, 0.0
    scale = 2.0 ** min(_LARGEST_EXPONENT, math.floor(math.log2(COST_RANGE) - math.log2(most)))
    rounded = np.rint(cost * scale)
    error = float(np.abs(cost - rounded / scale) @ reach)
    return rounded.astype(np.int64), scale, error
