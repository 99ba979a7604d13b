"""How far a number may be off before it is a violation; stated here and nowhere else.

Two kinds of difference are told apart:

- a limit may be overrun by what a solver's feasibility tolerance leaves: MW, scaled by the limit;
- a number derived again from the same tables may differ by rounding only: absolute for MW, relative for
  the rest. Money below one cent and loads below one watt are not told apart.

Counts of machines, blocks and tranches are whole numbers and have no tolerance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.tree import Floats

POWER_MW = 1e-6
"""Power derived again, absolute; and a limit overrun, relative to limits above 1 MW."""

RELATIVE = 1e-6
"""Money and energy derived again, relative to the larger of the two numbers."""

MONEY_USD = 0.01
"""Floor of every comparison of dollars: the cent."""

ENERGY_MWH = 1e-6
"""Floor of every comparison of energy."""

FACTOR = 1e-9
"""Prices, factors, shares and weights copied from the instance, relative."""

EXACT = 0.0
"""Counts, texts and flags."""


def limit_mw(limit: ArrayLike) -> Floats:
    """Overrun allowed over a limit in MW; infinite limits stay harmless."""
    return np.asarray(POWER_MW * np.maximum(1.0, np.abs(np.asarray(limit, float))))


def usd(*amounts: ArrayLike) -> Floats:
    """Difference allowed between dollars; `amounts` may include the gross flow behind a difference."""
    return np.maximum(MONEY_USD, RELATIVE * _largest(amounts))


def total_usd(gross: ArrayLike) -> Floats:
    """Difference allowed between sums of the same amounts; `gross` is the sum of their sizes."""
    return np.maximum(MONEY_USD, FACTOR * np.asarray(gross, float))


def mwh(*amounts: ArrayLike) -> Floats:
    """Difference allowed between energies."""
    return np.maximum(ENERGY_MWH, RELATIVE * _largest(amounts))


def factor(*values: ArrayLike) -> Floats:
    """Difference allowed between prices, factors, shares and weights."""
    return np.asarray(FACTOR * np.maximum(_largest(values), 1e-3))


def _largest(amounts: tuple[ArrayLike, ...]) -> Floats:
    sizes = [np.abs(np.asarray(amount, float)) for amount in amounts]
    largest = sizes[0]
    for size in sizes[1:]:
        largest = np.maximum(largest, size)
    return np.asarray(largest)
