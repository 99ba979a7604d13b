"""What to buy a day ahead: energy at a price known today instead of at the one at which the meter will settle.

What was bought settles against the real price whatever runs: it gains (real - day-ahead) a MWh. To a risk-neutral buyer
it is worth buying where the day-ahead price lies below the expected one, and where it lies above by no more than is
paid to be rid of the spread (`DayAhead.premium_usd_per_mwh`). More than the hours draw is never bought, so that every
MWh of it takes the spread off a MWh that is used, and nothing is speculated. The product is the hour: steps of an hour
are bought as one, their mean. Where bids are closed, what was bought stands, whatever is drawn now.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats
from allocator.week.interface import DayAhead, Prices


@dataclass(frozen=True)
class Bought:
    """MW bought ahead in each step, (T,), and the expected gain against settling all of it, USD."""

    mw: Floats
    gain_usd: float


def bought_ahead(prices: Prices, grid_mw: Floats, rule: DayAhead, bought_mw: Floats | None) -> Bought:
    """By the rule of the module; nothing in steps without a day-ahead price. `bought_mw` as of `Opening`."""
    hour, of_hour = np.unique(prices.utc.astype("datetime64[h]"), return_inverse=True)
    steps = np.bincount(of_hour)

    def mean(by_step: Floats) -> Floats:
        return np.asarray((np.bincount(of_hour, by_step, len(hour)) / steps)[of_hour])

    expected, ahead = mean(prices.spot_usd_per_mwh), mean(prices.day_ahead_usd_per_mwh)
    buys = np.isfinite(ahead) & (ahead <= expected + rule.premium_usd_per_mwh)
    mw = np.where(buys, rule.most_share * np.maximum(mean(grid_mw), 0.0), 0.0)
    mw = mw if bought_mw is None else np.where(np.isnan(bought_mw), mw, bought_mw)
    gain = np.where(np.isfinite(ahead), expected - ahead, 0.0)
    return Bought(mw, float(_step_h(prices) * (mw * gain).sum()))


def _step_h(prices: Prices) -> float:
    """Length of the steps; an hour where there is only one."""
    return float((prices.utc[1] - prices.utc[0]) / np.timedelta64(3600, "s")) if len(prices.utc) > 1 else 1.0
