"""Where many solves run: in this process, in processes of this machine, or on a cluster, behind one Executor.

A `Work` is what every task of a run shares, and is sent to each worker once. `Workers` hands items to it through a
`concurrent.futures.Executor`, whatever stands behind that, and replaces an executor whose workers died. Nothing that
is computed may depend on which executor it is.

Processes are started fresh (spawn): a copy of a process that has loaded engines and started threads is not safe. They
end with the process that started them, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol

Work = Callable[[Any], Any]
"""What is done with one item; can be pickled."""


class Workers(Protocol):
    """Whoever does the work.

    Attributes:
        died: exceptions of a future that say that its worker died. lost: those that say that all of it is over.
    """

    died: tuple[type[BaseException], ...]
    lost: tuple[type[BaseException], ...]

    def width(self) -> int:
        """How many items can be worked on side by side now; at least 1."""

    def submit(self, item: Any) -> Future[Any]:
        """Have an item worked on."""

    def revive(self) -> None:
        """Be ready again after workers died."""

    def describe(self) -> str:
        """In words, for the record of a run."""


Staff = Callable[[Work], AbstractContextManager[Workers]]
"""Whoever does some work, for as long as the context lasts; what is not finished then is given up."""


class InlineExecutor(Executor):
    """Does everything at once, in this thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function; its exception is that of the future, but for Ctrl-C, which ends the run."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Here:
    """This process."""

    died: tuple[type[BaseException], ...] = ()
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, work: Work) -> None:
        self._work, self._executor = work, InlineExecutor()

    def width(self) -> int:
        return 1

    def submit(self, item: Any) -> Future[Any]:
        return self._executor.submit(self._work, item)

    def revive(self) -> None:
        """Nothing can have died."""

    def describe(self) -> str:
        return "one process"


@contextmanager
def here(work: Work) -> Iterator[Workers]:
    """Everything in this process, one item after the other."""
    yield Here(work)


class Processes:
    """Processes of this machine."""

    died: tuple[type[BaseException], ...] = (BrokenExecutor,)
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, work: Work, count: int) -> None:
        self._work, self._count = work, count
        self._lifeline, self._end = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._executor = self._started()

    def width(self) -> int:
        return self._count

    def submit(self, item: Any) -> Future[Any]:
        return self._executor.submit(_do, item)

    def revive(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._started()

    def describe(self) -> str:
        return f"{self._count} processes"

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._end.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._lifeline.close()

    def _started(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, spawn, initializer=_begin, initargs=(self._work, self._lifeline))


def processes(count: int) -> Staff:
    """Some processes of this machine."""

    @contextmanager
    def staff(work: Work) -> Iterator[Workers]:
        workers = Processes(work, count)
        try:
            yield workers
        finally:
            workers.close()

    return staff


_work: Work | None = None


def _begin(work: Work, lifeline: Connection) -> None:
    """Set up a process: its work, and its end with the process that holds the other end of the lifeline."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True, name="lifeline").start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(item: Any) -> Any:
    assert _work is not None
    return _work(item)
