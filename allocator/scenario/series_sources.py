"""Where hourly and other series come from; `allocator.series` reads them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from allocator.scenario.horizon import check_zone_or_offset
from allocator.scenario.record import Number, Positive, Record
from allocator.scenario.unions import branch, by_key, by_kind

FilePath = Annotated[str, Field(min_length=1, max_length=400)]
"""A path relative to the scenario's folder, inside it."""

ColumnName = Annotated[str, Field(min_length=1, max_length=200)]

Unit = Literal["USD/MWh", "USD/kWh", "c/kWh", "USD/MW/h", "C", "F", "USD/PH/day", "USD", "1", "USD/GPU/h"]
"""USD/MWh, USD/kWh, c/kWh: power price. USD/MW/h: price of capacity of an ancillary service. C, F: temperature.
USD/PH/day: hashprice. USD: Bitcoin price. 1: plain number (difficulty). USD/GPU/h: rental rate."""

ZoneOrOffset = Annotated[str, AfterValidator(check_zone_or_offset)]
"""A name of the IANA time-zone list, or an offset from UTC such as -06:00."""


class Repair(Record):
    """Fill gaps, and report how many."""

    repair: Literal["interpolate", "previous", "previous_day"]
    """interpolate: a straight line across the gap; previous: the last value; previous_day: the same hour a day
    before."""
    max_hours: Annotated[Positive, Field(le=8784.0)]
    """Longest gap that may be filled, hours; a longer one stays a fault."""


Gaps = Annotated[
    Annotated[Literal["error"], branch("text")] | Annotated[Repair, branch("repair")], by_key("text", "repair")
]
"""error, or {repair: interpolate, max_hours: 3}."""


class FileSeries(Record):
    """A column of a CSV or Parquet file."""

    kind: Literal["file"]
    """Values by time stamp."""
    file: FilePath
    """CSV or Parquet file beside the scenario."""
    column: ColumnName
    """Column of values."""
    unit: Unit
    """Unit of the values."""
    time_column: ColumnName
    """Column of time stamps."""
    time_zone: ZoneOrOffset | None = None
    """Zone of time stamps that carry no offset of their own; null: every stamp carries one."""
    stamp: Literal["start", "end"] = "start"
    """Whether a stamp marks the start or the end of its interval (hour ending)."""
    gaps: Gaps = "error"
    """error: a missing interval is a fault; or {repair: interpolate, max_hours: 3}."""
    range: tuple[Number, Number] | None = None
    """[lowest, highest] plausible value, unit of the series; null: the plausible range of the unit."""
    repeat: Literal["no", "yearly"] = "no"
    """yearly: a series of whole years may stand for later years that it does not cover."""


class ProfileSeries(Record):
    """Quantiles by month, hour and day type, expanded into hours with a seed."""

    kind: Literal["profile"]
    """Quantiles by month, hour and day type."""
    file: FilePath
    """CSV of quantiles beside the scenario."""
    unit: Unit
    """Unit of the values."""
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
    """Seed of the draw: the same seed gives the same hours."""


SeriesSource = Annotated[
    Annotated[FileSeries, branch("file")] | Annotated[ProfileSeries, branch("profile")],
    by_kind("file", "profile"),
]
"""kind: file, or kind: profile."""
