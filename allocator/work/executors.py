"""Where many solves run: in this process, in processes of this machine, or on a cluster, behind one Executor.

A `Work` is what every task of a run shares, and is sent to each worker once. `Workers` hands items to it through
`concurrent.futures.Executor`, whatever stands behind that, and replaces an executor whose workers died. Nothing that
is computed may depend on which executor it is.

Processes are started fresh (spawn): a copy of a process that has loaded engines and started threads is not safe. Each
is a pool of its own, so that items can be kept together: items of one home go to the same process, which still holds
what it built for the last of them. Processes end with the one that started them, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol

Work = Callable[[Any], Any]
"""What is done with one item; can be pickled, but for `here` and `threads`."""


class Workers(Protocol):
    """Whoever does the work.

    Attributes:
        died: exceptions of a future that say that its worker died. lost: those that say that all of it is over.
    """

    died: tuple[type[BaseException], ...]
    lost: tuple[type[BaseException], ...]

    def width(self) -> int:
        """How many items can be worked on side by side now; at least 1."""

    def submit(self, item: Any, home: int | None = None) -> Future[Any]:
        """Have an item worked on, by whoever did the last one of the same home where that is possible."""

    def revive(self) -> None:
        """Be ready again after workers died; nothing may be in work."""

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
    """This process, by itself or with threads."""

    died: tuple[type[BaseException], ...] = ()
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, work: Work, executor: Executor, count: int = 1) -> None:
        self._work, self._executor, self._count = work, executor, count

    def width(self) -> int:
        return self._count

    def submit(self, item: Any, home: int | None = None) -> Future[Any]:
        return self._executor.submit(self._work, item)

    def revive(self) -> None:
        """Nothing can have died."""

    def describe(self) -> str:
        return "one process" if self._count == 1 else f"{self._count} threads"


@contextmanager
def here(work: Work) -> Iterator[Workers]:
    """Everything in this process, one item after the other."""
    yield Here(work, InlineExecutor())


def threads(count: int) -> Staff:
    """Some threads of this process, for work that lets go of the interpreter lock; one needs no thread of its own."""
    if count == 1:
        return here

    @contextmanager
    def staff(work: Work) -> Iterator[Workers]:
        executor = ThreadPoolExecutor(count)
        try:
            yield Here(work, executor, count)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    return staff


class Processes:
    """Processes of this machine."""

    died: tuple[type[BaseException], ...] = (BrokenExecutor,)
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, work: Work, count: int) -> None:
        self._work = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._lifeline, self._end = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._slots = [self._started() for _ in range(count)]

    def width(self) -> int:
        return len(self._slots)

    def submit(self, item: Any, home: int | None = None) -> Future[Any]:
        count = len(self._slots)
        slot = min(self._slots, key=_Slot.load) if home is None else self._slots[home % count]
        return slot.submit(item)

    def revive(self) -> None:
        for position, slot in enumerate(self._slots):
            if slot.broken:
                slot.close()
                self._slots[position] = self._started()

    def describe(self) -> str:
        return f"{len(self._slots)} processes"

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._end.close()
        for slot in self._slots:
            slot.close()
        self._lifeline.close()

    def _started(self) -> _Slot:
        spawn = multiprocessing.get_context("spawn")
        return _Slot(ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(self._lifeline,)), self._work)


class _Slot:
    """One process. The work is its first item, since what comes along with a start holds up whoever starts it."""

    def __init__(self, pool: ProcessPoolExecutor, pickled: bytes) -> None:
        self._pool, self.broken = pool, False
        self._flying = set[Future[Any]]()
        pool.submit(_hold, pickled)

    def load(self) -> int:
        """Items that it has and has not finished."""
        return len(self._flying)

    def submit(self, item: Any) -> Future[Any]:
        try:
            future = self._pool.submit(_do, item)
        except BrokenExecutor:
            self.broken = True
            raise
        self._flying.add(future)
        future.add_done_callback(self._landed)
        return future

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _landed(self, future: Future[Any]) -> None:
        self._flying.discard(future)
        if not future.cancelled() and isinstance(future.exception(), BrokenExecutor):
            self.broken = True


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


_pickled = b""
_work: Work | None = None
"""What this process does. It is read with the first item, whose failure it is where it cannot be."""


def _begin(lifeline: Connection) -> None:
    """Set up a process: its end with the process that holds the other end of the lifeline."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True, name="lifeline").start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _hold(pickled: bytes) -> None:
    global _pickled
    _pickled = pickled


def _do(item: Any) -> Any:
    global _work
    if _work is None:
        _work = pickle.loads(_pickled)
    return _work(item)
