"""Thirty nights in one store, most with something wrong: a good plan is published each time, and all is told."""

from __future__ import annotations

import csv
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly import ladder, night
from allocator.nightly.store import database
from allocator.nightly.store.registry import State
from allocator.nightly.store.store import Store, opened
from allocator.pipeline.method import SolveRequest
from tests.cli import small
from tests.nightly.full_disk import full_from, largest_file
from tests.nightly.server import Answer, Server, serving
from tests.nightly.simulated import DAYS, Company, away

Trouble = Callable[[Company], AbstractContextManager[dict[str, Any] | None]]


def quiet(_: Company) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Case:
    """What goes wrong in a night, and what is to come of it.

    Attributes:
        code: exit status. kinds: of the alerts in log and message. problem: what a monitor says afterwards.
    """

    name: str
    trouble: Trouble = quiet
    code: int = 0
    kinds: frozenset[str] = frozenset()
    problem: str = ""


def no_feed(company: Company) -> AbstractContextManager[None]:
    return away(company.home / "scenario" / "market.csv")


@contextmanager
def spike(company: Company) -> Iterator[None]:
    hour = round((company.true_time - company.begins).total_seconds() / 3600)
    company.spikes = {hour + 20: 5000.0, hour + 21: 9999.0}
    company.market()
    yield
    company.spikes = {}
    with (company.current / "schedule.csv").open() as file:
        machines = [row for row in csv.DictReader(file) if row["model"]]
    dear = [row for row in machines if float(row["price_usd_per_mwh"]) == 5000]
    assert {float(row["load_mw"]) for row in dear} == {0.0}, "machines stand still at the cap"


def clock(days: float) -> Trouble:
    @contextmanager
    def wrong(company: Company) -> Iterator[None]:
        company.clock_error = timedelta(days=days)
        yield
        company.clock_error = timedelta(0)

    return wrong


def disk(left: int) -> Trouble:
    @contextmanager
    def full(company: Company) -> Iterator[None]:
        with full_from(company.home / "store", left) as met:
            yield
        assert met.sites > left

    return full


def small_files(_: Company) -> AbstractContextManager[None]:
    return largest_file(6_000)


def locked(seconds: float) -> Trouble:
    """Another program holds the registry's file."""

    @contextmanager
    def held(company: Company) -> Iterator[None]:
        path = company.home / "store" / database.FILE
        holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(seconds, holder.rollback)
        timer.start()
        yield
        timer.cancel()
        timer.join()
        holder.close()

    return held


def registry_removed(company: Company) -> AbstractContextManager[None]:
    for file in (company.home / "store").glob(f"{database.FILE}*"):
        file.unlink()
    return nullcontext()


@contextmanager
def crash(_: Company) -> Iterator[None]:
    def fail(_: ladder.Task) -> ladder.Rung:
        raise RuntimeError("the engine died")

    usual = ladder._solved
    ladder._solved = fail
    yield
    ladder._solved = usual


def no_time(_: Company) -> AbstractContextManager[dict[str, Any]]:
    return nullcontext({"solve": SolveRequest(time_limit_s=1e-9)})


def damaged(company: Company) -> AbstractContextManager[None]:
    company.published_parts()[3].write_bytes(b"half a table")
    return nullcontext()


def lost_head(company: Company) -> AbstractContextManager[None]:
    (company.current / "publication.json").write_text("{")
    return nullcontext()


def changed(company: Company) -> AbstractContextManager[None]:
    """Another contract on offer, so good that it is signed."""
    offer = small.offer("more", 0.5, 500) | {"first_service": company.month, "last_service": company.month}
    company.scenario(("contracts.3", offer), MORE_ROOM)
    return nullcontext()


MORE_ROOM = ("sites.0.halls.0.options.0.it_limit_mw", 6)


def faulty(company: Company) -> AbstractContextManager[None]:
    company.scenario(("sites.0.power_limit_mw", -1))
    return nullcontext()


@contextmanager
def another_run(company: Company) -> Iterator[None]:
    with opened(company.place):
        yield


