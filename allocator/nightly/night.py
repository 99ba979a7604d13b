"""One night: open the store, read what comes in, run it, and put it on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from allocator.nightly import ladder
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.clock import behind_alert, leap_alert
from allocator.nightly.ended import Night as Night
from allocator.nightly.ended import OnLog, no_log
from allocator.nightly.failure import on_record, raise_told, said
from allocator.nightly.inputs import NightRequest as NightRequest
from allocator.nightly.inputs import btc_feed_of, gather
from allocator.nightly.notify.deliver import Desk
from allocator.nightly.notify.message import Headline
from allocator.nightly.store.deliveries import EVERY_KIND
from allocator.nightly.store.reconcile import Repair
from allocator.nightly.store.registry import State, now
from allocator.nightly.store.retention import retain
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import Store, opened
from allocator.nightly.store.tables import RunRow
from allocator.nightly.today import BtcFeed
from allocator.nightly.under_way import NightUnderWay
from allocator.pipeline.errors import ExitCode, StoreError
from allocator.pipeline.method import check_request
from allocator.pipeline.progress import OnEvent, ignore
from allocator.plan.reader import read_meta
from allocator.scenario.feeds import Feeds, load_feeds

PATIENCE_S = 120.0
"""How long a night waits for a database that is gone, seconds, each time that it needs it."""


def night(request: NightRequest, log: OnLog = no_log, on_event: OnEvent = ignore) -> Night:
    """Run a night, and tell of it.

    Raises:
        LockHeldError: another run works on the store. BadInputError: an option is wrong, or as-of lies before what is
        published. NightKeptError: store or disk failed; the published plan stays. PipelineError: there is no plan, and
        none was ever published; the run is on record as failed.
    """
    check_request(request.solve)
    feeds = None if request.feeds is None else load_feeds(request.feeds)
    btc_feed = btc_feed_of(request, feeds)
    desk = Desk(request.notify, log)
    with ExitStack() as stack:
        try:
            store, repairs = stack.enter_context(opened(request.place, PATIENCE_S))
        except Exception as error:
            raise_told(error, _failed(request), desk, None, Shelf.standing(request.place.home))
        alerts = [_repaired(repair) for repair in repairs]
        try:
            return _on_store(store, request, _Told(feeds, btc_feed, log, on_event, desk, alerts))
        except Exception as error:
            raise_told(error, _failed(request), desk, store.registry, store.shelf, alerts)


@dataclass(frozen=True)
class _Told:
    """What goes with a request: what it names, read; who listens; and alerts so far."""

    feeds: Feeds | None
    btc_feed: BtcFeed | None
    log: OnLog
    on_event: OnEvent
    desk: Desk
    alerts: list[Alert]


def _on_store(store: Store, request: NightRequest, told: _Told) -> Night:
    feeds, log = told.feeds, told.log
    inputs = gather(request, feeds, told.btc_feed, store.registry)
    for one in inputs.fetched:
        log("feed", name=one.feed, values=one.values, new=one.new, aside=one.aside, cached=one.cached)
    told.alerts.extend(alert for one in inputs.fetched for alert in one.alerts)
    key = inputs.key(request)
    row = store.registry.run(key.run)
    if row is not None and _stands(store, row, request):
        return _again(store, row)
    request = _timed(store, request, told.alerts)
    row = store.registry.begin(key)
    log("run_started", run=key.run, as_of=key.as_of, attempt=row.attempts)
    with on_record(store, key.run, log):
        done = NightUnderWay(store, request, key, row, log, told.on_event, inputs, told.alerts).run()
    done = replace(done, alerts=(*done.alerts, *_waited(store)))
    _remember(store, done, request, log)
    if not request.shadow:
        headline = Headline(key.scenario, key.as_of.isoformat(), key.run, done.state, int(done.exit_code))
        told.desk.tell(store.registry, headline, done.alerts, EVERY_KIND)
    return done


def _waited(store: Store) -> Iterator[Alert]:
    """Where the registry's database was away for a while."""
    waited_s = store.registry.patience.waited_s
    if waited_s > 0.0:
        words = f"the registry's database was away or locked, and was waited for: {waited_s:,.1f} s in all"
        yield Alert(Severity.WARNING, "registry_away", words, about="registry")


def _timed(store: Store, request: NightRequest, alerts: list[Alert]) -> NightRequest:
    """The request with the caution that its moment asks for; raises BadInputError where it cannot be."""
    if request.shadow:
        return request
    leap = leap_alert(store.shelf, request.as_of) if request.by_clock else None
    alerts += [alert for alert in (leap, behind_alert(store.shelf, request.as_of)) if alert is not None]
    return request if leap is None else replace(request, approval=True)


def _failed(request: NightRequest) -> Headline | None:
    """Of a night that failed before it was a run, or half-way; nobody is told of a shadow run."""
    name = Path(request.scenario).name
    return None if request.shadow else Headline(name, request.as_of.isoformat(), "", State.FAILED, ExitCode.FAILED)


def _stands(store: Store, known: RunRow, request: NightRequest) -> bool:
    """Whether a run has ended for good: it waits, or it is what readers see, or a later one is.

    One that was published and gave way since, to the plan of an earlier moment or of other inputs, is run again.
    """
    if known.state == State.AWAITING:
        return request.approval or request.shadow
    current = store.shelf.current()
    if known.state != State.PUBLISHED or current is None:
        return False
    return current.run == known.run or datetime.fromisoformat(current.as_of) > known.as_of


def _again(store: Store, known: RunRow) -> Night:
    state, folder = State(known.state), store.shelf.night(known.run)
    code = _known_code(store, known) if known.exit_code is None else ExitCode(known.exit_code)
    return Night(known.run, state, code, known.rung or "", known.plan or "", folder, repeated=True)


def _known_code(store: Store, known: RunRow) -> ExitCode:
    """What a run ended with that was cut off after its last step, before it could say so."""
    if known.state == State.AWAITING or known.plan is None:
        return ExitCode.AWAITING_APPROVAL
    return ladder.exit_code(known.rung or "", read_meta(store.shelf.plan(known.plan)))


def _remember(store: Store, done: Night, request: NightRequest, log: OnLog) -> None:
    """Alerts and exit code on record; older nights go. What fails here undoes no publication."""
    for alert in done.alerts:
        log("alert", run=done.run, **alert.as_dict())
    try:
        for alert in done.alerts:
            store.registry.tell(alert.severity, alert.kind, alert.message, done.run)
        store.registry.advance(done.run, done.state, exit_code=int(done.exit_code), finished_at=now())
        removed = retain(store, request.keep_nights, request.keep_records)
        if removed.nights or removed.plans or removed.runs:
            log("retention", **asdict(removed))
    except (StoreError, OSError) as error:
        log("not_on_record", run=done.run, error=said(error))
    log("run_finished", run=done.run, state=done.state, rung=done.rung, plan=done.plan, exit_code=int(done.exit_code))


def _repaired(repair: Repair) -> Alert:
    return Alert(Severity.CRITICAL if repair.grave else Severity.INFO, repair.kind, repair.message)
