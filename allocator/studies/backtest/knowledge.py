"""What is known of prices at a moment, and nothing that was published later.

The real-time price of an hour is known when the hour is over. Day-ahead prices of a day are published together, on the
day before, at a time of day of the market's clock (ERCOT: results by 13:30, bids until 10:00, Central prevailing time).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.series.clock import HOUR, local_times, localize
from allocator.series.specs import Bools, Floats, Ints, Times

DAY = np.timedelta64(86_400, "s")
WEEK_H = 168


@dataclass(frozen=True)
class Auction:
    """When the day-ahead market takes bids for a day and says what they bought, on the day before, local time."""

    closes: dt.time = dt.time(10, 0)
    published: dt.time = dt.time(13, 30)


@dataclass(frozen=True)
class Market:
    """Prices where a site buys, every hour from the first to the last, (T,); NaN where the data have none.

    Attributes:
        utc: start of each hour. real_time, day_ahead: USD/MWh, before the adders of the site.
        zone: of the market's clock.
    """

    utc: Times
    real_time: Floats
    day_ahead: Floats
    zone: dt.tzinfo
    auction: Auction = Auction()

    @cached_property
    def hour_of_week(self) -> Ints:
        """0 for Monday 00:00 of the market's clock, (T,)."""
        local, _ = local_times(self.utc, self.zone)
        hours = (local - np.datetime64("1970-01-05T00", "s")) // HOUR
        return np.asarray(hours.astype(np.int64) % WEEK_H, dtype=np.int64)

    @cached_property
    def published(self) -> Times:
        """When the day-ahead price of each hour became known, (T,)."""
        return self._day_before(self.auction.published)

    @cached_property
    def closes(self) -> Times:
        """Until when the day-ahead price of each hour could be bid for, (T,)."""
        return self._day_before(self.auction.closes)

    def position(self, moment: np.datetime64) -> int:
        """Position of the hour that a moment lies in; it may lie outside."""
        return int((moment - self.utc[0]) // HOUR)

    def _day_before(self, at: dt.time) -> Times:
        local, _ = local_times(self.utc, self.zone)
        seconds = np.timedelta64(at.hour * 3600 + at.minute * 60, "s")
        stamps = np.asarray(local.astype("datetime64[D]") + (seconds - DAY), dtype="datetime64[s]")
        return localize(stamps, self.zone, second=np.zeros(len(stamps), dtype=bool), skipped="shift_forward")


@dataclass(frozen=True)
class Known:
    """What is known at a moment: the market's axis, NaN in every hour whose price nobody knows yet.

    Attributes:
        now: position of the first hour that is not over. open: hours for which day-ahead bids are still taken, (T,).
    """

    market: Market
    now: int
    real_time: Floats
    day_ahead: Floats
    open: Bools


def known_at(market: Market, moment: np.datetime64) -> Known:
    """What a run at `moment` (UTC) may look at."""
    over, told = market.utc + HOUR <= moment, market.published <= moment
    return Known(
        market=market,
        now=int(over.sum()),
        real_time=np.where(over, market.real_time, np.nan),
        day_ahead=np.where(told, market.day_ahead, np.nan),
        open=market.closes > moment,
    )
