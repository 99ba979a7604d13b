"""The parent side of a worker process: start it, watch it, kill it at its deadline, read its answer.

Nothing here waits without an end. A worker must report "solving" within its start allowance, must show
a sign of life at least every `silence_s`, and once solving must end within its time limit plus
`grace_s`; both allowances grow with the size of the problem, for models and answers take time to pass
on. Otherwise its whole process group is killed and a SolverError says what to do next.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import solvers
from solvers.handover import (
    BrokenAnswerError,
    Outcome,
    Program,
    Request,
    read_answer,
    read_outcome,
    write_job,
)
from solvers.options import UnsupportedOptionError
from solvers.result import SolverError

OnEvent = Callable[[float, float | None, float], None]
"""Receives seconds since the engine started, the incumbent (or None) and the bound."""

_TAIL_BYTES = 16_384
_SHOWN_LINES = 8
_ENTRIES_PER_S = 5_000.0
"""Rate at which even the slowest engine interface (PuLP, one row at a time) is sure to build a model."""


class UnsupportedProblemError(SolverError):
    """A problem outside what the backend takes, such as integers for an engine of linear programs."""


@dataclass(frozen=True)
class Patience:
    """How long a parent waits.

    Attributes:
        start_s: seconds from start until the engine has the problem, for a small problem.
        silence_s: longest time without a sign of life.
        grace_s: seconds past the time limit before the kill, for a small problem.
    """

    start_s: float = 120.0
    silence_s: float = 120.0
    grace_s: float = 20.0

    def of_size(self, entries: int) -> Patience:
        """The same for a problem with that many columns and coefficients."""
        more = entries / _ENTRIES_PER_S
        return Patience(self.start_s + more, self.silence_s, self.grace_s + more)


PATIENT = Patience()


def solve_in_worker(
    module: str,
    request: Request,
    program: Program,
    time_limit_s: float | None = None,
    on_event: OnEvent | None = None,
    patience: Patience = PATIENT,
) -> Outcome:
    """Solve in a worker process that runs `module`.

    Raises SolverError when the worker crashes, hangs, overruns its deadline or answers nonsense;
    UnsupportedOptionError and UnsupportedProblemError when it declines the job.
    """
    rows, columns = len(program.row_lower), len(program.lower)
    patience = patience.of_size(len(program.data) + columns)
    watch = _Watch(request.engine, patience, time_limit_s, on_event, echo=request.log)
    with _job_folder(request, program) as folder:
        answer = _run(module, folder, watch)
        try:
            return read_outcome(folder, answer, rows, columns)
        except BrokenAnswerError as fault:
            raise watch.failure(f"left no usable answer: {fault}", _TRY_ANOTHER) from fault


def describe_in_worker(module: str, engine: str, patience: Patience = PATIENT) -> str:
    """Version of an engine, asked from a worker; raises SolverError when it is not available."""
    request = Request(engine, task="describe")
    watch = _Watch(engine, patience, None, None, echo=False)
    with _job_folder(request, None) as folder:
        return str(_run(module, folder, watch)["version"])


_TRY_ANOTHER = "solve with another backend, and report the case with its scenario"


class _Watch:
    """What the parent knows of a running worker: its phase, its deadlines, the tail of its log."""

    def __init__(
        self,
        engine: str,
        patience: Patience,
        time_limit_s: float | None,
        on_event: OnEvent | None,
        echo: bool,
    ) -> None:
        now = time.monotonic()
        self._engine, self._patience, self._echo = engine, patience, echo
        self._time_limit_s, self._on_event = time_limit_s, on_event
        self._start_by, self._last_sign = now + patience.start_s, now
        self._since: float | None = None
        self._partial, self._tail = b"", b""

    def overdue(self) -> SolverError | None:
        """The error to raise now, or None while the worker is within its deadlines."""
        now = time.monotonic()
        if now - self._last_sign > self._patience.silence_s:
            return self.failure(f"gave no sign of life for {self._patience.silence_s:g} s and was killed", _TRY_ANOTHER)
        if self._since is None:
            if now > self._start_by:
                return self.failure(
                    "did not start solving in time and was killed",
                    "check the load and the free memory of the machine, then try again",
                )
        elif self._time_limit_s is not None and now - self._since > self._time_limit_s + self._patience.grace_s:
            return self.failure(
                f"ran {self._patience.grace_s:.3g} s past its time limit of {self._time_limit_s:g} s and was killed",
                "raise the time limit, simplify the problem, or solve with another backend",
            )
        return None

    def failure(self, what: str, next_step: str) -> SolverError:
        """An error about this worker, with the end of its log and the next step."""
        lines = self._tail.decode(errors="replace").splitlines()
        shown = [line for line in lines if line.strip()][-_SHOWN_LINES:]
        said = "".join(f"\n    {line[:200]}" for line in shown)
        log = f" Its last words:{said}\n" if said else " It printed nothing. "
        return SolverError(f"the worker process of {self._engine} {what}.{log}Next: {next_step}.")

    def hear(self, data: bytes) -> None:
        """Take bytes from the event pipe; lines that are not events are ignored."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        self._partial = self._partial[-_TAIL_BYTES:]
        for line in lines:
            event = _event(line)
            if event is not None:
                self._last_sign = time.monotonic()
                self._note(event)

    def note_log(self, data: bytes) -> None:
        """Take bytes from the worker's standard error."""
        self._tail = (self._tail + data)[-_TAIL_BYTES:]
        if self._echo:
            sys.stderr.write(data.decode(errors="replace"))

    def _note(self, event: dict[str, Any]) -> None:
        if event["event"] == "solving":
            self._since = time.monotonic()
        elif event["event"] == "progress" and self._on_event is not None and self._since is not None:
            self._on_event(time.monotonic() - self._since, event["incumbent"], event["bound"])


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


