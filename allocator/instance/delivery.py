"""Hours of a window: in which power of a fixed price is delivered, or a peak is metered."""

from __future__ import annotations

from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocator.instance.tree import Bools
from allocator.scenario.months import Month

SATURDAY = 5


class Window(Protocol):
    """Days and hours of the day; `to_hour` below `from_hour` runs over midnight."""

    @property
    def days(self) -> Literal["all", "weekdays", "weekends"]: ...
    @property
    def from_hour(self) -> int: ...
    @property
    def to_hour(self) -> int: ...


class Delivery(Window, Protocol):
    """The same from one month to another."""

    @property
    def first_month(self) -> Month: ...
    @property
    def last_month(self) -> Month: ...


def in_block(one: Delivery, utc: NDArray[np.datetime64], time_zone: str) -> Bools:
    """Which hours, by their start in UTC, are hours of delivery, (T,)."""
    local = local_times(utc, time_zone)
    month = local.year.to_numpy() * 12 + local.month.to_numpy() - 1
    in_months = (one.first_month.ordinal <= month) & (month <= one.last_month.ordinal)
    return np.asarray(in_hours(one, local) & in_months)


def local_times(utc: NDArray[np.datetime64], time_zone: str) -> pd.DatetimeIndex:
    """Starts of hours on the clock of a time zone, (T,)."""
    return pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(ZoneInfo(time_zone))


def in_hours(one: Window, local: pd.DatetimeIndex) -> Bools:
    """Which hours, by their start on the local clock, lie in the days and hours of a window, (T,)."""
    hour, weekend = local.hour.to_numpy(), local.day_of_week.to_numpy() >= SATURDAY
    after, before = hour >= one.from_hour, hour < one.to_hour
    of_day = after & before if one.from_hour < one.to_hour else after | before
    on_day = {"all": np.ones(len(hour), dtype=np.bool_), "weekdays": ~weekend, "weekends": weekend}[one.days]
    return np.asarray(of_day & on_day)
