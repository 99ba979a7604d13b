"""Work that stands in for solving: quick to start in a process of its own, and fatal where a test asks for it."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from allocator.studies.executors import processes
from allocator.studies.sweep.points import WITHIN_GAP, Finished, Point

FATAL, FATAL_ONCE = 13.0, 17.0


class Fatal:
    """Tells the square of a point; one value kills the process each time, another one the first time."""

    def __init__(self, home: Path) -> None:
        self._mark = home / "died"

    def __call__(self, point: Point) -> Finished:
        (value,) = point.values
        if value == FATAL or (value == FATAL_ONCE and not self._mark.exists()):
            self._mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Finished(point.number, WITHIN_GAP, "", {"npv_usd": value**2})


class FatalToHold:
    """Kills the first worker that is sent it; whoever made it is spared, since the scheduler of a test runs there."""

    def __init__(self, home: Path) -> None:
        self._mark, self._spared = home / "died", os.getpid()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if os.getpid() != self._spared and not self._mark.exists():
            self._mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, point: Point) -> Finished:
        return Finished(point.number, WITHIN_GAP, "", {"npv_usd": point.values[0]})


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
