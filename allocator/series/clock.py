"""Time zones: naive local stamps to UTC, UTC hours to local calendar fields, months to hours.

Inside the product time is UTC, datetime64[s]. Local time appears in files, in calendar months and in
profiles; everything that knows about daylight saving is here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from allocator.series.specs import Bools, Ints, Times

HOUR = np.timedelta64(3600, "s")
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{2}):(\d{2})")


def parse_zone(name: str) -> dt.tzinfo:
    """A tz database name ("America/Chicago"), "UTC", or a fixed offset ("-06:00", "UTC-06:00").

    Raises:
        ValueError: no such zone.
    """
    fixed = _OFFSET.fullmatch(name)
    if fixed and int(fixed[2]) < 15 and int(fixed[3]) < 60:
        offset = dt.timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return dt.timezone(-offset if fixed[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}") from error


def utc_seconds(index: pd.DatetimeIndex) -> Times:
    """A time index as a plain array of UTC (or naive) seconds, NaT kept."""
    naive = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
    return naive.to_numpy().astype("datetime64[s]")


def localize(local: Times, zone: dt.tzinfo, *, second: Bools, skipped: str = "NaT") -> Times:
    """Naive local times to UTC.

    Args:
        local: (T,) naive local times. zone: their zone.
        second: (T,) True: of the two instants a repeated autumn time may mean, the later one.
        skipped: what a time that spring skips becomes: "NaT", or "shift_forward" for the first instant after it.

    Returns:
        (T,) UTC seconds.
    """
    index = pd.DatetimeIndex(local)
    aware = index.tz_localize(zone, ambiguous=~second, nonexistent="NaT" if skipped == "NaT" else "shift_forward")
    return utc_seconds(aware)


class LocalClock:
    """Turns naive local stamps, read in file order, into UTC.

    A stamp that the autumn change repeats means its earlier instant where it is met first and its later
    instant where it is met again.
    """

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone
        self._met: set[int] = set()

    def to_utc(self, local: Times) -> Times:
        """(T,) UTC seconds of (T,) naive local times; NaT where the zone skips the time."""
        never = np.zeros(len(local), dtype=bool)
        early = localize(local, self._zone, second=never)
        late = localize(local, self._zone, second=~never)
        again = [row for row in np.flatnonzero(early < late) if self._meets_again(int(local[row].astype(np.int64)))]
        early[again] = late[again]
        return early

    def _meets_again(self, stamp: int) -> bool:
        if stamp in self._met:
            return True
        self._met.add(stamp)
        return False


@dataclass(frozen=True)
class LocalCalendar:
    """Local calendar fields of UTC hours, each (T,).

    Attributes:
        year, month (1..12), day (of the month), hour (0..23): on the local clock.
        weekend: True on Saturday and Sunday.
        day_index: 0, 1, ... counting the local days that occur.
        second: True in the later of two equal local hours (autumn).
    """

    year: Ints
    month: Ints
    day: Ints
    hour: Ints
    weekend: Bools
    day_index: Ints
    second: Bools


def local_times(utc: Times, zone: dt.tzinfo) -> tuple[Times, Bools]:
    """(T,) naive local time of UTC instants, and (T,) True in the later of two equal local hours (autumn)."""
    naive = utc_seconds(pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone).tz_localize(None))
    early = localize(naive, zone, second=np.zeros(len(naive), dtype=bool))
    return naive, early != np.asarray(utc, dtype="datetime64[s]")


def local_calendar(utc: Times, zone: dt.tzinfo) -> LocalCalendar:
    """Calendar fields of each UTC instant on the clock of `zone`."""
    naive, second = local_times(utc, zone)
    date, month = naive.astype("datetime64[D]"), naive.astype("datetime64[M]")
    dates, day_index = np.unique(date, return_inverse=True)
    weekday = (dates.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    return LocalCalendar(
        year=naive.astype("datetime64[Y]").astype(np.int64) + 1970,
        month=month.astype(np.int64) % 12 + 1,
        day=(date - month).astype(np.int64) + 1,
        hour=((naive - date) // HOUR).astype(np.int64),
        weekend=weekday[day_index] >= 5,
        day_index=day_index.astype(np.int64),
        second=second,
    )


def month_start(month: str, zone: dt.tzinfo) -> np.datetime64:
    """UTC instant at which the local month "YYYY-MM" begins."""
    local = np.array([np.datetime64(month, "M")]).astype("datetime64[s]")
    return np.datetime64(localize(local, zone, second=np.zeros(1, dtype=bool), skipped="shift_forward")[0], "s")


def month_hours(month: str, months: int, zone: dt.tzinfo) -> Times:
    """UTC start of every hour of `months` local months from "YYYY-MM" on, (T,).

    Raises:
        ValueError: the months are no whole number of hours (zones that change their clocks by less than one).
    """
    first = month_start(month, zone)
    end = month_start(str(np.datetime64(month, "M") + np.timedelta64(months, "M")), zone)
    if (end - first) % HOUR != np.timedelta64(0, "s"):
        raise ValueError(f"{months} months from {month} are no whole number of hours in {zone}")
    return np.arange(first, end, HOUR)
