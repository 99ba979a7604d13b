"""A night under way: from what came in to a verified plan and its files, published, left to be looked at, or kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.nightly import ladder
from allocator.nightly.alerts import Alert, Severity, margin_alerts
from allocator.nightly.before import Before, read_before
from allocator.nightly.changes import changes_page
from allocator.nightly.commit import as_dicts, committed, forgotten_alert, kept_to
from allocator.nightly.ended import Night, OnLog
from allocator.nightly.failure import said
from allocator.nightly.hours import SCHEDULE_JSON, hours_files
from allocator.nightly.inputs import Inputs
from allocator.nightly.inputs import NightRequest as NightRequest
from allocator.nightly.moving import Given, moved_on, still_open
from allocator.nightly.schedule import schedule
from allocator.nightly.state.orders import ORDERS_JSON, Order
from allocator.nightly.state.stands import standing_of
from allocator.nightly.state.take import STATE_JSON
from allocator.nightly.store.registry import RunKey, State
from allocator.nightly.store.store import COMMITMENTS_JSON, Store
from allocator.nightly.store.tables import RunRow
from allocator.nightly.today import watch_today
from allocator.nightly.watch import as_json as watch_json
from allocator.pipeline.errors import ExitCode, FeedsError
from allocator.pipeline.progress import OnEvent
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_meta, read_plan
from allocator.scenario.load import LoadedScenario
from allocator.studies.diff import side_of

ALERTS_JSON, CHANGES_MD, WATCH_JSON = "alerts.json", "changes.md", "watch.json"


@dataclass
class NightUnderWay:
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
            actual, orders = self.inputs.state.actual, self.inputs.orders.orders
            stands = standing_of(found, instance, loaded.scenario.horizon.time_zone, key.as_of, actual, orders)
            files, alerts = hours_files(
                schedule(instance, found, key.as_of), instance, found, loaded, key.as_of, head, self._before(),
                stands.opening_of, stands.bound,
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


def _not_in_force(one: Order) -> Alert:
    words = f"the schedule that is out does not know of {one.by}, {one.begins.isoformat()} to {one.ends.isoformat()}"
    return Alert(Severity.CRITICAL, "order_not_in_force", words)
