"""The grid of nodes fits the horizon."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.horizon import RepresentativeDays
from allocator.scenario.places import Quoted

SHORTEST_MONTH_DAYS = 28


def periods(context: Context) -> Iterator[Fault]:
    """Periods, if stated, sum to the months of the horizon."""
    horizon = context.draft.horizon
    if horizon is None or horizon.periods is None:
        return
    total = sum(period.months * period.count for period in horizon.periods)
    if total != horizon.months:
        found = Quoted(f"periods of {total} months together")
        fix = "change the counts, or the months of the horizon"
        yield context.places.fault(("horizon", "periods"), found, f"{horizon.months} months", fix)


def representative_days(context: Context) -> Iterator[Fault]:
    """No node has fewer days than shall represent it."""
    horizon = context.draft.horizon
    if horizon is None or not isinstance(horizon.hours, RepresentativeDays):
        return
    shortest = min(period.months for period in horizon.periods) if horizon.periods else 1
    most = SHORTEST_MONTH_DAYS * shortest
    days = horizon.hours.representative_days
    if days > most:
        path = ("horizon", "hours", "representative_days")
        yield context.places.fault(path, days, f"at most {most} days a node", "write hours: full, or fewer days")