@contextmanager
def cut_off(company: Company) -> Iterator[None]:
    """Killed once it was solved, and started again by its job."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    usual = Store.publish
    Store.publish = stop  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        company.run()
    assert "was cut off as solved" in company.problems()
    Store.publish = usual  # type: ignore[method-assign]
    yield
    assert "run_resumed" in [event for event, _ in company.log]


@contextmanager
def nobody_listens(company: Company) -> Iterator[None]:
    company.hook.say(Answer(status=500))
    with no_feed(company):
        yield
    assert [facts["kind"] for event, facts in company.log if event == "alert"] == ["feed_failed", "delivery_failed"]
    company.hook.say(Answer())


QUICK = (
    Case("first"),
    Case("no feed", no_feed, kinds=frozenset({"feed_failed"})),
    Case("price at its cap", spike, kinds=frozenset({"values_set_aside"})),
    Case("clock a year ahead", clock(365), 9, frozenset({"clock_leap", "schedule_short"})),
    Case("clock ten days ahead", clock(10), problem="which has not come: the clock was or is wrong"),
    Case("clock right again", kinds=frozenset({"clock_was_ahead"})),
    Case("clock of 1970", clock(-365 * 57), 2, frozenset({"run_failed"})),
    Case("disk full at once", disk(0), 8, frozenset({"run_failed"}), "more than 36.0 h"),
    Case("database gone all night", locked(60), 8, frozenset({"run_failed"}), "more than 36.0 h"),
    Case("database gone for a while", locked(0.3), kinds=frozenset({"registry_away"})),
    Case("registry removed", registry_removed, kinds=frozenset({"run_adopted"})),
    Case("another run", another_run, 11, frozenset({"lock_held"})),
    Case("cut off", cut_off),
    Case("nobody listens", nobody_listens, kinds=frozenset({"feed_failed", "delivery_failed"})),
)
WRITING = frozenset({"solved_failed", "reprojected_failed", "plan_kept", "run_failed"})
SLOW = (
    *QUICK,
    Case("last of a fortnight"),
    Case("disk full while the plan is written", disk(30), 8, WRITING, "ended as kept"),
    Case("disk full for all but small files", small_files, 8, frozenset({"run_failed"}), "more than 36.0 h"),
    Case("solver crash", crash, 7, frozenset({"solved_crashed", "fallback_published"})),
    Case("no time", no_time, 7, frozenset({"solved_failed", "fallback_published"})),
    Case("damaged plan", damaged, kinds=frozenset({"pointer_moved_back"})),
    Case("head lost", lost_head, kinds=frozenset({"pointer_moved_back"})),
    Case("scenario changed", changed),
    Case("scenario with faults", faulty, 8, frozenset({"scenario_faults", "plan_kept"}), "ended as kept"),
    Case("scenario mended", changed),
)


@pytest.fixture
def hook() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.mark.parametrize(
    ("month", "cases", "nights"),
    [
        ("2027-11", QUICK, len(QUICK)),
        pytest.param("2027-11", SLOW, DAYS, marks=pytest.mark.slow),
        pytest.param("2027-03", SLOW, DAYS, marks=pytest.mark.slow),
    ],
)
def test_every_night_leaves_a_good_plan_and_says_what_was_wrong(
    tmp_path: Path, hook: Server, monkeypatch: pytest.MonkeyPatch, month: str, cases: tuple[Case, ...], nights: int
) -> None:
    """The seventh of November and the fourteenth of March are days of 25 and 23 hours."""
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    monkeypatch.setattr(database, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(night, "PATIENCE_S", 1.5)
    company = Company(tmp_path, month, hook, monkeypatch)
    for case in (*cases, *(Case("quiet") for _ in range(nights - len(cases)))):
        _live(company, case)
        company.true_time += timedelta(days=1)
    with company.records() as records:
        on_record = {event.kind for event in records.events()}
        states = {row.state for row in records.runs()}
    assert on_record >= {kind for case in cases for kind in case.kinds if case.code in (0, 7)} - BEFORE_LOSS
    assert states <= {State.PUBLISHED, State.KEPT, State.FAILED, State.AWAITING}
    assert not list((tmp_path / "store").glob(".half-*"))


BEFORE_LOSS = frozenset({"feed_failed", "values_set_aside", "clock_was_ahead", "registry_away"})
"""Events that went with the registry that was removed; the files of their nights have them."""


def _live(company: Company, case: Case) -> None:
    """One night, and the morning after it."""
    company.market()
    before = company.published["run"] if company.current.exists() else ""
    with case.trouble(company) as asked:
        at, code = company.now(), company.ended(**(asked or {}))
        explained, told = company.explained(), company.told()
    short = {"schedule_short"} if code in (0, 7) and at + timedelta(days=7) > company.ends else set[str]()
    assert (case.name, code, explained) == (case.name, case.code, case.kinds | short)
    assert told <= explained
    company.check()
    if code in (0, 7):
        assert company.published["as_of"] == at.astimezone(UTC).isoformat()
    elif case.code != 0:
        assert company.published["run"] == before, case.name
    problems = company.problems()
    assert (case.problem in problems) if case.problem else not problems, (case.name, problems)
