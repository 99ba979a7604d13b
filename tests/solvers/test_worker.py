"""A parent survives every way in which a worker process can fail, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from solvers import worker_client
from solvers.handover import Outcome, Program, Request
from solvers.options import UnsupportedOptionError
from solvers.result import SolverError
from solvers.worker_client import Patience, UnsupportedProblemError, describe_in_worker, solve_in_worker

FAULTY = "tests.solvers.faulty_worker"
ROOT = Path(__file__).resolve().parents[2]

PARENT = """
import sys
from tests.solvers.test_worker import solve_faulty
try:
    solve_faulty("with_child")
except KeyboardInterrupt:
    sys.exit(77)
"""


def one_column() -> Program:
    empty = np.empty(0)
    whole = np.empty(0, dtype=np.int64)
    one = np.array([1.0])
    return Program(
        True, 0.0, one, np.array([0]), whole, empty, empty, empty, 0 * one, one, np.array([False]), hint=empty
    )


def solve_faulty(engine: str, time_limit_s: float | None = None, **patience: float) -> Outcome:
    return solve_in_worker(FAULTY, Request(engine), one_column(), time_limit_s, None, Patience(**patience))


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jobs of this test go here, so that what they leave behind can be seen."""
    folder = tmp_path / "temporary folder"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pids: list[int], within_s: float = 8.0) -> bool:
    deadline = time.monotonic() + within_s
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_good_worker_hands_its_outcome_over_and_leaves_no_file(temporary_folder: Path) -> None:
    outcome = solve_faulty("fine")
    assert (outcome.reason, outcome.dual_bound, outcome.statistics) == ("optimal", 1.0, {"nodes": 3.0})
    assert outcome.x is not None
    assert outcome.x.tolist() == [1.0]
    assert list(temporary_folder.iterdir()) == []


def test_noise_on_standard_output_does_not_garble_the_answer() -> None:
    assert solve_faulty("garbage_on_stdout").reason == "optimal"


@pytest.mark.parametrize(
    ("engine", "time_limit_s", "patience", "message"),
    [
        ("sleep", 0.1, {"grace_s": 0.3}, r"ran 0\.3 s past its time limit of 0\.1 s and was killed"),
        ("never_solving", None, {"start_s": 1.5}, r"did not start solving in time and was killed"),
        ("stopped", None, {"silence_s": 1.5}, r"gave no sign of life for 1\.5 s and was killed"),
    ],
)
def test_a_hung_worker_is_killed_at_its_deadline_and_named(
    engine: str, time_limit_s: float | None, patience: dict[str, float], message: str, temporary_folder: Path
) -> None:
    started = time.monotonic()
    with pytest.raises(SolverError, match=message) as caught:
        solve_faulty(engine, time_limit_s, **patience)
    assert time.monotonic() - started < 20
    assert "Next:" in str(caught.value)
    pid = re.search(r"worker pid (\d+)", str(caught.value))
    assert pid is not None
    assert gone([int(pid.group(1))])
    assert list(temporary_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("exit", "failed with exit code 3"),
        ("segfault", "crashed .Segmentation fault"),
        ("killed", "killed by the system, most likely for memory"),
        ("raise", "engine divides by zero"),
        ("garbage_answer", "left no usable answer"),
        ("no_answer", "left no usable answer"),
        ("half_answer", "left no usable answer: unreadable outcome"),
        ("wrong_shape", r"x has shape \(2,\)"),
        ("not_a_number", "not finite"),
        ("bound_not_a_number", "the bound is not a number"),
    ],
)
def test_a_crash_or_a_nonsense_answer_is_an_error_with_a_next_step(
    engine: str, message: str, temporary_folder: Path
) -> None:
    with pytest.raises(SolverError, match=message) as caught:
        solve_faulty(engine)
    assert f"the worker process of {engine}" in str(caught.value)
    assert "Next:" in str(caught.value)
    assert list(temporary_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("engine", "error"),
    [
        ("refuse_option", UnsupportedOptionError),
        ("refuse_problem", UnsupportedProblemError),
        ("refuse_engine", SolverError),
    ],
)
def test_a_refusal_keeps_its_kind_and_its_words(engine: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="declined for its"):
        solve_faulty(engine)


def test_processes_started_by_a_killed_worker_die_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PID_FILE", str(tmp_path / "pids"))
    with pytest.raises(SolverError, match="past its time limit"):
        solve_faulty("with_child", time_limit_s=0.5, grace_s=0.5)
    assert gone([int(pid) for pid in (tmp_path / "pids").read_text().split()])


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 77)])
def test_no_orphans_after_the_parent_is_killed_or_interrupted(
    sent: signal.Signals, code: int, tmp_path: Path, temporary_folder: Path
) -> None:
    pid_file = tmp_path / "pids"
    environment = {**os.environ, "PID_FILE": str(pid_file), "TMPDIR": str(temporary_folder)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    pids = wait_for_pids(pid_file)
    parent.send_signal(sent)
    assert parent.wait(timeout=20) == code
    assert gone(pids)
    assert wait_until_empty(temporary_folder)


def wait_for_pids(pid_file: Path) -> list[int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if pid_file.exists() and len(pid_file.read_text().split()) == 2:
            return [int(pid) for pid in pid_file.read_text().split()]
        time.sleep(0.05)
    raise AssertionError("the worker never started")


def wait_until_empty(folder: Path) -> bool:
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        if not list(folder.iterdir()):
            return True
        time.sleep(0.05)
    return False


def test_progress_is_relayed_and_a_fault_in_the_listener_ends_the_worker(temporary_folder: Path) -> None:
    heard: list[tuple[float | None, float]] = []
    request, program = Request("progress"), one_column()
    solve_in_worker(FAULTY, request, program, on_event=lambda _, incumbent, bound: heard.append((incumbent, bound)))
    assert heard == [(None, 9.0), (1.0, 2.0)]

    def fails(_seconds: float, _incumbent: float | None, _bound: float) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        solve_in_worker(FAULTY, request, program, on_event=fails)
    assert list(temporary_folder.iterdir()) == []


def test_a_full_disk_at_hand_over_is_an_error_with_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker_client, "write_job", full)
    with pytest.raises(SolverError, match=r"No space left on device.*Next: free space"):
        solve_faulty("fine")


def test_a_missing_interpreter_is_an_error_with_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SolverError, match=r"cannot start a worker process.*Next:"):
        solve_faulty("fine")


def test_an_engine_tells_its_version_or_that_it_is_absent() -> None:
    assert describe_in_worker(FAULTY, "fine") == "faulty fine"
    with pytest.raises(SolverError, match="not installed"):
        describe_in_worker(FAULTY, "absent")


def test_a_module_in_the_current_folder_does_not_reach_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    monkeypatch.chdir(tmp_path)
    assert solve_faulty("fine").reason == "optimal"
