"""The horizon, its grid of periods, and how the hours of a period stand in the model."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from allocator.scenario.months import Month
from allocator.scenario.record import PositiveCount, Record, TermMonths
from allocator.scenario.unions import branch, by_key

_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")


@cache
def _zones() -> frozenset[str]:
    """The names; once, since finding them walks through the files of all zones."""
    return frozenset(available_timezones())


def _check_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("a time zone of the IANA list, for example America/Chicago")
    return name


def check_zone_or_offset(name: str) -> str:
    """Pass a time-zone name or an offset such as -06:00; raises ValueError for anything else."""
    return name if _OFFSET.fullmatch(name) else _check_zone(name)


TimeZone = Annotated[str, AfterValidator(_check_zone)]
"""A name of the IANA time-zone list, for example America/Chicago or UTC."""


class Period(Record):
    """A run of equally long nodes."""

    months: TermMonths
    """Length of each node, months."""
    count: PositiveCount
    """How many such nodes follow each other, count."""


class RepresentativeDays(Record):
    """Each node of each site is represented by some of its days, weighted."""

    representative_days: Annotated[int, Field(strict=True, ge=3, le=366)]
    """Days per node and site: the one with the highest price, the hottest one, and medoids of the others."""


Hours = Annotated[
    Annotated[Literal["full"], branch("text")] | Annotated[RepresentativeDays, branch("representative_days")],
    by_key("text", "representative_days"),
]
"""full, or {representative_days: 4}."""


class Horizon(Record):
    """Months of one time zone are the base grid of a scenario."""

    start: Month
    """First calendar month of the plan, YYYY-MM."""
    months: TermMonths
    """Length of the plan, months."""
    time_zone: TimeZone
    """Zone in which the calendar months begin and end."""
    decision_every_months: TermMonths = 1
    """Conversions, purchases, moves and signatures may be decided only at nodes that begin on a multiple of this
    many months from the start, or from `decisions_from`; months."""
    decisions_from: Month | None = None
    """Month from which `decision_every_months` counts, YYYY-MM; null: the start. Of a scenario that has moved on, the
    start of the first one."""
    periods: Annotated[tuple[Period, ...], Field(min_length=1)] | None = None
    """Grid of nodes, in order; their months must sum to `months`. null: nodes of one month each."""
    hours: Hours = "full"
    """full: every hour of the series stands in the model; or {representative_days: K}."""

    @property
    def months_counted(self) -> int:
        """Months at the start since the one from which decisions are counted."""
        return 0 if self.decisions_from is None else self.start.since(self.decisions_from)

    @property
    def end(self) -> Month:
        """The first month after the horizon."""
        return self.start.plus(self.months)

    @property
    def node_months(self) -> tuple[int, ...]:
        """Length of each node in order, months."""
        if self.periods is None:
            return (1,) * self.months
        return tuple(period.months for period in self.periods for _ in range(period.count))
