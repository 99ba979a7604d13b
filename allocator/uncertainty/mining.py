"""What the Bitcoin network pays for hashing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allocator.uncertainty.types import Floats

SECONDS_PER_DAY = 86_400.0
HASHES_PER_DIFFICULTY = 2.0**32


def btc_per_ph_day(subsidy_btc: ArrayLike, fees_btc: ArrayLike, difficulty: ArrayLike) -> Floats:
    """Expected BTC one PH/s earns in a day: 86400 * 1e15 * (subsidy + fees) / (difficulty * 2^32).

    A hash wins a block with probability 1 / (difficulty * 2^32); subsidy and fees are per block.
    Source: Luxor's definition of hashprice (hashrateindex.com); at difficulty 146.5e12, subsidy 3.125 and 0.55 %
    fees it gives Luxor's published 0.00043143 BTC per PH and day.
    """
    reward = np.asarray(subsidy_btc, float) + np.asarray(fees_btc, float)
    return np.asarray(SECONDS_PER_DAY * 1e15 * reward / (np.asarray(difficulty, float) * HASHES_PER_DIFFICULTY))


def dated_factor(month: NDArray[np.datetime64], dates: Sequence[date], share: float) -> Floats:
    """Average over the days of each month of share ** (number of dates reached), (M,).

    A date counts from that day on: of April 2028 with a halving on the 20th, 19 days of 30 lie before.
    """
    first, last = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    days = (last - first).astype(float)
    factor = np.ones(len(month))
    for passed, day in enumerate(sorted(dates)):
        after = np.clip((last - np.datetime64(day, "D")).astype(float) / days, 0.0, 1.0)
        factor += after * (share ** (passed + 1) - share**passed)
    return factor
