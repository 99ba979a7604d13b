"""Whoever does the work: who is to blame for a death, and that nobody outlives the run."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from allocator.work.errors import WorkersLostError
from allocator.work.executors import Workers, here, processes
from allocator.work.schedule import AtHome, Schedule
from tests.cli.shell import ROOT, environment
from tests.work.stand_in import FATAL, FATAL_ONCE, Fatal, Thing, Unreadable

PATIENCE_S = 300.0
"""For what takes seconds on an idle machine."""


def scheduled(
    workers: Workers, values: Sequence[float], schedule: type[Schedule[Thing]] = Schedule
) -> dict[int, float | None]:
    """What became of each value; None where it was given up."""
    found: dict[int, float | None] = {}
    things = [Thing(number, value) for number, value in enumerate(values)]
    schedule(workers, things, lambda one: found.update([one]), lambda thing: found.update({thing.number: None})).run()
    return found


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize("schedule", [Schedule, AtHome])
def test_what_kills_its_process_is_given_up_and_nothing_else_is(
    schedule: type[Schedule[Thing]], tmp_path: Path
) -> None:
    with processes(2)(Fatal(tmp_path)) as workers:
        found = scheduled(workers, [1.0, FATAL, FATAL_ONCE, 2.0], schedule)
    assert found == {0: 1, 1: None, 2: 289, 3: 4}


def test_work_that_a_process_cannot_read_says_why() -> None:
    with processes(1)(Unreadable()) as workers, pytest.raises(ImportError, match="no such module here"):
        workers.submit(1).result()


def test_work_that_cannot_be_sent_is_refused_at_the_start() -> None:
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)), processes(1)(lambda item: item):
        pass


def whose(_: Thing) -> int:
    return os.getpid()


def test_what_has_a_home_goes_to_the_same_process_again() -> None:
    things = [Thing(number, 0.0) for number in range(5)]
    with processes(2)(whose) as workers:
        first, again = ([workers.submit(one, home=one.number).result() for one in things] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2


def broken(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_cannot_work_end_the_run_instead_of_failing_every_point() -> None:
    with processes(1)(broken) as workers, pytest.raises(WorkersLostError, match="before anything"):
        scheduled(workers, [float(k) for k in range(20)])


def test_in_this_process_an_exception_belongs_to_its_item() -> None:
    with here(lambda item: 1 // item) as workers:
        futures = [workers.submit(item) for item in (1, 0)]
    assert futures[0].result() == 1
    assert isinstance(futures[1].exception(), ZeroDivisionError)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see which processes run")
def test_processes_end_with_the_one_that_started_them_even_when_it_is_killed(tmp_path: Path) -> None:
    client = subprocess.Popen([sys.executable, "-m", "tests.work.stand_in", str(tmp_path)], cwd=ROOT, env=environment())
    until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    pids = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert all(alive(pid) for pid in pids)
    client.kill()
    client.wait()
    until(lambda: not any(alive(pid) for pid in pids))
