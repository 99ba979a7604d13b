"""The child side of a worker process: `python -m solvers.worker MODULE FOLDER`.

MODULE has `solve(request, program, report) -> Outcome` and `describe(engine) -> str`. FOLDER is a job
folder (see solvers.handover) and becomes the current one. One line of JSON per event goes to the
standard output the process was started with; whatever the engine itself prints goes to standard error,
so it cannot garble the events.
A worker whose parent is gone ends itself, with the processes it started.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from solvers.handover import Outcome, RefusalError, read_program, read_request, write_answer, write_outcome

BEAT_S = 0.5
"""Seconds between two signs of life."""


class Channel:
    """Events to the parent, over a private copy of standard output."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._file_descriptor = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, event: str, **values: float | None) -> bool:
        """Send one event; False when nobody listens any more."""
        line = json.dumps({"event": event, **values}) + "\n"
        with self._lock:
            try:
                os.write(self._file_descriptor, line.encode())
            except OSError:
                return False
        return True

    def solving(self) -> None:
        self.send("solving")

    def progress(self, incumbent: float | None, bound: float) -> None:
        self.send("progress", incumbent=incumbent, bound=bound)


def main(arguments: Sequence[str]) -> NoReturn:
    """Do one job and leave. Exit code 0 means that an answer, perhaps a refusal, was written."""
    module, folder = arguments[0], Path(arguments[1]).resolve()
    channel = Channel()
    threading.Thread(target=_beat, args=(channel, folder), daemon=True).start()
    try:
        _work(module, folder, channel)
    except BaseException:
        traceback.print_exc()
        _leave(1)
    if not channel.send("done"):
        shutil.rmtree(folder, ignore_errors=True)
    _leave(0)


def _work(module: str, folder: Path, channel: Channel) -> None:
    engine = importlib.import_module(module)
    os.chdir(folder)
    request = read_request(folder)
    try:
        if request.task == "describe":
            write_answer(folder, {"kind": "described", "version": str(engine.describe(request.engine))})
        else:
            outcome: Outcome = engine.solve(request, read_program(folder), channel)
            write_outcome(folder, outcome)
    except RefusalError as refusal:
        write_answer(folder, {"kind": "refused", "why": refusal.kind, "message": str(refusal)})


def _beat(channel: Channel, folder: Path) -> None:
    parent = os.getppid()
    while os.getppid() == parent and channel.send("beat"):
        time.sleep(BEAT_S)
    shutil.rmtree(folder, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _leave(code: int) -> NoReturn:
    """End without running exit handlers: engines have been seen to crash or hang in theirs."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
