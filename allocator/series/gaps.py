"""Missing steps: found on the full grid of a series, filled only where a repair is named, otherwise a fault."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.series.checks import FaultLog, Kind
from allocator.series.specs import Bools, Floats, GapRepair, Ints, Repair, Span, Times

SPREAD = Kind("a series without such a hole", "check the first and the last time stamps of the file")
GAP_FIX = "add the missing steps, or name a repair, for example gaps: {repair: interpolate, max_hours: 3}"
GAP = Kind("a value at every step", GAP_FIX)
DAY_MINUTES = 1440


@dataclass(frozen=True)
class Read:
    """Rows as read: strictly increasing times on one grid, values (NaN: empty), line numbers; each (R,)."""

    time: Times
    values: Floats
    lines: Ints
    step_minutes: int


@dataclass(frozen=True)
class Grid:
    """Every step from first to last: times and values (T,), NaN where still missing; runs of steps that were filled."""

    time: Times
    values: Floats
    repairs: tuple[Repair, ...]


def fill(read: Read, repair: GapRepair | None, window: Span, log: FaultLog) -> Grid:
    """Put rows on their full grid and fill what the scenario allows.

    Args:
        read: the rows. repair: what may be filled; None: nothing.
        window: gaps that touch [first, end) and are not filled are noted in `log`; others stay NaN unremarked.

    Returns:
        The grid.
    """
    step = np.timedelta64(read.step_minutes, "m")
    position = ((read.time - read.time[0]) // step).astype(np.int64)
    time = read.time[0] + np.arange(position[-1] + 1) * step
    values = np.full(len(time), np.nan)
    values[position] = read.values
    repairs = []
    for first, end in _runs(np.isnan(values)):
        filled = _fill_run(values, first, end, repair, read.step_minutes)
        if time[end - 1] + step <= window[0] or time[first] >= window[1]:
            continue
        if filled and repair:
            repairs.append(Repair(end - first, repair.method, time[first], time[end - 1]))
        else:
            log.add(_kind(repair), _words(time[first], time[end - 1], end - first), _where(read, position, first))
    return Grid(time, values, tuple(repairs))


def too_sparse(read: Read, most_steps: int, log: FaultLog) -> bool:
    """True, and a fault, if first and last time stamp lie further apart than `most_steps` steps."""
    if (read.time[-1] - read.time[0]) / np.timedelta64(read.step_minutes, "m") <= most_steps:
        return False
    jump = int(np.argmax(np.diff(read.time)))
    words = f"nothing between {read.time[jump]}Z and {read.time[jump + 1]}Z"
    log.add(SPREAD, words, f"line {read.lines[jump + 1]}")
    return True


def _runs(missing: Bools) -> list[tuple[int, int]]:
    """(first, end) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False]))))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _fill_run(values: Floats, first: int, end: int, repair: GapRepair | None, step_minutes: int) -> bool:
    """Fill values[first:end] in place; False (and nothing changed) where the repair does not reach."""
    if repair is None or (end - first) * step_minutes > repair.max_hours * 60:
        return False
    if repair.method == "interpolate":
        if first == 0 or end == len(values):
            return False
        values[first:end] = np.interp(np.arange(first, end), [first - 1, end], [values[first - 1], values[end]])
        return True
    back = DAY_MINUTES // step_minutes if repair.method == "previous_day" else 1
    if first < back:
        return False
    # The last `back` values before the gap, over and over: they are there, since earlier runs come first.
    source = np.resize(values[first - back : first], end - first)
    if np.isnan(source).any():
        return False
    values[first:end] = source
    return True


def _kind(repair: GapRepair | None) -> Kind:
    if repair is None:
        return GAP
    expected = f"gaps of at most {repair.max_hours:g} hours that {repair.method} can fill"
    return Kind(expected, "add the missing steps, or allow a longer max_hours")


def _words(first: np.datetime64, last: np.datetime64, count: int) -> str:
    if count == 1:
        return f"no value for the step {first}Z"
    return f"no value for {count} steps from {first}Z to {last}Z"


def _where(read: Read, position: Ints, missing: int) -> str:
    row = int(np.searchsorted(position, missing))
    return f"line {read.lines[row]}" if position[row] == missing else f"after line {read.lines[row - 1]}"