@contextlib.contextmanager
def _job_folder(request: Request, program: Program | None) -> Iterator[Path]:
    """A job folder that is gone afterwards, whatever happens."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="solver-job-"))
    except OSError as fault:
        raise SolverError(f"cannot make a temporary folder ({fault}). Next: set TMPDIR to one with space.") from fault
    try:
        try:
            write_job(folder, request, program)
        except OSError as fault:
            raise SolverError(
                f"cannot hand the problem over to {request.engine} ({fault}). Next: free space in {folder.parent}."
            ) from fault
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(module: str, folder: Path, watch: _Watch) -> dict[str, Any]:
    """Run the worker to its end and return its note; every error path kills the process group first."""
    process = _start(module, folder)
    try:
        _attend(process, watch)
    finally:
        code = _kill_group(process)
    if code != 0:
        raise watch.failure(*_crash(code))
    try:
        answer = read_answer(folder)
    except BrokenAnswerError as fault:
        raise watch.failure(f"left no usable answer: {fault}", _TRY_ANOTHER) from fault
    if answer["kind"] == "refused":
        raise _refusal(answer)
    return answer


def _start(module: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start the worker in a session of its own; its import path begins where this package lies."""
    root = str(Path(solvers.__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, inherited] if inherited else [root])
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "solvers.worker", module, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    except OSError as fault:
        raise SolverError(
            f"cannot start a worker process with {sys.executable!r} ({fault}). Next: check the Python installation."
        ) from fault


def _attend(process: subprocess.Popen[bytes], watch: _Watch) -> None:
    """Listen until the event pipe closes; raises when a deadline passes."""
    events, log = _pipe(process.stdout), _pipe(process.stderr)
    with selectors.DefaultSelector() as selector:
        selector.register(events, selectors.EVENT_READ, watch.hear)
        selector.register(log, selectors.EVENT_READ, watch.note_log)
        while events in selector.get_map():
            for key, _ in selector.select(timeout=0.1):
                data = os.read(key.fd, 65_536)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
            fault = watch.overdue()
            if fault is not None:
                raise fault
    _drain(log, watch)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise SolverError("a worker process has no pipe")
    return stream


def _drain(log: IO[bytes], watch: _Watch) -> None:
    """Read what is left of the log without waiting for processes that may still hold it open."""
    os.set_blocking(log.fileno(), False)
    with contextlib.suppress(BlockingIOError):
        while data := os.read(log.fileno(), 65_536):
            watch.note_log(data)


def _kill_group(process: subprocess.Popen[bytes]) -> int:
    """Kill whatever is left of the worker and of the processes it started, close its pipes, return its exit code.

    The kill comes before the wait: until then the process id, which is also the group's, cannot be
    reused. A worker that has closed its pipe by ending keeps the exit code it ended with.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code


def _crash(code: int) -> tuple[str, str]:
    """What to say of an exit code that is not 0: (what happened, next step)."""
    if code == -signal.SIGKILL:
        return "was killed by the system, most likely for memory", "free memory, use fewer threads or a smaller problem"
    if code < 0:
        return f"crashed ({signal.strsignal(-code) or f'signal {-code}'})", _TRY_ANOTHER
    return f"failed with exit code {code}", _TRY_ANOTHER


def _refusal(answer: dict[str, Any]) -> Exception:
    message = str(answer["message"])
    kinds: dict[str, type[Exception]] = {"option": UnsupportedOptionError, "problem": UnsupportedProblemError}
    return kinds.get(str(answer["why"]), SolverError)(message)
