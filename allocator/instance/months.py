"""Calendar months of the horizon, in the scenario's time zone: the base grid of every period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.values import Value
from allocator.series.clock import month_start, parse_zone

Monthly = Callable[[Value], Floats]
"""Looks up the value of each calendar month of the horizon, (M,)."""


@dataclass(frozen=True)
class MonthGrid:
    """M months, each from local midnight to local midnight.

    Attributes:
        month: calendar month, datetime64[M], (M,).
        bounds_utc: start of each month and the end of the last, UTC, datetime64[s], (M + 1,).
    """

    month: NDArray[np.datetime64]
    bounds_utc: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.month)

    @property
    def hours(self) -> Floats:
        """Hours of each month: 743 where clocks go forward, 721 or 745 where they go back, (M,)."""
        return np.diff(self.bounds_utc) / np.timedelta64(1, "h")

    @property
    def hours_from_start(self) -> Ints:
        """Hours from the start of the horizon to each bound, (M + 1,)."""
        return np.asarray((self.bounds_utc - self.bounds_utc[0]) // np.timedelta64(1, "h"), dtype=np.int64)

    @property
    def hour_starts(self) -> NDArray[np.datetime64]:
        """Start of every hour of the horizon, UTC, (T,)."""
        return np.arange(self.bounds_utc[0], self.bounds_utc[-1], np.timedelta64(3600, "s"))


def month_grid(start: str, months: int, time_zone: str) -> MonthGrid:
    """The grid of `months` calendar months from "YYYY-MM"; local midnights become UTC instants.

    Raises:
        ScenarioFaults: a month is no whole number of hours (zones that shift their clocks by less than one).
    """
    labels = np.datetime64(start, "M") + np.arange(months + 1)
    zone = parse_zone(time_zone)
    grid = MonthGrid(labels[:-1], np.array([month_start(str(label), zone) for label in labels]))
    if (grid.hours % 1.0).any():
        found = f"{time_zone!r}, where clocks shift by part of an hour"
        fix = "use a zone with the same offset and no such shift"
        raise ScenarioFaults([Fault("horizon.time_zone", found, "months of whole hours", fix)])
    return grid


def months_between(start: str, month: str) -> int:
    """Whole months from one calendar month to another, negative where `month` is earlier."""
    return int((np.datetime64(month, "M") - np.datetime64(start, "M")).astype(int))


def average_by_node(monthly: Floats, grid: MonthGrid, tree: NodeTree) -> Floats:
    """Average of a monthly figure (M,) over each node's months, weighted by their hours, (N,)."""
    total = np.concatenate([[0.0], np.cumsum(monthly * grid.hours)])
    hours = np.concatenate([[0.0], np.cumsum(grid.hours)])
    first, last = tree.first_month, tree.first_month + tree.months
    return np.asarray((total[last] - total[first]) / (hours[last] - hours[first]))
