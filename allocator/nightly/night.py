"""One night: open the store, read the scenario, solve or fall back, verify, publish or keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from allocator.nightly import ladder
from allocator.nightly.alerts import Alert, Severity, margin_alerts
from allocator.nightly.changes import changes_page
from allocator.nightly.commit import as_dicts, committed, kept_to
from allocator.nightly.feeds.fetch import Fetched, fetch_all
from allocator.nightly.feeds.newest import feed_named
from allocator.nightly.identity import run_of, run_of_faults
from allocator.nightly.schedule import as_csv, as_json, schedule
from allocator.nightly.store.reconcile import Repair
from allocator.nightly.store.registry import Registry, RunKey, State, now
from allocator.nightly.store.retention import retain
from allocator.nightly.store.store import COMMITMENTS_JSON, Place, Store, opened
from allocator.nightly.store.tables import RunRow
from allocator.nightly.today import BtcFeed, Known, known_today, watch_today
from allocator.nightly.watch import as_json as watch_json
from allocator.pipeline.errors import BadInputError, ExitCode, FeedsError, PipelineError
from allocator.pipeline.method import DEFAULTS, SolveRequest, check_request
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import instance_in
from allocator.plan.meta import PlanMeta
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_plan
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.feeds import Feeds, load_feeds
from allocator.scenario.load import LoadedScenario, load_scenario

KEEP_NIGHTS = 60
ALERTS_JSON, CHANGES_MD, SCHEDULE_CSV, SCHEDULE_JSON = "alerts.json", "changes.md", "schedule.csv", "schedule.json"
WATCH_JSON = "watch.json"

OnLog = Callable[..., None]
"""Takes the name of an event and facts by keyword."""


def no_log(_: str, **facts: object) -> None:
    """Keeps nothing."""


@dataclass(frozen=True)
class NightRequest:
    """What a night is asked.

    Attributes:
        as_of: the moment whose knowledge counts, with its time zone.
        shadow: solve and write, publish nothing. approval: publish nothing until somebody approves.
        keep_nights: nights whose files stay. feeds: file of feeds that are fetched before the scenario is read.
        btc_feed: the one of them that keeps the price of Bitcoin, "" for none.
    """

    scenario: str
    place: Place
    as_of: datetime
    solve: SolveRequest = DEFAULTS
    shadow: bool = False
    approval: bool = False
    keep_nights: int = KEEP_NIGHTS
    feeds: Path | None = None
    btc_feed: str = ""


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
    """Run a night.

    Raises:
        LockHeldError: another run works on the store. BadInputError: an option is wrong, or as-of lies before what is
        published. PipelineError: there is no plan, and none was ever published; the run is on record as failed.
    """
    check_request(request.solve)
    feeds = None if request.feeds is None else load_feeds(request.feeds)
    btc_feed = _btc_feed(request, feeds)
    with opened(request.place) as (store, repairs):
        fetched = (
            [] if feeds is None or request.feeds is None else fetch_all(feeds, request.feeds.parent, request.as_of)
        )
        loaded, faults = _loaded(request)
        key = run_of(loaded, request.as_of) if loaded else run_of_faults(request.scenario, faults, request.as_of)
        row = store.registry.run(key.run)
        if row is not None and row.state in (State.PUBLISHED, State.AWAITING) and not _to_publish(row, request):
            return _again(store, row)
        _check_time(store, request)
        row = store.registry.begin(key)
        log("run_started", run=key.run, as_of=key.as_of, attempt=row.attempts)
        with _on_record(store.registry, key, log):
            known = known_today(loaded, btc_feed)
            done = _Night(store, request, key, row, log, on_event, fetched, known).run(loaded, faults, repairs)
        _remember(store, done, request, log)
        return done


def _btc_feed(request: NightRequest, feeds: Feeds | None) -> BtcFeed | None:
    if not request.btc_feed:
        return None
    if feeds is None or request.feeds is None:
        raise BadInputError("a feed of the price of Bitcoin needs a file of feeds", ["name it with --feeds"])
    feed_named(feeds, request.btc_feed, "USD")
    return BtcFeed(feeds, request.feeds.absolute().parent, request.btc_feed)


def _loaded(request: NightRequest) -> tuple[LoadedScenario | None, ScenarioFaults]:
    try:
        return load_scenario(request.scenario), ScenarioFaults([])
    except ScenarioFaults as error:
        return None, error


def _to_publish(known: RunRow, request: NightRequest) -> bool:
    """Whether a run that waits for approval is now run without asking for it."""
    return known.state == State.AWAITING and not request.approval and not request.shadow


def _again(store: Store, known: RunRow) -> Night:
    code = ExitCode.FAILED if known.exit_code is None else ExitCode(known.exit_code)
    state, folder = State(known.state), store.shelf.night(known.run)
    return Night(known.run, state, code, known.rung or "", known.plan or "", folder, repeated=True)


def _check_time(store: Store, request: NightRequest) -> None:
    current = store.shelf.current()
    if current is not None and not request.shadow and request.as_of < datetime.fromisoformat(current.as_of):
        raise BadInputError(
            f"as-of {request.as_of.isoformat()} lies before that of the published plan, {current.as_of}",
            ["run it with --shadow to see what it would have said"],
        )


@contextmanager
def _on_record(registry: Registry, key: RunKey, log: OnLog) -> Iterator[None]:
    """Put on record why a run failed; one that is interrupted stays open, to be gone on with."""
    try:
        yield
    except Exception as error:
        code = _exit_code(error)
        said = error.message if isinstance(error, PipelineError) else f"{type(error).__name__}: {error}"
        log("run_failed", run=key.run, exit_code=int(code), error=said)
        registry.advance(key.run, State.FAILED, exit_code=int(code), finished_at=now())
        registry.tell(Severity.CRITICAL, "run_failed", said, key.run)
        raise


def _exit_code(error: BaseException) -> ExitCode:
    """What the command ends with."""
    if isinstance(error, ScenarioFaults):
        return ExitCode.BAD_INPUT
    return error.exit_code if isinstance(error, PipelineError) else ExitCode.FAILED


def _remember(store: Store, done: Night, request: NightRequest, log: OnLog) -> None:
    """Alerts and exit code on record; older nights go."""
    for alert in done.alerts:
        store.registry.tell(alert.severity, alert.kind, alert.message, done.run)
        log("alert", run=done.run, **alert.as_dict())
    store.registry.advance(done.run, done.state, exit_code=int(done.exit_code), finished_at=now())
    removed = retain(store, request.keep_nights)
    log("run_finished", run=done.run, state=done.state, rung=done.rung, plan=done.plan, exit_code=int(done.exit_code))
    if removed.nights or removed.plans:
        log("retention", nights=removed.nights, plans=removed.plans, inputs=removed.inputs)


@dataclass
class _Night:
    """A night under way."""

    store: Store
    request: NightRequest
    key: RunKey
    row: RunRow
    log: OnLog
    on_event: OnEvent
    fetched: Sequence[Fetched]
    known: Known
    alerts: list[Alert] = field(default_factory=list)

    def run(self, loaded: LoadedScenario | None, faults: ScenarioFaults, repairs: Sequence[Repair]) -> Night:
        self.alerts += [_repaired(repair) for repair in repairs]
        self.alerts += [alert for one in self.fetched for alert in one.alerts]
        last = self._last()
        stops = [one.feed for one in self.fetched if one.stops]
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

    def _record_inputs(self, loaded: LoadedScenario) -> None:
        names = [loaded.file_name, *sorted({source.file for source in loaded.scenario.series.values()})]
        files = {name: loaded.folder / name for name in names}
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
        held = kept_to(self.store.registry.commitments(), dropped)
        with self.store.shelf.working() as home:
            task = ladder.Task(loaded, self.request.solve, held, last, home, self.on_event)
            rung = ladder.climb_down(task, self.alerts)
            if rung is None:
                return None
            plan = self.store.keep_plan(rung.folder)
        self.alerts += [_forgotten(word) for word in dropped]
        self.store.registry.advance(self.key.run, State.SOLVED, plan=plan, rung=rung.name)
        self.log("plan_verified", run=self.key.run, plan=plan, rung=rung.name)
        return plan, rung.name

    def _files(self, plan: str, rung: str, last: Plan | None) -> dict[str, str]:
        """The files of the night, as text; `last` is the current plan where that can be read."""
        shelf, key = self.store.shelf, self.key
        folder, current = shelf.plan(plan), shelf.current()
        found = read_plan(folder)
        instance = instance_in(folder, found.meta)
        hours = schedule(instance, found, key.as_of)
        self.alerts += [Alert(Severity.WARNING, "schedule_short", remark) for remark in hours.remarks]
        self.alerts += margin_alerts(found.tables)
        watched = self._watched(found, folder)
        zone = load_scenario(folder / "scenario").scenario.horizon.time_zone
        commitments = committed(instance, found.tables, key.as_of, zone)
        head = {"run": key.run, "plan": plan, "scenario": key.scenario, "as_of": key.as_of.isoformat(), "rung": rung}
        before = shelf.plan(current.plan) if current is not None and last is not None else None
        return {
            SCHEDULE_CSV: as_csv(hours),
            SCHEDULE_JSON: as_json(hours, head),
            CHANGES_MD: changes_page(before, folder, rung),
            COMMITMENTS_JSON: json.dumps(as_dicts(commitments), indent=1) + "\n",
            **watched,
            ALERTS_JSON: self._alerts_json(),
        }

    def _ended(self, plan: str, rung: str, files: dict[str, str]) -> Night:
        """Publish, or leave the night to be looked at."""
        key, request = self.key, self.request
        meta = read_plan(self.store.shelf.plan(plan)).meta
        state, code = State.PUBLISHED, _code(rung, meta)
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
        last = self._last()
        watched = {} if last is None else self._watched(last, self.store.shelf.plan(current.plan))
        files = {**watched, ALERTS_JSON: self._alerts_json()}
        self.store.prepare(self.key.run, self.key.as_of, current.plan, ladder.KEPT, files)
        folder = self.store.shelf.night(self.key.run)
        return Night(
            self.key.run, State.KEPT, ExitCode.KEPT, ladder.KEPT, current.plan, folder, tuple(self.alerts)
        )  # fmt: skip

    def _watched(self, plan: Plan, folder: Path) -> dict[str, str]:
        """Loans of a plan at the price of today, whether it changed or not; nothing where none is secured."""
        found, alerts = watch_today(plan, folder, self.key.as_of, self.known)
        self.alerts += alerts
        return {} if found is None else {WATCH_JSON: watch_json(found)}

    def _alerts_json(self) -> str:
        return json.dumps([alert.as_dict() for alert in self.alerts], indent=1) + "\n"


def _code(rung: str, meta: PlanMeta) -> ExitCode:
    if rung == ladder.REPROJECTED:
        return ExitCode.FALLBACK_PUBLISHED
    return ExitCode.WITHIN_GAP if meta.within_gap else ExitCode.GAP_NOT_REACHED


def _repaired(repair: Repair) -> Alert:
    return Alert(Severity.CRITICAL if repair.grave else Severity.INFO, repair.kind, repair.message)


def _forgotten(word: str) -> Alert:
    words = f"{word} is committed, and the scenario knows it no longer: state it there as it stands, or release it"
    return Alert(Severity.WARNING, "commitment_unknown", words)
