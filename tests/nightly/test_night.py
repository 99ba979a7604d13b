"""A night: what is published, what it keeps to, and what it falls back to."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly import health as monitor
from allocator.nightly import ladder
from allocator.nightly.approve import approve
from allocator.nightly.health import health
from allocator.nightly.night import Night, NightRequest, night
from allocator.nightly.store.registry import State
from allocator.nightly.store.store import Store, opened, place_of
from allocator.pipeline.errors import BadInputError, ExitCode, InfeasibleError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import verify_folder
from allocator.scenario.faults import ScenarioFaults
from tests.cli import small

FIRST = datetime(2027, 6, 1, 2, tzinfo=UTC)
NO_TIME = SolveRequest(time_limit_s=1e-9)


class Job:
    """A scenario and a store, and the nights run on them."""

    def __init__(self, home: Path) -> None:
        self.home, self.place = home, place_of(str(home / "store"))
        self.log: list[str] = []

    def change(self, *changes: tuple[str, Any], series: str | None = None) -> None:
        shutil.rmtree(self.home / "scenario", ignore_errors=True)
        small.write(self.home / "scenario", small.changed(*changes), series)

    def run(self, day: int = 0, **asked: Any) -> Night:
        self.log.clear()
        request = NightRequest(str(self.home / "scenario"), self.place, FIRST + timedelta(days=day), **asked)
        return night(request, lambda event, **facts: self.log.append(event), lambda event: None)

    @property
    def current(self) -> Path:
        return self.home / "store" / "current"

    def head(self) -> dict[str, Any]:
        found = json.loads((self.current / "plan" / "plan.json").read_text())
        assert isinstance(found, dict)
        return found

    def signed(self) -> set[str]:
        with (self.current / "plan" / "csv" / "contracts.csv").open() as file:
            return {row["contract"] for row in csv.DictReader(file) if row["accepted"] == "True"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after its first night. Not to be changed."""
    job = Job(tmp_path_factory.mktemp("published"))
    job.change()
    assert job.run().exit_code == ExitCode.WITHIN_GAP
    return job.home


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monitors look when the plans are those of their days."""
    monkeypatch.setattr(monitor, "now", lambda: FIRST + timedelta(days=3))


@pytest.fixture
def job(published: Path, tmp_path: Path) -> Job:
    """A copy of that store, to go on with."""
    return Job(Path(shutil.copytree(published, tmp_path / "job", symlinks=True)))


def test_the_first_night_publishes_a_verified_plan_and_its_files(job: Job) -> None:
    assert verify_folder(job.current / "plan").passed
    assert sorted(path.name for path in job.current.iterdir()) == [
        "alerts.json", "bids.csv", "changes.md", "commitments.json", "plan", "publication.json",
        "schedule.csv", "schedule.json", "setpoints.csv",
        "setpoints.json",
    ]  # fmt: skip
    assert "There was no plan before it." in (job.current / "changes.md").read_text()
    assert health(job.place, 1e9).good


def test_the_same_as_of_twice_is_one_run_and_one_publication(job: Job) -> None:
    before = job.current.readlink(), (job.current / "publication.json").read_bytes()
    again = job.run()
    assert again.repeated
    assert again.exit_code == ExitCode.WITHIN_GAP
    assert job.log == []
    assert (job.current.readlink(), (job.current / "publication.json").read_bytes()) == before


def test_the_schedule_runs_each_tier_where_its_strike_price_beats_power(tmp_path: Path) -> None:
    """17.5 J/TH at 48 USD/PH/day: a MW is 57.14 PH/s, which earn 57.14 x 48 / 24 = 114.29 USD an hour."""
    job = Job(tmp_path)
    rows = small.days().splitlines()
    rows[3] = rows[3].replace(",40,", ",120,")
    job.change(series="\n".join(rows) + "\n")
    job.run()
    with (job.current / "schedule.csv").open() as file:
        found = list(csv.DictReader(file))
    machines = [row for row in found if row["hall"] == "machines"]
    assert len(machines) == 7 * 24
    assert {row["utc"] for row in machines} == {row["utc"] for row in found if row["tier"] == "tenants"}
    (strike,) = {float(row["strike_usd_per_mwh"]) for row in machines}
    assert strike == pytest.approx(48 / 24 / 17.5 * 1000, rel=1e-5)
    dear = [row for row in machines if float(row["price_usd_per_mwh"]) > 115]
    assert len(dear) == 24
    assert {float(row["load_mw"]) for row in dear} == {0.0}
    assert {float(row["load_mw"]) for row in machines if row not in dear} == {3.5}
    said = json.loads((job.current / "schedule.json").read_text())
    assert (said["until"], len(said["rows"])) == ("2027-06-08T02:00:00+00:00", len(found))


def test_what_is_signed_stays_signed_until_it_is_released(job: Job) -> None:
    assert job.signed() == {"lab", "edge"}
    better = small.offer("better", 5, 500, last_service="2027-06")
    job.change(("contracts.3", better))
    assert job.run(1).exit_code == ExitCode.WITHIN_GAP
    assert job.signed() == {"lab", "edge"}
    with opened(job.place) as (store, _):
        for name in ("lab", "edge"):
            assert store.registry.release(["sign", "place"], name) == 2
    job.run(2)
    assert job.signed() == {"better"}
    page = (job.current / "changes.md").read_text()
    assert "- now: " in page
    assert "- no longer: " in page


@pytest.mark.slow
def test_a_commitment_that_the_scenario_forgot_is_told(job: Job) -> None:
    job.change(("contracts", [small.offer("edge", 2, 90)]))
    found = job.run(1)
    assert {alert.kind for alert in found.alerts} == {"commitment_unknown"}
    assert "contract:lab@2027-06" in found.alerts[0].message


def test_without_time_the_last_decisions_are_published_on_todays_data(job: Job) -> None:
    before = job.head()["objective_usd"]
    job.change(series=small.days().replace(",40,", ",50,"))
    found = job.run(1, solve=NO_TIME)
    assert (found.exit_code, found.rung) == (ExitCode.FALLBACK_PUBLISHED, "reprojected")
    assert [alert.kind for alert in found.alerts] == ["solved_failed", "fallback_published"]
    assert verify_folder(job.current / "plan").passed
    energy_mwh = 30 * 24 * 3.5  # tenants pay for their own power
    assert job.head()["objective_usd"] == pytest.approx(before - 10 * energy_mwh)
    assert job.signed() == {"lab", "edge"}


def test_a_solver_that_crashes_is_a_fallback_too(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: ladder.Task) -> ladder.Rung:
        raise RuntimeError("no more licence")

    monkeypatch.setattr(ladder, "_solved", crash)
    found = job.run(1)
    assert found.exit_code == ExitCode.FALLBACK_PUBLISHED
    assert "no more licence" in found.alerts[0].message
    page = (job.current / "changes.md").read_text()
    assert page.endswith("## Where the value moved\n\nNowhere.\n")


@pytest.mark.parametrize(
    "broken", ["infeasible", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("faults", "series"))]
)
def test_where_nothing_holds_the_published_plan_stays(job: Job, broken: str) -> None:
    before = job.current.readlink()
    if broken == "infeasible":
        job.change(("contracts.0.must_accept", True))
    elif broken == "faults":
        job.change(("sites.0.power_limit_mw", -1))
    else:
        job.change(series=small.days(12))
    found = job.run(1)
    assert (found.state, found.exit_code) == (State.KEPT, ExitCode.KEPT)
    assert found.alerts[-1].kind == "plan_kept"
    assert len(found.alerts) >= 2
    assert job.current.readlink() == before
    assert json.loads((found.folder / "alerts.json").read_text())[-1]["kind"] == "plan_kept"
    assert "kept" in health(job.place, 1e9).problems[0]
    job.change()
    assert job.run(2).exit_code == ExitCode.WITHIN_GAP


@pytest.mark.parametrize(
    ("change", "error"),
    [(("sites.0.power_limit_mw", -1), ScenarioFaults), (("contracts.1.must_accept", True), InfeasibleError)],
)
def test_without_any_plan_the_error_is_told_and_kept_on_record(
    tmp_path: Path, change: tuple[str, Any], error: type[Exception]
) -> None:
    job = Job(tmp_path)
    job.change(change, ("contracts.0.must_accept", True))
    with pytest.raises(error):
        job.run()
    with opened(job.place) as (store, _):
        assert [row.state for row in store.registry.runs()] == [State.FAILED]
        assert [event.kind for event in store.registry.events()] == ["run_failed"]
    assert health(job.place, 1e9).problems[0] == "no plan is published"


def test_a_damaged_last_plan_does_not_stop_a_night(job: Job) -> None:
    (job.current / "plan" / "tables" / "halls.parquet").write_bytes(b"no table")
    assert "the published plan is damaged" in health(job.place, 1e9).problems
    found = job.run(1)
    assert found.exit_code == ExitCode.WITHIN_GAP
    assert found.alerts[0].kind == "no_whole_plan"
    assert verify_folder(job.current / "plan").passed


@pytest.mark.slow
def test_an_attempt_that_ended_after_its_solve_is_gone_on_with(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.change(series=small.days().replace(",40,", ",50,"))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "publish", stop)
        with pytest.raises(KeyboardInterrupt):
            job.run(1)
    before = job.current.readlink()
    found = job.run(1)
    assert job.log[:2] == ["run_started", "run_resumed"]
    assert found.exit_code == ExitCode.WITHIN_GAP
    assert job.current.readlink() != before


def test_earlier_moments_are_refused_but_in_shadow(job: Job) -> None:
    with pytest.raises(BadInputError, match="lies before that of the published plan"):
        job.run(-1)
    before = job.current.readlink()
    found = job.run(-1, shadow=True)
    assert (found.state, found.exit_code) == (State.SHADOW, ExitCode.SHADOW)
    assert (found.folder / "schedule.csv").is_file()
    assert job.current.readlink() == before


def test_a_plan_waits_until_it_is_approved(job: Job) -> None:
    before = job.current.readlink()
    job.change(series=small.days().replace(",40,", ",50,"))
    found = job.run(1, approval=True)
    assert found.exit_code == ExitCode.AWAITING_APPROVAL
    assert job.run(1, approval=True).repeated
    assert job.current.readlink() == before
    with pytest.raises(BadInputError, match="no such run waits"):
        approve(job.place, "0" * 64)
    assert approve(job.place, found.run[:8]).run == found.run
    assert job.current.readlink().name == found.run
    with pytest.raises(BadInputError, match="no such run waits"):
        approve(job.place)


@pytest.mark.slow
def test_a_plan_that_waited_too_long_is_not_published_over_a_later_one(job: Job) -> None:
    waiting = job.run(1, approval=True)
    job.run(2)
    with pytest.raises(BadInputError, match="older than the plan that is published"):
        approve(job.place, waiting.run)


def test_representative_days_give_no_schedule_and_say_so(job: Job) -> None:
    found = job.run(1, solve=SolveRequest(hours="4"))
    assert [alert.kind for alert in found.alerts] == ["schedule_short"]
    assert len((job.current / "schedule.csv").read_text().splitlines()) == 1


@pytest.mark.slow
def test_text_of_scenarios_is_text_in_every_file(tmp_path: Path, published: Path) -> None:
    job = Job(Path(shutil.copytree(published, tmp_path / "job", symlinks=True)))
    job.change(("contracts.3", small.offer("=1 | *x* `y`", 0.5, 500)), ("sites.0.halls.0.options.0.it_limit_mw", 6))
    assert job.run(1).exit_code == ExitCode.WITHIN_GAP
    assert "=1 \\| \\*x\\* \\`y\\`" in (job.current / "changes.md").read_text()
