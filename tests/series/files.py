"""Small series files for tests, and the development data where it is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from allocator.scenario.faults import ScenarioFaults
from allocator.series.clock import parse_zone
from allocator.series.reader import read_series
from allocator.series.specs import FileSpec, HourlySeries, Repeat

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"development data is not at {DATA}")
CHICAGO = parse_zone("America/Chicago")
PRICE = FileSpec(column="price", unit="USD/MWh", time_column="time")


def write_csv(folder: Path, rows: Sequence[tuple[str, object]], header: str = "time,price") -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join([header, *(f"{time},{value}" for time, value in rows)]) + "\n", encoding="utf-8")
    return path


def utc_rows(start: str, count: int, minutes: int = 60) -> list[tuple[str, object]]:
    """Rows with stamps in UTC (Z) and the values 0, 1, 2, ..."""
    times = np.datetime64(start, "s") + np.arange(count) * np.timedelta64(minutes, "m")
    return [(f"{time}Z", value) for value, time in enumerate(times)]


def series(
    values: list[float], start: str = "2027-01-01T00:00", minutes: int = 60, repeat: Repeat = "no"
) -> HourlySeries:
    utc = np.datetime64(start, "s") + np.arange(len(values)) * np.timedelta64(minutes, "m")
    return HourlySeries("prices.csv: price", utc, np.array(values, dtype=np.float64), minutes, (), "USD/MWh", repeat)


def faults_of(path: Path, spec: FileSpec = PRICE, window: tuple[str, str] | None = None) -> list[str]:
    span = (np.datetime64(window[0], "s"), np.datetime64(window[1], "s")) if window else None
    with pytest.raises(ScenarioFaults) as caught:
        read_series(path, spec, span)
    return [str(fault) for fault in caught.value.faults]
