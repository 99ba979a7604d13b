"""A company's nights, one after the other: its files, its clock, its monitor, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from allocator.nightly import clock, failure, health, night
from allocator.nightly.night import Night, NightRequest
from allocator.nightly.store import deliveries, registry, store
from allocator.nightly.store.database import open_database
from allocator.nightly.store.registry import Registry
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import place_of
from allocator.pipeline.errors import PipelineError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import verify_folder
from allocator.scenario.faults import ScenarioFaults
from tests.cli import small
from tests.nightly.server import Answer, Server

ZONE = ZoneInfo("America/Chicago")
USUAL = SolveRequest()
FEED: dict[str, Any] = {
    "name": "price",
    "local": "market.csv",
    "rows": {"format": "csv", "time": "local", "value": "usd", "time_zone": ZONE.key, "stamp": "end"},
    "unit": "USD/MWh",
    "gate": {"range": [-300, 5000], "most_gap_h": 1},
    "file": "price.csv",
    "column": "usd_per_mwh",
    "if_bad": "keep",
}
PRICE = {"kind": "file", "file": "price.csv", "time_column": "time", "column": "usd_per_mwh", "unit": "USD/MWh"}
DAYS = 30


class Company:
    """Its scenario is that of `small`, its prices come by a feed, hour by hour in local time."""

    def __init__(self, home: Path, month: str, hook: Server, patch: pytest.MonkeyPatch) -> None:
        self.home, self.hook, self.month = home, hook, month
        self.place = place_of(str(home / "store"))
        self.begins = datetime.fromisoformat(f"{month}-01").replace(tzinfo=ZONE)
        self.true_time = self.begins.astimezone(UTC)
        self.clock_error = timedelta(0)
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.spikes: dict[int, float] = {}
        self.verified: set[str] = set()
        self.signed: set[str] = set()
        for module in (clock, failure, health, night, deliveries, registry, store):
            patch.setattr(module, "now", self.now)
        (home / "scenario").mkdir(parents=True)
        self.scenario()
        hosts = {"version": 1, "hosts": ["127.0.0.1"]}
        hook_file = {"name": "hook", "url": hook.url, "timeout_s": 5.0, "tries": 1, "least_severity": "info"}
        (home / "notify.yaml").write_text(json.dumps({**hosts, "webhooks": [hook_file]}))
        (home / "scenario" / "feeds.yaml").write_text(json.dumps({"version": 1, "feeds": [FEED]}))
        hook.say(Answer())

    def now(self) -> datetime:
        """What its clock shows."""
        return self.true_time + self.clock_error

    def scenario(self, *changes: tuple[str, Any]) -> None:
        """Write it, otherwise than it was."""
        horizon = {"start": self.month, "months": 1, "time_zone": ZONE.key}
        ambient = {**small.SERIES, "time_zone": ZONE.key, "column": "ambient_c", "unit": "C"}
        window = {"first_service": self.month, "last_service": self.month}
        dates = [(f"contracts.{k}.{key}", value) for k in range(3) for key, value in window.items()]
        document = small.changed(
            ("horizon", horizon), ("series.price", PRICE), ("series.ambient", ambient), *dates, *changes
        )
        (self.home / "scenario" / "scenario.yaml").write_text(json.dumps(document))
        days = [self.begins + timedelta(days=k) for k in range(DAYS + 2)]
        rows = [f"{day.date().isoformat()},25" for day in days]
        (self.home / "scenario" / "days.csv").write_text("\n".join(["day,ambient_c", *rows]) + "\n")

    def market(self) -> None:
        """Prices of every hour, as a market writes them: local time at the end of the hour, without offset."""
        first, rows = self.begins.astimezone(UTC), ["local,usd"]
        for k in range((DAYS + 2) * 24):
            end = (first + timedelta(hours=k + 1)).astimezone(ZONE)
            rows.append(f"{end.replace(tzinfo=None).isoformat()},{self.spikes.get(k, 40 + k % 24)}")
        (self.home / "scenario" / "market.csv").write_text("\n".join(rows) + "\n")

    def run(self, **asked: Any) -> Night:
        """Tonight's job, as cron starts it: its moment is that of the clock."""
        self.log.clear()
        self.hook.taken.clear()
        home = self.home / "scenario"
        request = NightRequest(
            str(home), self.place, self.now(), feeds=home / "feeds.yaml", notify=self.home / "notify.yaml",
            by_clock=True, **asked,
        )  # fmt: skip
        return night.night(request, lambda event, **facts: self.log.append((event, facts)))

    def ended(self, **asked: Any) -> int:
        """The exit status of tonight's job."""
        try:
            return int(self.run(**asked).exit_code)
        except (PipelineError, ScenarioFaults) as error:
            return int(failure.exit_code(error))

    @property
    def ends(self) -> datetime:
        """The end of its horizon: a schedule of seven days is short from a week before on."""
        return (self.begins + timedelta(days=32)).replace(day=1)

    @property
    def current(self) -> Path:
        return self.home / "store" / "current"

    def explained(self) -> set[str]:
        """Kinds of the alerts in the log."""
        return {facts["kind"] for event, facts in self.log if event == "alert"}

    def told(self) -> set[str]:
        """Kinds of alerts that the webhook was told to be new."""
        return {one["kind"] for body in self.hook.taken for one in json.loads(body)["new"]}

    def check(self) -> None:
        """A whole, verified plan is published, and nothing that was committed is lost, or waits half-made."""
        plan = self.current / "plan"
        name = plan.resolve().name
        if name not in self.verified:
            assert verify_folder(plan).passed
            self.verified.add(name)
        assert Shelf(self.place.home).holds_plan(name)
        with self.records() as records:
            signed = {one.subject for one in records.commitments() if one.kind == "sign"}
        assert signed >= self.signed, "a commitment is lost"
        self.signed = signed

    @contextmanager
    def records(self) -> Iterator[Registry]:
        """The registry, looked at without putting anything right."""
        engine = open_database(self.place.url)
        try:
            yield Registry(engine)
        finally:
            engine.dispose()

    def problems(self) -> str:
        """What a monitor says."""
        return "; ".join(health.health(self.place, 36.0).problems)

    @property
    def published(self) -> dict[str, str]:
        """Head of the night that is published."""
        found = json.loads((self.current / "publication.json").read_text())
        assert isinstance(found, dict)
        return found

    def published_parts(self) -> list[Path]:
        """Files of the published plan's tables."""
        return sorted((self.current / "plan" / "tables").glob("*.parquet"))


@contextmanager
def away(*paths: Path) -> Iterator[None]:
    """Files that are not there."""
    for path in paths:
        path.rename(path.with_name(f"{path.name}.away"))
    try:
        yield
    finally:
        for path in paths:
            path.with_name(f"{path.name}.away").rename(path)
