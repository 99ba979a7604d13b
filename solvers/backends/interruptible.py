"""Runs the calls of an engine on a thread of its own, so that Ctrl-C reaches the caller meanwhile.

Python handles signals only between bytecodes of the main thread, so a long engine call made there
cannot be interrupted. The thread is kept between calls: HiGHS ties its pool of workers to the thread.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
_Jobs = SimpleQueue[Callable[[], None] | None]


class Runner:
    """One daemon thread, started at the first call, ended with this object."""

    def __init__(self) -> None:
        self._jobs: _Jobs | None = None

    def run(self, call: Callable[[], T], interrupt: Callable[[], None]) -> T:
        """Result of `call`, made on the thread; the first Ctrl-C calls `interrupt` and still waits for it."""
        future: Future[T] = Future()
        self._queue().put(lambda: _settle(future, call))
        try:
            return future.result()
        except KeyboardInterrupt:
            interrupt()
            return future.result()

    def _queue(self) -> _Jobs:
        if self._jobs is None:
            self._jobs = SimpleQueue()
            threading.Thread(target=_work, args=(self._jobs,), daemon=True, name="solver").start()
            weakref.finalize(self, self._jobs.put, None)
        return self._jobs


def _work(jobs: _Jobs) -> None:
    while (job := jobs.get()) is not None:
        job()
        del job  # an idle thread must not keep the last solve alive


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)
