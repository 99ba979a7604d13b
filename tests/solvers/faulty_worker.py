"""A worker module whose engines misbehave in every way the parent must survive. The engine's name says how."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from solvers.handover import Outcome, Program, RefusalError, Report, Request


def describe(engine: str) -> str:
    if engine == "absent":
        raise RefusalError("engine", "not installed")
    return f"faulty {engine}"


def solve(request: Request, program: Program, report: Report) -> Outcome:
    sys.stderr.write(f"worker pid {os.getpid()}\n")
    sys.stderr.flush()
    if request.engine != "never_solving":
        report.solving()
    outcome = _DEEDS[request.engine](report)
    return outcome if isinstance(outcome, Outcome) else _fine()


def _fine() -> Outcome:
    return Outcome("optimal", None, 1.0, np.array([1.0]), statistics={"nodes": 3})


def _sleep(_: Report) -> None:
    time.sleep(600)


def _with_child(_: Report) -> None:
    child = subprocess.Popen(["sleep", "600"])
    sys.stderr.write(f"child pid {child.pid}\n")
    Path(os.environ["PID_FILE"]).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)


def _garbage_on_stdout(_: Report) -> None:
    for _line in range(200):
        os.write(1, b"\xff\x00 not an event \n" * 100)
    sys.stdout.write('{"event": "solving"}')


def _garbage_answer(_: Report) -> None:
    Path("answer.json").write_bytes(b"\xff\xfe{")
    os._exit(0)


def _no_answer(_: Report) -> None:
    os._exit(0)


def _half_answer(_: Report) -> None:
    Path("answer.json").write_text('{"kind": "solved", "reason": "optimal", "limit": null, "statistics": {}}')
    Path("outcome.npz").write_bytes(b"PK\x03\x04 cut short")
    os._exit(0)


def _raise(_: Report) -> None:
    raise ZeroDivisionError("engine divides by zero")


def _progress(report: Report) -> None:
    report.progress(None, 9.0)
    report.progress(1.0, 2.0)


def _refuse(kind: Any) -> None:
    raise RefusalError(kind, f"declined for its {kind}")


_DEEDS: dict[str, Any] = {
    "fine": lambda _: None,
    "sleep": _sleep,
    "never_solving": _sleep,
    "with_child": _with_child,
    "stopped": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "exit": lambda _: os._exit(3),
    "segfault": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "killed": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "raise": _raise,
    "garbage_on_stdout": _garbage_on_stdout,
    "garbage_answer": _garbage_answer,
    "no_answer": _no_answer,
    "half_answer": _half_answer,
    "wrong_shape": lambda _: Outcome("optimal", None, 1.0, np.array([1.0, 2.0])),
    "not_a_number": lambda _: Outcome("optimal", None, 1.0, np.array([np.nan])),
    "bound_not_a_number": lambda _: Outcome("optimal", None, float("nan"), np.array([1.0])),
    "progress": _progress,
    "refuse_option": lambda _: _refuse("option"),
    "refuse_problem": lambda _: _refuse("problem"),
    "refuse_engine": lambda _: _refuse("engine"),
}
