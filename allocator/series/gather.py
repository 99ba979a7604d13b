"""The rows of one file, batch by batch: stamps to UTC, values to numbers, every row checked on the way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from allocator.series.checks import FaultLog, Kind
from allocator.series.clock import LocalClock
from allocator.series.columns import Rows
from allocator.series.gaps import DAY_MINUTES, Read
from allocator.series.numbers import parse_numbers
from allocator.series.specs import Bools, FileSpec, Floats, Ints, Span, Times
from allocator.series.stamps import EXPECTED, parse_stamps
from allocator.series.units import UNITS

MOST_STEPS = 4_000_000

STAMP = Kind(EXPECTED, "write the time in that form")
NO_ZONE = Kind("a zone for times without an offset", "state time_zone in the scenario, for example America/Chicago")
SKIPPED = Kind(
    "only times that the clock shows",
    "leave out the hour that spring skips; a file kept in standard time all year needs an offset, "
    "for example time_zone: -06:00",
)
TWICE = Kind(
    "each step once (twice only in the hour that autumn repeats)",
    "remove one of the two, or add an offset to each time stamp",
)
BACKWARDS = Kind("rows in order of time", "sort the file by its time column")
OFF_GRID = Kind("times evenly spaced", "mend the time stamp, or export the file with one step length")
STEP = Kind("steps of a day, an hour or a whole part of it", "average the file to hours")
NUMBER = Kind("a number with a decimal point, or nothing", "mend the value")
TYPE = Kind("text or numbers, and times as text or time stamps", "name other columns, or export the file again")
RANGE = Kind("a value in the plausible range", "mend the value or its unit, or state another range in the scenario")
TOO_LONG = Kind(f"at most {MOST_STEPS} steps inside the horizon", "average the file to hours, or cut it to the horizon")

_DAY = np.timedelta64(86_400, "s")


class Gather:
    """Collects the rows of a file inside a window; rows outside are only checked for order. Faults go to the log.

    Memory is bounded by the window and by `MOST_STEPS`, whatever the length of the file.
    """

    def __init__(self, spec: FileSpec, zone: dt.tzinfo | None, window: Span, log: FaultLog) -> None:
        self._spec, self._zone, self._window, self._log = spec, zone, window, log
        self._unit = UNITS[spec.unit]
        self._range = spec.range or self._unit.written_range()
        self._clock = LocalClock(zone or dt.UTC)
        self._last: np.datetime64 | None = None
        self._parts: list[tuple[Times, Floats, Ints]] = []
        self._kept = 0
        self.seen: tuple[np.datetime64, np.datetime64] | None = None
        self.step_minutes = 0
        self.calendar_days = False
        self.stopped = False

    @property
    def orderly(self) -> bool:
        """True while time stamps are good enough to look for gaps."""
        return not any(kind in self._log for kind in (STAMP, NO_ZONE, SKIPPED, BACKWARDS, OFF_GRID, TOO_LONG))

    def take(self, rows: Rows) -> None:
        """Check and keep one batch; sets `stopped` where going on makes no sense."""
        lines = rows.first + np.arange(len(rows.times), dtype=np.int64)
        try:
            time = self._times(rows.times, lines)
            if self.stopped:
                return
            good = ~np.isnat(time)
            self._check_order(time[good], lines[good])
            kept = good & (time >= self._window[0]) & (time < self._window[1])
            self._keep(time[kept], rows.values.filter(pa.array(kept)), lines[kept])
        except TypeError as error:
            self._log.add(TYPE, f"a column of type {error}")
            self.stopped = True

    def rows(self) -> Read | None:
        """What was kept, in order and each step once; None if nothing was."""
        if not self._parts:
            return None
        time, values, lines = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        time, once = np.unique(time, return_index=True)
        return Read(time, values[once], lines[once], self.step_minutes)

    def _times(self, column: pa.Array, lines: Ints) -> Times:
        """UTC start of every step (naive days for a file of calendar days), NaT where there is a fault."""
        stamps = parse_stamps(column)
        time, naive = stamps.time, ~stamps.aware
        bad = np.flatnonzero(np.isnat(time))
        self._log.add_rows(STAMP, lines[bad], lambda i: f"{column[int(bad[i])].as_py()!r} as a time")
        self._find_step(time, naive)
        if self._spec.stamp == "end":
            time = time - np.timedelta64(self.step_minutes, "m")
        return time if self.stopped or self.calendar_days else self._to_utc(time, naive, lines)

    def _find_step(self, time: Times, naive: Bools) -> None:
        """The most common distance between stamps of the first batch is the step of the file."""
        if self.step_minutes:
            return
        distance = np.diff(time[~np.isnat(time)]).astype(np.int64)
        distance = distance[distance > 0]
        if not len(distance):
            self._refuse_step("fewer than two rows in order of time")
            return
        lengths, counts = np.unique(distance, return_counts=True)
        seconds = int(lengths[np.argmax(counts)])
        self.step_minutes = max(seconds // 60, 1)
        if seconds % 60 or (60 % self.step_minutes and self.step_minutes != DAY_MINUTES):
            self._refuse_step(f"steps of {seconds / 60:g} minutes")
        self.calendar_days = self.step_minutes == DAY_MINUTES and bool(naive.all())

    def _refuse_step(self, found: str) -> None:
        self._log.add(STEP, found)
        self.stopped = True

    def _to_utc(self, time: Times, naive: Bools, lines: Ints) -> Times:
        local = np.flatnonzero(naive & ~np.isnat(time))
        if not len(local):
            return time
        if self._zone is None:
            self._log.add(NO_ZONE, "a time without an offset", f"line {lines[local[0]]}")
            self.stopped = True
            return time
        utc = time.copy()
        utc[local] = self._clock.to_utc(time[local])
        skipped = local[np.isnat(utc[local])]
        words = f"which {self._spec.time_zone} skips in spring"
        self._log.add_rows(SKIPPED, lines[skipped], lambda i: f"{time[skipped[i]]}, {words}")
        return utc

    def _check_order(self, time: Times, lines: Ints) -> None:
        if not len(time):
            return
        before = np.concatenate(([self._last if self._last is not None else time[0] - self._step], time[:-1]))
        distance = (time - before).astype("timedelta64[s]").astype(np.int64)
        same, back = np.flatnonzero(distance == 0), np.flatnonzero(distance < 0)
        off = np.flatnonzero((distance > 0) & (distance % (self.step_minutes * 60) != 0))
        self._log.add_rows(TWICE, lines[same], lambda i: f"{time[same[i]]}Z a second time")
        self._log.add_rows(BACKWARDS, lines[back], lambda i: f"{time[back[i]]}Z after {before[back[i]]}Z")
        words = f"minutes after the last step, not {self.step_minutes}"
        self._log.add_rows(OFF_GRID, lines[off], lambda i: f"{distance[off[i]] / 60:g} {words}")
        self._last = time[-1]
        self.seen = (self.seen[0] if self.seen else time[0], time[-1])

    @property
    def _step(self) -> np.timedelta64:
        return np.timedelta64(self.step_minutes, "m")

    def _keep(self, time: Times, column: pa.Array, lines: Ints) -> None:
        if not len(time):
            return
        values, wrong = parse_numbers(column)
        bad = np.flatnonzero(wrong)
        self._log.add_rows(NUMBER, lines[bad], lambda i: f"{column[int(bad[i])].as_py()!r} in {self._spec.column!r}")
        low, high = self._range
        outside = np.flatnonzero((values < low) | (values > high))
        words = f"{self._spec.unit}, outside {low:g} to {high:g}"
        self._log.add_rows(RANGE, lines[outside], lambda i: f"{values[outside[i]]:g} {words}")
        self._kept += len(time)
        if self._kept > MOST_STEPS:
            self._log.add(TOO_LONG, f"more than {MOST_STEPS} rows", f"line {lines[-1]}")
            self.stopped = True
            return
        self._parts.append((time, self._unit.convert(values), lines))
