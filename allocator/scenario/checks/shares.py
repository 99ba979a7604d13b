"""Values that are shares: 9 stands for 900 percent, which nobody means."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.values import ByMonth, FromSeries, Growing

HIGHEST_RATE = 1.0
"""The limit of the other annual rates of a scenario."""


def rates(context: Context) -> Iterator[Fault]:
    """Interest is stated as a share: 0.09 is 9 percent."""
    for part in context.draft.loans:
        found = largest(part.value.rate_per_year)
        if found > HIGHEST_RATE:
            path, fix = (*part.path, "rate_per_year"), f"write {found / 100:g} for {found:g} percent"
            yield context.places.fault(path, found, f"a share of at most {HIGHEST_RATE:g}", fix)


def dips(context: Context) -> Iterator[Fault]:
    """A price that dips within a month stays above 0."""
    treasury = context.draft.treasury
    if treasury is not None and (found := largest(treasury.stress_share)) >= 1.0:
        fix = f"write {found / 100:g} for {found:g} percent"
        yield context.places.fault(("treasury", "stress_share"), found, "a share below 1", fix)


def largest(value: float | ByMonth | Growing | FromSeries) -> float:
    """The largest number that a value states; 0 for a series, which only its file knows."""
    match value:
        case ByMonth():
            return max(value.by_month)
        case Growing():
            return value.start
        case FromSeries():
            return 0.0
        case _:
            return value
