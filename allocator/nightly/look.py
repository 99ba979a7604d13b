"""The margin watch of a store: no lock, no solve; what it finds is put on record where the registry can be had, and
told to those who are to know."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.failure import exit_code, said
from allocator.nightly.notify.deliver import Desk
from allocator.nightly.notify.message import Headline
from allocator.nightly.state.actual import from_text
from allocator.nightly.state.balances import balances
from allocator.nightly.store.database import open_database
from allocator.nightly.store.deliveries import NO_KIND
from allocator.nightly.store.registry import Registry
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import Place
from allocator.nightly.today import LOAN_UNKNOWN, PRICE_MISSING, Known, state_price, watch_today
from allocator.nightly.watch import CALLED, LIQUIDATED, NEAR, Watch
from allocator.pipeline.errors import BadInputError, StoreError
from allocator.plan.reader import PlanReadError, read_plan

STATE_MISSING, NOT_ON_RECORD, WATCH_FAILED = "state_missing", "not_on_record", "watch_failed"
LOOKED_FOR = frozenset(
    {CALLED, LIQUIDATED, NEAR, PRICE_MISSING, LOAN_UNKNOWN, STATE_MISSING, NOT_ON_RECORD, WATCH_FAILED}
)
"""Kinds of alerts that a watch raises, and so knows to be gone."""


@dataclass(frozen=True)
class Look:
    """What a watch saw.

    Attributes:
        watch: None where the plan has no loan secured by Bitcoin. run, scenario: of what is published.
    """

    watch: Watch | None
    alerts: tuple[Alert, ...]
    run: str
    scenario: str


def watch_store(place: Place, as_of: datetime, known: Known, near_share: float, desk: Desk) -> Look:
    """The published plan's loans today. The desk's channels are told, also where the watch fails.

    Raises:
        BadInputError: there is no store, no published plan, or none that can be read.
    """
    try:
        look = _looked(place, as_of, known, near_share)
    except Exception as error:
        failed = Alert(Severity.CRITICAL, WATCH_FAILED, said(error))
        head = Headline(place.home.name, as_of.isoformat(), "", "not watched", int(exit_code(error)), "watch")
        _tell(place, desk, head, (failed,), NO_KIND)
        raise
    code = 0 if look.watch is None else int(look.watch.exit_code)
    _tell(place, desk, Headline(look.scenario, as_of.isoformat(), look.run, "watched", code, "watch"), look.alerts)
    return look


def _tell(
    place: Place, desk: Desk, head: Headline, alerts: tuple[Alert, ...], looked_for: Container[str] = LOOKED_FOR
) -> None:  # fmt: skip
    """Without a registry every channel is told all, lest a call waits for a database."""
    if desk.asked is None:
        return
    try:
        with _registry(place) as registry:
            desk.tell(registry, head, alerts, looked_for)
    except StoreError:
        desk.tell(None, head, alerts, looked_for)


def _looked(place: Place, as_of: datetime, known: Known, near_share: float) -> Look:
    if not place.home.is_dir():
        raise BadInputError(f"{place.home} is no folder of plans")
    shelf = Shelf(place.home)
    current = shelf.current()
    if current is None:
        raise BadInputError("no plan is published")
    folder = shelf.plan(current.plan)
    known, missing = _with_state(place, as_of, known)
    try:
        plan = read_plan(folder)
        found, alerts = watch_today(plan, folder, as_of, known, near_share)
    except PlanReadError as error:
        raise BadInputError("the published plan cannot be read", [str(error)]) from None
    told = (*missing, *alerts, *_recorded(place, current.run, alerts))
    return Look(found, told, current.run, plan.meta.scenario)


def _with_state(place: Place, as_of: datetime, known: Known) -> tuple[Known, list[Alert]]:
    """Balances of the state that was taken last, and its price with its moment."""
    try:
        with _registry(place) as registry:
            row = registry.last_state(as_of)
    except StoreError as error:
        words = "; ".join((error.message, *error.details))
        return known, [Alert(Severity.WARNING, STATE_MISSING, f"{words}; balances are those of the plan")]
    if row is None:
        return known, []
    actual = from_text(row.taken)
    return replace(known, dated=state_price(actual), balances=balances(actual)), []


@contextmanager
def _registry(place: Place) -> Iterator[Registry]:
    engine = open_database(place.url)
    try:
        yield Registry(engine)
    finally:
        engine.dispose()


def _recorded(place: Place, run: str, alerts: list[Alert]) -> list[Alert]:
    """Alerts as events of the registry; a registry that is gone stops no watch."""
    if not alerts:
        return []
    try:
        with _registry(place) as registry:
            for alert in alerts:
                registry.tell(alert.severity, alert.kind, alert.message, run)
    except StoreError as error:
        return [Alert(Severity.WARNING, NOT_ON_RECORD, "; ".join((error.message, *error.details)))]
    return []
