"""Read one series from a CSV or Parquet file: every fault at once, otherwise UTC steps without a hole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from allocator.series.checks import FaultLog, Kind, did_you_mean
from allocator.series.clock import HOUR, localize, parse_zone
from allocator.series.columns import read_rows
from allocator.series.gaps import Grid, fill, too_sparse
from allocator.series.gather import MOST_STEPS, Gather
from allocator.series.specs import FileSpec, HourlySeries, Span, Times
from allocator.series.units import UNITS

EMPTY = Kind("rows inside the days that are asked for", "give a file that covers them")
SAME = Kind("a column of values beside the one of times", "name the column that holds the values")
UNIT = Kind("a known unit", "write the unit as listed")
ZONE = Kind("a time zone", "name one of the tz database, for example America/Chicago, or an offset such as -06:00")

ALWAYS: Span = (np.datetime64("1970-01-01", "s"), np.datetime64("2200-01-01", "s"))


def read_series(path: Path, spec: FileSpec, window: Span | None = None, name: str | None = None) -> HourlySeries:
    """Read, check and, where the scenario allows, repair one series.

    Time stamps carry an offset, or are local to `spec.time_zone`: the hour that autumn repeats is then met twice in
    a row, the hour that spring skips is absent. With `stamp: end`, local stamps are labels of the step that ends
    ("hour ending 02:00" stands for 01:00 to 02:00, and appears twice in autumn); 24:00 is the next midnight. A file
    of calendar days (dates without offset) gives each hour of a local day the day's value.

    Args:
        path: .csv (also .csv.gz) or .parquet file.
        spec: which columns, and how they are meant.
        window: UTC start and end; values outside are neither checked nor kept, so that memory is bounded by the
            window. With `repeat: yearly` every row is kept, whatever the window.
        name: file name for messages; `path.name` if left out.

    Raises:
        ScenarioFaults: every fault found, with line and fix.
    """
    log = FaultLog(name or path.name)
    zone = _zone(spec, log)
    if spec.unit not in UNITS:
        log.add(UNIT, f"unit {spec.unit!r}; {did_you_mean(spec.unit, UNITS)}")
    if spec.column == spec.time_column:
        log.add(SAME, f"column and time_column both {spec.column!r}")
    log.raise_if_any()
    asked = ALWAYS if window is None or spec.repeat == "yearly" else window
    gather = Gather(spec, zone, _with_margin(spec, asked), log)
    for rows in read_rows(path, spec.time_column, spec.column, log):
        gather.take(rows)
        if gather.stopped:
            break
    grid = _grid(gather, spec, asked, log)
    log.raise_if_any()
    return _series(grid, gather, spec, zone, asked, log.file)


def _zone(spec: FileSpec, log: FaultLog) -> dt.tzinfo | None:
    try:
        return None if spec.time_zone is None else parse_zone(spec.time_zone)
    except ValueError:
        log.add(ZONE, f"time_zone {spec.time_zone!r}")
        return None


def _with_margin(spec: FileSpec, asked: Span) -> Span:
    """A repair may look at values a day, and a gap, outside the window."""
    hours = 25.0 + (spec.repair.max_hours if spec.repair else 0.0)
    margin = np.timedelta64(int(np.ceil(hours * 3600)), "s")
    return asked[0] - margin, asked[1] + margin


def _grid(gather: Gather, spec: FileSpec, asked: Span, log: FaultLog) -> Grid:
    read = gather.rows()
    if read is None:
        if not log:
            log.add(EMPTY, f"rows from {gather.seen[0]}Z to {gather.seen[1]}Z" if gather.seen else "no row")
        raise log.error()
    if not gather.orderly or too_sparse(read, MOST_STEPS, log):
        raise log.error()
    return fill(read, spec.repair, asked, log)


def _series(grid: Grid, gather: Gather, spec: FileSpec, zone: dt.tzinfo | None, asked: Span, name: str) -> HourlySeries:
    """Cut the grid to the steps that touch the window; spread calendar days over their hours."""
    minutes, time, values = gather.step_minutes, grid.time, grid.values
    if gather.calendar_days:
        hours = _hours_of_days(time, zone or dt.UTC)
        time, values, minutes = np.arange(hours[0], hours[-1], HOUR), np.repeat(values, np.diff(hours) // HOUR), 60
    inside = (time + np.timedelta64(minutes, "m") > asked[0]) & (time < asked[1])
    return HourlySeries(
        name=f"{name}: {spec.column}",
        utc=time[inside],
        values=values[inside],
        step_minutes=minutes,
        repairs=grid.repairs,
        unit=UNITS[spec.unit].canonical,
        repeat=spec.repeat,
    )


def _hours_of_days(days: Times, zone: dt.tzinfo) -> Times:
    """UTC start of each local day, and the end of the last, (T + 1,)."""
    bounds = np.append(days, days[-1] + np.timedelta64(86_400, "s"))
    return localize(bounds, zone, second=np.zeros(len(bounds), dtype=bool), skipped="shift_forward")
