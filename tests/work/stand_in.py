"""Work that stands in for solving: quick to start in a process of its own, and fatal where a test asks for it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.work.executors import Here, InlineExecutor, Work, Workers, processes

FATAL, FATAL_ONCE = 13.0, 17.0


@dataclass(frozen=True)
class Thing:
    """What is to be done: a number in a row, and a value."""

    number: int
    value: float


class Unreadable:
    """Work that a process cannot read."""

    def __getstate__(self) -> dict[str, object]:
        return {"sent": True}

    def __setstate__(self, state: dict[str, object]) -> None:
        raise ImportError("no such module here")

    def __call__(self, item: object) -> object:
        return item


class Fatal:
    """Tells the square of a value; one value kills the process each time, another one the first time."""

    def __init__(self, home: Path) -> None:
        self._mark = home / "died"

    def __call__(self, thing: Thing) -> tuple[int, float]:
        if thing.value == FATAL or (thing.value == FATAL_ONCE and not self._mark.exists()):
            self._mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return thing.number, thing.value**2


class FatalToHold:
    """Kills the first worker that is sent it; whoever made it is spared, since the scheduler of a test runs there."""

    def __init__(self, home: Path) -> None:
        self._mark, self._spared = home / "died", os.getpid()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if os.getpid() != self._spared and not self._mark.exists():
            self._mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, thing: Thing) -> tuple[int, float]:
        return thing.number, thing.value


class Deadly(Here):
    """Workers that die of the first item."""

    died = (BrokenExecutor,)

    def submit(self, item: Any, home: int | None = None) -> Future[Any]:
        if item.number:
            return super().submit(item, home)
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor())
        return future


@contextmanager
def deadly(work: Work) -> Iterator[Workers]:
    yield Deadly(work, InlineExecutor())


def tell_and_sleep(home: Path) -> None:
    """Leave the process's number in a folder, and do not come back for long."""
    (home / f"{os.getpid()}.pid").touch()
    time.sleep(600)


def main(home: Path) -> None:
    """Keep two processes busy until killed."""
    with processes(2)(tell_and_sleep) as workers:
        futures: list[Future[None]] = [workers.submit(home) for _ in range(2)]
        futures[0].result()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
