"""How far a number may be off before it is a violation; stated here and nowhere else.

Two kinds of difference are told apart:

- what a solver leaves: a limit may be overrun by its feasibility tolerance, in MW scaled by the limit, in dollars
  by the gross flow behind the sum;
- what rounding leaves: a number derived again from the same tables may differ in its last digits, no more.
  Money below one cent, loads and energy below one watt (-hour) are not told apart.

Counts of machines, blocks and tranches are whole numbers and have no tolerance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.tree import Floats

POWER_MW = 1e-6
"""Power derived again, absolute; and a limit overrun, relative to limits above 1 MW."""

ENERGY_MWH = 1e-6
"""Floor of every comparison of energy."""

MONEY_USD = 0.01
"""Floor of every comparison of dollars: the cent."""

BTC = 1e-8
"""Floor of every comparison of Bitcoin: the smallest unit, one hundred-millionth."""

ROUNDING = 1e-9
"""Money, energy, prices, factors and weights derived again or copied, relative."""

SOLVER = 1e-6
"""Money that a solver kept within a limit or under a bound, relative to the gross flow behind it."""


def limit_mw(limit: ArrayLike) -> Floats:
    """Overrun allowed over a limit in MW; infinite limits stay harmless."""
    return np.asarray(POWER_MW * np.maximum(1.0, np.abs(np.asarray(limit, float))))


def limit_mwh(limit: ArrayLike) -> Floats:
    """Overrun allowed over a limit in MWh, that of power relative to the limit; infinite limits stay harmless."""
    return limit_mw(limit)


def limit_usd(gross: ArrayLike) -> Floats:
    """Overrun allowed over a limit in dollars; `gross` is the sum of the sizes of what is summed."""
    return np.asarray(np.maximum(MONEY_USD, SOLVER * np.abs(np.asarray(gross, float))))


def usd(gross: ArrayLike) -> Floats:
    """Difference allowed between dollars; `gross` is the expected amount, or the sizes behind a sum."""
    return np.asarray(np.maximum(MONEY_USD, ROUNDING * np.abs(np.asarray(gross, float))))


def btc(expected: ArrayLike) -> Floats:
    """Difference allowed between amounts of Bitcoin."""
    return np.asarray(np.maximum(BTC, ROUNDING * np.abs(np.asarray(expected, float))))


def limit_btc(found: ArrayLike) -> Floats:
    """Overrun allowed over a limit in Bitcoin, relative to amounts above one."""
    return np.asarray(SOLVER * np.maximum(1.0, np.abs(np.asarray(found, float))))


def mwh(expected: ArrayLike) -> Floats:
    """Difference allowed between energies."""
    return np.asarray(np.maximum(ENERGY_MWH, ROUNDING * np.abs(np.asarray(expected, float))))


def factor(expected: ArrayLike) -> Floats:
    """Difference allowed between prices, factors, shares, weights and limits copied from the instance."""
    return np.asarray(ROUNDING * np.maximum(np.abs(np.asarray(expected, float)), 1e-3))
