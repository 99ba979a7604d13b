"""Values that may change over the horizon: a number, a list by month, steady growth, or a series."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from allocator.scenario.record import UNCERTAIN, GrowthPerYear, Name, NonNegative, Record
from allocator.scenario.unions import branch, by_key


class ByMonth(Record):
    """One number for each calendar month of the horizon."""

    by_month: Annotated[tuple[NonNegative, ...], Field(min_length=1, max_length=600)]
    """Value of each calendar month from the first month of the horizon; in the unit of the field. At least as many as
    the horizon has months; further ones are not used."""


class Growing(Record):
    """A number that grows (or falls) at an even annual rate."""

    start: NonNegative
    """Value at the first instant of the horizon; in the unit of the field."""
    growth_per_year: GrowthPerYear
    """Annual effective growth, share. The value of month k is taken at its middle:
    start * (1 + growth_per_year) ** ((k + 0.5) / 12), k = 0 for the first month of the horizon."""


class FromSeries(Record):
    """A series of the scenario's `series` section, averaged over each calendar month."""

    series: Name
    """Name in the section `series`; its unit must be that of the field."""


Value = Annotated[
    Annotated[NonNegative, branch("number")]
    | Annotated[ByMonth, branch("by_month")]
    | Annotated[Growing, branch("start")]
    | Annotated[FromSeries, branch("series")],
    by_key("number", "by_month", "start", "series"),
]
"""A number, {by_month: [...]}, {start: x, growth_per_year: g} or {series: name}."""

UncertainValue = Annotated[Value, UNCERTAIN]
"""A `Value` that may differ from node to node."""


def evaluate(value: float | ByMonth | Growing | FromSeries, months: int) -> NDArray[np.float64]:
    """The value of each calendar month of the horizon, shape (months,), in the unit of the field.

    A number holds in every month; `by_month` is read from its start; growth is annual effective and taken at
    the middle of each month (see `Growing.growth_per_year`).

    Raises:
        ValueError: `by_month` is shorter than `months` (load_scenario reports this as a fault beforehand).
        TypeError: the value refers to a series; only `allocator.series` can read those.
    """
    if isinstance(value, ByMonth):
        if len(value.by_month) < months:
            raise ValueError(f"by_month has {len(value.by_month)} values, the horizon {months} months")
        return np.array(value.by_month[:months], dtype=np.float64)
    if isinstance(value, Growing):
        years = (np.arange(months, dtype=np.float64) + 0.5) / 12.0
        return np.asarray(value.start * (1.0 + value.growth_per_year) ** years, dtype=np.float64)
    if isinstance(value, FromSeries):
        raise TypeError(f"the value comes from series {value.series!r}; read the series and average it by month")
    return np.full(months, float(value), dtype=np.float64)
