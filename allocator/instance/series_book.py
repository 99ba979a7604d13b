"""Every series the scenario refers to, read once and averaged to the hours of the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from allocator.instance.months import MonthGrid
from allocator.instance.tree import Floats
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.reserves import ReservePrice
from allocator.scenario.series_sources import ProfileSeries
from allocator.scenario.sites import Ambient, PowerPrice
from allocator.scenario.values import FromSeries, Value, evaluate
from allocator.series.clock import parse_zone
from allocator.series.profile import profile_series
from allocator.series.reader import read_series
from allocator.series.sources import file_spec
from allocator.series.specs import HourlySeries, ProfileSpec
from allocator.series.window import window


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
    if isinstance(part, FromSeries | PowerPrice | Ambient | ReservePrice):
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
    start, end = grid.bounds_utc[0], grid.bounds_utc[-1]
    if isinstance(source, ProfileSeries):
        spec = ProfileSpec(source.unit, source.seed, loaded.scenario.horizon.time_zone)
        return profile_series(loaded.folder / source.file, spec, start, end, source.file)
    return read_series(loaded.folder / source.file, file_spec(source), (start, end), source.file)


def _repairs(name: str, series: HourlySeries) -> list[str]:
    return [
        f"series {name}: {repair.count} steps filled ({repair.method}), {repair.first}Z to {repair.last}Z"
        for repair in series.repairs
    ]
