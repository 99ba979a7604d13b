"""Coincident peaks: transmission charges set by what a site draws while the whole system peaks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.demand_charges import CalendarMonth
from allocator.scenario.power_blocks import Days, Hour
from allocator.scenario.record import Name, NonNegative, Record
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import Value

SUMMER = (6, 7, 8, 9)
"""June to September, the months of the four coincident peaks (4CP) of ERCOT."""


class PeakWindow(Record):
    """The peak of a month may fall into any hour of a window, each as likely as the other."""

    kind: Literal["window"]
    """A window."""
    days: Days = "weekdays"
    """Days that count, in the scenario's time zone."""
    from_hour: Hour
    """When the hours that count begin, hours after midnight in the scenario's time zone."""
    to_hour: Hour
    """When they end, hours after midnight; below `from_hour` they run over midnight."""


class PeakProbabilities(Record):
    """How likely the peak of the month falls into each hour, from a forecast or from the past."""

    kind: Literal["probabilities"]
    """Hour by hour."""
    series: Name
    """Name of a series in unit 1: the probability of each hour. Those of a billed month sum to 1; a sum between
    0.99 and 1.01 counts as rounding."""


PeakHours = Annotated[
    Annotated[PeakWindow, branch("window")] | Annotated[PeakProbabilities, branch("probabilities")],
    by_kind("window", "probabilities"),
]
"""kind: window, or kind: probabilities."""


class CoincidentPeak(Record):
    """A charge on what the site draws, on average, at the system's peaks of a year's billed months.

    Each MW drawn in an hour is charged the rate of the year times the probability of the hour over the number of
    billed months. What a calendar year has caused is paid in January of the next one."""

    name: Name
    """Unique among the coincident peaks of its site."""
    usd_per_mw_year: Value
    """Rate, USD per MW of the average draw at the peaks and year; that of the month in which a peak falls."""
    months: Annotated[tuple[CalendarMonth, ...], Field(min_length=1)] = SUMMER
    """Months of the year with a peak each, 1 to 12; June to September unless stated."""
    hours: PeakHours
    """Hours into which the peak of a month may fall."""
    opening_owed_usd: NonNegative = 0.0
    """Caused before the plan begins and not paid yet, USD; paid in the first January of the plan."""
