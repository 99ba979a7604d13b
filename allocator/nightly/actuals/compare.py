"""Plan against actual: each period beside the plan that was published when it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from allocator.nightly.actuals.factors import Factor, factors, yaml_lines
from allocator.nightly.actuals.planned import Planned, planned, window
from allocator.nightly.actuals.terms import Terms, terms
from allocator.nightly.store.shelf import Publication, Shelf
from allocator.pipeline.errors import BadInputError
from allocator.scenario.actuals import ActualLine
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import suggestion
from allocator.scenario.record_table import Row
from allocator.studies.diff import Side, side_of


@dataclass(frozen=True)
class Compared:
    """One site and period; `run` published the plan."""

    site: str
    period: str
    run: str
    planned: Planned
    actual: ActualLine
    terms: Terms


@dataclass(frozen=True)
class Comparison:
    """Everything that could be compared.

    Attributes:
        remarks: periods that could not, and why. yaml: lines for the scenario of the current plan.
    """

    rows: tuple[Compared, ...]
    factors: tuple[Factor, ...]
    yaml: tuple[str, ...]
    remarks: tuple[str, ...]


def compare(shelf: Shelf, rows: Sequence[Row[ActualLine]], first: str = "", last: str = "") -> Comparison:
    """Set what was beside what was planned, of periods from `first` to `last`.

    Raises:
        BadInputError: no plan is published, or no period is left. ScenarioFaults: a site is none of the plan's.
    """
    history = [one for one in shelf.history() if shelf.holds_plan(one.plan)]
    if not history:
        raise BadInputError("no plan is published")
    side = cache(lambda plan: side_of(shelf.plan(plan)))
    scenario = side(history[0].plan).loaded.scenario
    _known(rows, [site.name for site in scenario.sites])
    kept = [row.record for row in rows if _within(row.record.period, first, last)]
    if not kept:
        raise BadInputError("no period is left to compare", ["look at --from and --to"])
    zone, found, remarks = ZoneInfo(scenario.horizon.time_zone), list[Compared](), list[str]()
    for actual in kept:
        one = _published(history, window(actual.period, zone)[0])
        own: Side = side(one.plan)
        sums = planned(own.instance, own.plan, actual.site, actual.period, zone)
        if isinstance(sums, str):
            remarks.append(f"{actual.site} in {actual.period}: {sums}")
        else:
            found.append(Compared(actual.site, actual.period, one.run, sums, actual, terms(sums, actual)))
    figures = factors([(one.planned, one.actual) for one in found])
    return Comparison(tuple(found), figures, tuple(yaml_lines(figures, scenario)), tuple(remarks))


def _known(rows: Sequence[Row[ActualLine]], sites: Sequence[str]) -> None:
    faults = [
        Fault(
            row.places.place(("site",)), repr(row.record.site), "a site of the plan", suggestion(row.record.site, sites)
        )
        for row in rows
        if row.record.site not in sites
    ]
    if faults:
        raise ScenarioFaults(faults)


def _within(period: str, first: str, last: str) -> bool:
    """Whether a month or day lies between two of either kind, both included."""
    return (not first or period >= first[: len(period)]) and (not last or period[: len(last)] <= last)


def _published(history: Sequence[Publication], begins: datetime) -> Publication:
    """The plan that was current when a period began; the oldest for earlier ones. `history` is newest first."""
    return next((one for one in history if datetime.fromisoformat(one.as_of) <= begins), history[-1])
