"""From a series to the hours of a horizon: averages, coverage, and years that stand for later ones."""

from __future__ import annotations

import datetime as dt

import numpy as np

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.series.clock import HOUR, local_times, localize
from allocator.series.specs import Floats, HourlySeries, Ints, Times

_YEAR_HOURS = 365.2425 * 24
_MOST_SPANS = 200


def window(series: HourlySeries, start: np.datetime64, end: np.datetime64, zone: dt.tzinfo) -> Floats:
    """Mean of the series over every hour from `start` to `end` (UTC), (T,).

    Hours of the result begin at `start`; where the steps of the series lie across them (zones with half-hour
    offsets), each step counts by its overlap. Where the series repeats yearly, an hour that it does not reach takes
    the value at the same month, day and hour on the clock of `zone`, a whole number of spans of the series away (a
    span is as many whole years as it covers); 29 February takes 28 February where the year has none, and an hour
    that spring skips there takes the next.

    Raises:
        ScenarioFaults: hours are missing, or the series covers less than the year it is to repeat.
    """
    hours = np.arange(start, end, HOUR)
    first, values = _hourly(series, start)
    if series.repeat == "yearly":
        wanted = _in_reach(hours, first, len(values), zone, series)
    else:
        wanted = ((hours - first) // HOUR).astype(np.int64)
    covered = (wanted >= 0) & (wanted < len(values))
    if not covered.all():
        raise ScenarioFaults([_uncovered(series, hours[~covered])])
    return values[wanted]


def _hourly(series: HourlySeries, start: np.datetime64) -> tuple[np.datetime64, Floats]:
    """Means over whole hours in phase with `start`: the first hour, and (H,) values."""
    step = series.step_minutes * 60
    phase = int((start - series.utc[0]) / np.timedelta64(1, "s")) % 3600
    fine = int(np.gcd.reduce([step, phase, 3600]))
    values = np.repeat(series.values, step // fine)[phase // fine :]
    per_hour = 3600 // fine
    whole = len(values) // per_hour
    return series.utc[0] + np.timedelta64(phase, "s"), values[: whole * per_hour].reshape(whole, per_hour).mean(axis=1)


def _in_reach(hours: Times, first: np.datetime64, count: int, zone: dt.tzinfo, series: HourlySeries) -> Ints:
    """Position in the series of each hour, moved by whole spans of years where the series does not reach it."""
    years = int((count + 24) / _YEAR_HOURS)
    if years < 1:
        found = f"{count} hours"
        raise ScenarioFaults([Fault(series.name, found, "a year or more to repeat yearly", "give at least one year")])
    local, second = local_times(hours, zone)
    position = ((hours - first) // HOUR).astype(np.int64)
    spans = np.zeros(len(hours), dtype=np.int64)
    for _ in range(_MOST_SPANS):
        out = np.flatnonzero((position < 0) | (position >= count))
        if not len(out):
            break
        spans[out] += np.where(position[out] < 0, 1, -1)
        moved = _other_year(local[out], spans[out] * years)
        utc = localize(moved, zone, second=second[out], skipped="shift_forward")
        position[out] = ((utc - first) // HOUR).astype(np.int64)
    return position


def _other_year(local: Times, years: Ints) -> Times:
    """(T,) the same month, day and time of day `years` later; 28 February where the year has no 29th."""
    month = local.astype("datetime64[M]")
    moved = month + years.astype("timedelta64[Y]").astype("timedelta64[M]")
    time = moved.astype("datetime64[s]") + (local - month)
    back = np.where(time.astype("datetime64[M]") == moved, 0, 86_400).astype("timedelta64[s]")
    return np.asarray(time - back, dtype="datetime64[s]")


def _uncovered(series: HourlySeries, missing: Times) -> Fault:
    last = series.utc[-1] + np.timedelta64(series.step_minutes, "m")
    fix = "give a longer series" if series.repeat == "yearly" else "give a longer series, or state repeat: yearly"
    return Fault(
        series.name,
        f"{len(missing)} hours of the horizon without a value, from {missing[0]}Z to {missing[-1]}Z",
        f"every hour of the horizon; the file covers {series.utc[0]}Z to {last}Z",
        fix,
    )
