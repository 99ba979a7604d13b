"""The margin watch of a store: no lock, no solve; what it finds is put on record where the registry can be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.actual import BTC_PRICE, from_text
from allocator.nightly.state.balances import balances
from allocator.nightly.store.database import open_database
from allocator.nightly.store.registry import Registry
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import Place
from allocator.nightly.today import Known, watch_today
from allocator.nightly.watch import NEAR_SHARE, Price, Watch
from allocator.pipeline.errors import BadInputError, StoreError
from allocator.plan.reader import PlanReadError, read_plan


def watch_store(
    place: Place, as_of: datetime, known: Known, near_share: float = NEAR_SHARE
) -> tuple[Watch | None, list[Alert]]:
    """The published plan's loans today; None where it has none secured by Bitcoin.

    Raises:
        BadInputError: there is no store, no published plan, or none that can be read.
    """
    if not place.home.is_dir():
        raise BadInputError(f"{place.home} is no folder of plans")
    shelf = Shelf(place.home)
    current = shelf.current()
    if current is None:
        raise BadInputError("no plan is published")
    folder = shelf.plan(current.plan)
    known, missing = _with_state(place, as_of, known)
    try:
        found, alerts = watch_today(read_plan(folder), folder, as_of, known, near_share)
    except PlanReadError as error:
        raise BadInputError("the published plan cannot be read", [str(error)]) from None
    return found, [*missing, *alerts, *_recorded(place, current.run, alerts)]


def _with_state(place: Place, as_of: datetime, known: Known) -> tuple[Known, list[Alert]]:
    """Balances of the state that was taken last, and its price where there is no better one."""
    try:
        with _registry(place) as registry:
            row = registry.last_state(as_of)
    except StoreError as error:
        words = "; ".join((error.message, *error.details))
        return known, [Alert(Severity.WARNING, "state_missing", f"{words}; balances are those of the plan")]
    if row is None:
        return known, []
    actual = from_text(row.taken)
    prices = known.prices
    if not prices and known.feed is None and BTC_PRICE in actual.values:
        prices = (Price(actual.values[BTC_PRICE], f"the state of {actual.as_of.isoformat()}"),)
    return replace(known, prices=prices, balances=balances(actual)), []


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
        return [Alert(Severity.WARNING, "not_on_record", "; ".join((error.message, *error.details)))]
    return []
