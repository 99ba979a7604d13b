"""One night: open the store, read the scenario, solve or fall back, verify, publish or keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from allocator.nightly import ladder
from allocator.nightly.alerts import Alert, Severity, margin_alerts
from allocator.nightly.before import Before, read_before
from allocator.nightly.bound import Bounded, bounded
from allocator.nightly.changes import changes_page
from allocator.nightly.clock import behind_alert, leap_alert
from allocator.nightly.commit import as_dicts, committed, forgotten_alert, kept_to
from allocator.nightly.failure import on_record, raise_told, said
from allocator.nightly.hours import SCHEDULE_JSON, hours_files
from allocator.nightly.inputs import Inputs, btc_feed_of, gather
from allocator.nightly.inputs import NightRequest as NightRequest
from allocator.nightly.moving import Given, moved_on, still_open
from allocator.nightly.notify.deliver import Desk
from allocator.nightly.notify.message import Headline
from allocator.nightly.schedule import Schedule, schedule
from allocator.nightly.state.actual import Actual
from allocator.nightly.state.orders import Order
from allocator.nightly.state.stands import opening_of
from allocator.nightly.store.deliveries import EVERY_KIND
from allocator.nightly.store.reconcile import Repair
from allocator.nightly.store.registry import RunKey, State, now
from allocator.nightly.store.retention import retain
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import COMMITMENTS_JSON, Store, opened
from allocator.nightly.store.tables import RunRow
from allocator.nightly.today import BtcFeed, watch_today
from allocator.nightly.watch import as_json as watch_json
from allocator.pipeline.errors import ExitCode, FeedsError, StoreError
from allocator.pipeline.method import check_request
from allocator.pipeline.progress import OnEvent, ignore
from allocator.plan.meta import PlanMeta
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_meta, read_plan
from allocator.scenario.feeds import Feeds, load_feeds
from allocator.scenario.load import LoadedScenario
from allocator.studies.diff import side_of

PATIENCE_S = 120.0
"""How long a night waits for a database that is gone, seconds, each time that it needs it."""
ALERTS_JSON, CHANGES_MD, WATCH_JSON = "alerts.json", "changes.md", "watch.json"
STATE_JSON, ORDERS_JSON = "state.json", "orders.json"

OnLog = Callable[..., None]
"""Takes the name of an event and facts by keyword."""


def no_log(_: str, **facts: object) -> None:
    """Keeps nothing."""


@dataclass(frozen=True)
class Night:
    """How a night ended.

    Attributes:
        folder: files of the night, None where it had ended the same way before it could write any.
        plan: name of the plan that is current after it, or that waits. rung: where that comes from.
        repeated: the run had ended before; nothing was done.
    """

    run: str
    state: State
    exit_code: ExitCode
    rung: str
    plan: str
    folder: Path
    alerts: tuple[Alert, ...] = ()
    repeated: bool = False
    meta: PlanMeta | None = field(default=None, repr=False)


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
        done = _Night(store, request, key, row, log, told.on_event, inputs, told.alerts).run()
    _remember(store, done, request, log)
    if not request.shadow:
        headline = Headline(key.scenario, key.as_of.isoformat(), key.run, done.state, int(done.exit_code))
        told.desk.tell(store.registry, headline, done.alerts, EVERY_KIND)
    return done


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


@dataclass
class _Night:
    """A night under way."""

    store: Store
    request: NightRequest
    key: RunKey
    row: RunRow
    log: OnLog
    on_event: OnEvent
    inputs: Inputs
    alerts: list[Alert]

    def run(self) -> Night:
        loaded, faults = self.inputs.loaded, self.inputs.faults
        self._record_state()
        last = self._last()
        stops = [one.feed for one in self.inputs.fetched if one.stops]
        if stops and last is None:
            raise FeedsError(f"no plan without {', '.join(stops)}", [alert.message for alert in self.alerts])
        if stops:
            return self._kept([])
        if loaded is None:
            if last is None:
                raise faults
            return self._kept([Alert(Severity.CRITICAL, "scenario_faults", str(fault)) for fault in faults.faults])
        self._record_inputs(loaded)
        found = self._resumed() or self._solved(loaded, last)
        if found is None:
            return self._kept([])
        plan, rung = found
        return self._ended(plan, rung, self._files(plan, rung, last))

    def _last(self) -> Plan | None:
        """The published plan; None before the first, or where none is whole any more."""
        current = self.store.shelf.current()
        if current is None:
            return None
        try:
            return read_plan(self.store.shelf.plan(current.plan))
        except PlanReadError as error:
            self.alerts.append(Alert(Severity.CRITICAL, "last_plan_unreadable", str(error)))
            return None

    def _record_state(self) -> None:
        self.alerts += self.inputs.state.alerts
        self.inputs.state.record(self.store.registry)
        self.alerts += self.inputs.orders.alerts
        self._record_files({f"instructions/{file.name}": file for file in self.inputs.orders.files})
        self._record_files({f"state/{name}": file for name, file in self.inputs.state.files.items()})

    def _record_inputs(self, loaded: LoadedScenario) -> None:
        names = [loaded.file_name, *sorted({source.file for source in loaded.scenario.series.values()})]
        self._record_files({name: loaded.folder / name for name in names})

    def _record_files(self, files: Mapping[str, Path]) -> None:
        shelf = self.store.shelf
        kept = {name: (shelf.add_input(file), file.stat().st_size) for name, file in files.items()}
        self.store.registry.record_inputs(self.key.run, kept)

    def _resumed(self) -> tuple[str, str] | None:
        """The plan of an attempt that ended after it was solved."""
        plan, rung = self.row.plan, self.row.rung
        if self.row.state != State.SOLVED or not plan or not rung or not self.store.shelf.holds_plan(plan):
            return None
        self.log("run_resumed", run=self.key.run, plan=plan)
        return plan, rung

    def _solved(self, loaded: LoadedScenario, last: Plan | None) -> tuple[str, str] | None:
        dropped: list[str] = []
        with self.store.shelf.working() as home:
            if self.request.rolls:
                given = Given(self.key.as_of, self.inputs.state.actual, self.request.months)
                shelf = None if last is None else self.store.shelf
                loaded = moved_on(loaded, shelf, given, home, self.alerts)
            held = kept_to(still_open(self.store.registry.commitments(), loaded), dropped)
            task = ladder.Task(loaded, self.request.solve, held, last, home, self.on_event)
            rung = ladder.climb_down(task, self.alerts)
            if rung is None:
                return None
            plan = self.store.keep_plan(rung.folder)
        self.alerts += [forgotten_alert(word) for word in dropped]
        self.store.registry.advance(self.key.run, State.SOLVED, plan=plan, rung=rung.name)
        self.log("plan_verified", run=self.key.run, plan=plan, rung=rung.name)
        return plan, rung.name

    def _files(self, plan: str, rung: str, last: Plan | None) -> dict[str, str]:
        """The files of the night, as text; `last` is the current plan where that can be read."""
        shelf, key = self.store.shelf, self.key
        folder, current = shelf.plan(plan), shelf.current()
        tonight = side_of(folder)
        found, instance, loaded = tonight.plan, tonight.instance, tonight.loaded
        commitments = committed(instance, found.tables, key.as_of, loaded.scenario.horizon.time_zone)
        head = {"run": key.run, "plan": plan, "scenario": key.scenario, "as_of": key.as_of.isoformat(), "rung": rung}

        def schedules() -> dict[str, str]:
            planned, actual = schedule(instance, found, key.as_of), self.inputs.state.actual or Actual(key.as_of)
            zone, orders = loaded.scenario.horizon.time_zone, self.inputs.orders.orders
            stands = opening_of(found, instance, zone, actual, orders)

            def bound(hours: Schedule) -> Bounded:
                if self.inputs.state.actual is None and not orders:
                    return Bounded(hours)
                return bounded(hours, instance, found, stands, orders)

            files, alerts = hours_files(
                planned, instance, found, loaded, key.as_of, head, self._before(), stands, bound
            )  # fmt: skip
            self.alerts += alerts
            return files

        def changes() -> dict[str, str]:
            before = None if last is None or current is None else side_of(shelf.plan(current.plan), last)
            return {CHANGES_MD: changes_page(before, tonight, rung)}

        def watch() -> dict[str, str]:
            return self._watched(found, folder)

        self.alerts += margin_alerts(found.tables)
        return {
            COMMITMENTS_JSON: json.dumps(as_dicts(commitments), indent=1) + "\n",
            **{name: text for make in (schedules, changes, watch) for name, text in self._made(make).items()},
            **self._state_json(),
            ALERTS_JSON: self._alerts_json(),
        }

    def _before(self) -> Before:
        """The schedule that is published."""
        current = self.store.shelf.current()
        return Before() if current is None else read_before(self.store.shelf.night(current.run) / SCHEDULE_JSON)

    def _made(self, make: Callable[[], dict[str, str]]) -> dict[str, str]:
        """What reads a verified plan for people; where that fails, the plan is published without it."""
        try:
            return make()
        except Exception as error:
            self.alerts.append(
                Alert(Severity.CRITICAL, "file_failed", f"a file of the night could not be made: {said(error)}")
            )
            return {}

    def _ended(self, plan: str, rung: str, files: dict[str, str]) -> Night:
        """Publish, or leave the night to be looked at."""
        key, request = self.key, self.request
        meta = read_meta(self.store.shelf.plan(plan))
        state, code = State.PUBLISHED, ladder.exit_code(rung, meta)
        if request.shadow:
            state, code = State.SHADOW, ExitCode.SHADOW
        elif request.approval:
            state, code = State.AWAITING, ExitCode.AWAITING_APPROVAL
        if state == State.PUBLISHED:
            self.store.publish(key.run, key.as_of, plan, rung, files)
        else:
            self.store.prepare(key.run, key.as_of, plan, rung, files)
        folder = self.store.shelf.night(key.run)
        return Night(key.run, state, code, rung, plan, folder, tuple(self.alerts), meta=meta)

    def _kept(self, more: Sequence[Alert]) -> Night:
        """The published plan stays as it is."""
        current = self.store.shelf.current()
        assert current is not None
        self.alerts += more
        words = f"the plan of {current.as_of} stays published as it is"
        self.alerts.append(Alert(Severity.CRITICAL, "plan_kept", words))
        self.alerts += [_not_in_force(one) for one in self.inputs.orders.orders]
        last = self._last()
        folder = self.store.shelf.plan(current.plan)
        watched = self._made(lambda: {} if last is None else self._watched(last, folder))
        files = {**watched, **self._state_json(), ALERTS_JSON: self._alerts_json()}
        self.store.prepare(self.key.run, self.key.as_of, current.plan, ladder.KEPT, files)
        folder = self.store.shelf.night(self.key.run)
        return Night(
            self.key.run, State.KEPT, ExitCode.KEPT, ladder.KEPT, current.plan, folder, tuple(self.alerts)
        )  # fmt: skip

    def _watched(self, plan: Plan, folder: Path) -> dict[str, str]:
        """Loans of a plan at the price of today, whether it changed or not; nothing where none is secured."""
        found, alerts = watch_today(plan, folder, self.key.as_of, self.inputs.known)
        self.alerts += alerts
        return {} if found is None else {WATCH_JSON: watch_json(found)}

    def _state_json(self) -> dict[str, str]:
        said = {STATE_JSON: self.inputs.state.text, ORDERS_JSON: self.inputs.orders.text}
        return {name: text for name, text in said.items() if text}

    def _alerts_json(self) -> str:
        return json.dumps([alert.as_dict() for alert in self.alerts], indent=1) + "\n"


def _repaired(repair: Repair) -> Alert:
    return Alert(Severity.CRITICAL if repair.grave else Severity.INFO, repair.kind, repair.message)


def _not_in_force(one: Order) -> Alert:
    words = f"the schedule that is out does not know of {one.by}, {one.begins.isoformat()} to {one.ends.isoformat()}"
    return Alert(Severity.CRITICAL, "order_not_in_force", words)
