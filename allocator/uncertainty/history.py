"""Past values of a series at even steps: every so many days, at the start of every month, or a month's average."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocator.scenario.series_sources import FileSeries
from allocator.series.reader import ALWAYS, read_series
from allocator.series.sources import file_spec
from allocator.uncertainty.types import Floats

Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class History:
    """A series day by day, days in UTC.

    Attributes:
        day: datetime64[D], (K,). first: the first value of each day. mean: its average.
    """

    day: NDArray[np.datetime64]
    first: Floats
    mean: Floats

    @property
    def span(self) -> str:
        """First and last day, for people."""
        return f"{self.day[0]} to {self.day[-1]}"

    def every(self, step_days: int) -> Floats:
        """Values every so many days, the last day included; ValueError where one is not above zero."""
        return self._positive(self.first)[(len(self.day) - 1) % step_days :: step_days]

    def monthly(self) -> tuple[Months, Floats]:
        """First days of calendar months, datetime64[M], and the value there; ValueError where one is not above zero."""
        at = np.flatnonzero(self.day == self.day.astype("datetime64[M]").astype("datetime64[D]"))
        return self.day[at].astype("datetime64[M]"), self._positive(self.first)[at]

    def monthly_level(self) -> tuple[Months, Floats]:
        """Whole calendar months and their averages over the usual one of the season; ValueError unless all are above 0.

        The usual one is the geometric mean of the same calendar month over the years.
        """
        month = self.day.astype("datetime64[M]")
        distinct, at, days = np.unique(month, return_inverse=True, return_counts=True)
        whole = days == ((distinct + 1).astype("datetime64[D]") - distinct.astype("datetime64[D]")).astype(int)
        level = np.bincount(at, self.mean) / days
        if (level[whole] <= 0).any():
            raise ValueError("a month's average is not above zero")
        season, logs = distinct.astype(int)[whole] % 12, np.log(level[whole])
        usual = np.bincount(season, logs, 12) / np.maximum(np.bincount(season, minlength=12), 1)
        return distinct[whole], np.exp(logs - usual[season])

    def _positive(self, values: Floats) -> Floats:
        bad = np.flatnonzero(values <= 0)
        if len(bad):
            raise ValueError(f"{values[bad[0]]:g} on {self.day[bad[0]]} has no logarithm")
        return values


def read_history(source: FileSeries, folder: Path, as_of: date) -> History:
    """A series up to and including a day; days that are not whole are left out.

    Raises:
        ScenarioFaults: the file has faults.
    """
    end = np.datetime64(as_of + timedelta(days=1), "s")
    read = read_series(folder / source.file, file_spec(source), (ALWAYS[0], end), source.file)
    per_day = 24 * 60 // read.step_minutes
    midnight = int(np.argmax(read.utc == read.utc.astype("datetime64[D]")))
    days = (len(read.utc) - midnight) // per_day
    table = read.values[midnight : midnight + days * per_day].reshape(days, per_day)
    return History(read.utc[midnight::per_day][:days].astype("datetime64[D]"), table[:, 0], table.mean(axis=1))
