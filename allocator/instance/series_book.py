"""Every series the scenario refers to, read once and averaged to the hours of the horizon."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from allocator.instance.months import MonthGrid
from allocator.instance.tree import Floats
from allocator.scenario.coincident_peaks import PeakProbabilities
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.reserves import ReservePrice
from allocator.scenario.series_sources import ProfileSeries, SeriesSource
from allocator.scenario.sites import Ambient, PowerPrice
from allocator.scenario.values import FromSeries, Value, evaluate
from allocator.series.clock import parse_zone
from allocator.series.profile import profile_series
from allocator.series.reader import read_series
from allocator.series.sources import file_spec
from allocator.series.specs import HourlySeries, ProfileSpec, Times
from allocator.series.window import window

MOST_KEPT = 32
"""Series kept in memory between compilations."""


@dataclass(frozen=True)
class SeriesBook:
    """Values of every hour of the horizon, (T,), by name of the series.

    Attributes:
        hourly: by name. remarks: what was repaired, for the plan.
    """

    grid: MonthGrid
    hourly: Mapping[str, Floats]
    remarks: tuple[str, ...]

    def monthly(self, value: Value) -> Floats:
        """The value of each month, (M,); a series is averaged over the hours of the month."""
        if not isinstance(value, FromSeries):
            return evaluate(value, len(self.grid))
        hours = self.hourly[value.series]
        bounds = self.grid.hours_from_start
        return np.asarray(np.add.reduceat(hours, bounds[:-1]) / np.diff(bounds))


def read_book(loaded: LoadedScenario, grid: MonthGrid) -> SeriesBook:
    """Read every series that some value refers to; others are left alone.

    Raises:
        ScenarioFaults: the faults of all of them.
    """
    faults: list[Fault] = []
    hourly: dict[str, Floats] = {}
    remarks: list[str] = []
    for name in sorted(set(_references(loaded.scenario))):
        try:
            series = _read(loaded, name, grid)
            zone = parse_zone(loaded.scenario.horizon.time_zone)
            hourly[name] = window(series, grid.bounds_utc[0], grid.bounds_utc[-1], zone)
            remarks += _repairs(name, series)
        except ScenarioFaults as error:
            faults += error.faults
    if faults:
        raise ScenarioFaults(faults)
    return SeriesBook(grid, hourly, tuple(remarks))


def _references(part: Any) -> Iterator[str]:
    """Names of series anywhere in the scenario."""
    if isinstance(part, FromSeries | PowerPrice | Ambient | ReservePrice | PeakProbabilities):
        yield part.series
    if isinstance(part, BaseModel):
        for _, value in part:
            yield from _references(value)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from _references(value)


def _read(loaded: LoadedScenario, name: str, grid: MonthGrid) -> HourlySeries:
    source = loaded.scenario.series[name]
    asked = _Asked(source, loaded.folder / source.file, loaded.scenario.horizon.time_zone, grid.bounds_utc[[0, -1]])
    return _kept(asked, asked.digest())


@dataclass(frozen=True)
class _Asked:
    """A series over the horizon: what says how it is read, its file, and its first and last bound in UTC, (2,)."""

    source: SeriesSource
    file: Path
    time_zone: str
    bounds_utc: Times

    def digest(self) -> bytes:
        """Of the bytes of the file; empty where it cannot be read, which reading it tells better."""
        try:
            with self.file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").digest()
        except OSError:
            return b""

    def read(self) -> HourlySeries:
        """The series; raises ScenarioFaults where it cannot be read."""
        start, end = self.bounds_utc
        if isinstance(self.source, ProfileSeries):
            spec = ProfileSpec(self.source.unit, self.source.seed, self.time_zone)
            return profile_series(self.file, spec, start, end, self.source.file)
        return read_series(self.file, file_spec(self.source), (start, end), self.source.file)


def _kept(asked: _Asked, digest: bytes) -> HourlySeries:
    """The series as last read from the same bytes in the same way: variants of a scenario share most of them."""
    source = asked.source.model_dump_json()
    key = (source, digest, asked.time_zone, *asked.bounds_utc.tolist())
    found = _LAST_READ.pop(key, None) or asked.read()
    found.values.flags.writeable = False
    _LAST_READ[key] = found
    while len(_LAST_READ) > MOST_KEPT:
        _LAST_READ.pop(next(iter(_LAST_READ)), None)
    return found


_LAST_READ: dict[tuple[object, ...], HourlySeries] = {}
"""The last series read, the last one used at the end."""


def _repairs(name: str, series: HourlySeries) -> list[str]:
    return [
        f"series {name}: {repair.count} steps filled ({repair.method}), {repair.first}Z to {repair.last}Z"
        for repair in series.repairs
    ]
