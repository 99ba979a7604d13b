"""Hands points to workers, keeps what comes back, and finds out which point it is that kills them.

When workers die, every point that was being solved is suspect. Suspects are solved again one at a time, with nothing
beside them, so that another death tells which point it was; one that dies MOST_DEATHS times is given up as a failure.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait

from allocator.pipeline.errors import EngineError
from allocator.studies.executors import Workers
from allocator.studies.sweep.points import Finished, Point, lost

MOST_DEATHS = 3
"""The first may be another point's fault, the ones after it are its own."""
MOST_STARTS = 5
"""Workers that die as often before any point is finished cannot work at all."""
WAIT_S = 5.0
"""How long to wait for a point before progress is told again."""

Keep = Callable[[Finished], None]


class Schedule:
    """Points still to be solved, and those being solved."""

    def __init__(self, workers: Workers, points: Iterable[Point], keep: Keep) -> None:
        self._workers, self._keep = workers, keep
        self._waiting, self._suspects = deque(points), deque[Point]()
        self._flying: dict[Future[Finished], Point] = {}
        self._deaths = Counter[int]()
        self._broken, self._starts, self._works = False, 0, False

    def run(self, tell: Callable[[], None]) -> None:
        """Solve everything; `tell` is called whenever something may have happened.

        Raises:
            EngineError: workers cannot be started, or all of them are gone for good.
        """
        while self._waiting or self._suspects or self._flying:
            self._hand_out()
            done, _ = wait(self._flying, timeout=WAIT_S, return_when=FIRST_COMPLETED)
            for future in done:
                self._take(self._flying.pop(future), future)
            tell()

    def _hand_out(self) -> None:
        if self._suspects or self._broken:
            if not self._flying:
                self._revive()
                self._submit(self._suspects or self._waiting)
            return
        while self._waiting and not self._broken and len(self._flying) < self._workers.width():
            self._submit(self._waiting)

    def _submit(self, queue: deque[Point]) -> None:
        try:
            self._flying[self._workers.submit(queue[0])] = queue[0]
            queue.popleft()
        except self._workers.died:
            self._broken = True

    def _take(self, point: Point, future: Future[Finished]) -> None:
        try:
            self._keep(future.result())
            self._works = True
        except self._workers.died:
            self._bury(point)
        except self._workers.lost as error:
            words = f"whoever solves the points is gone: {type(error).__name__}"
            raise EngineError(words, ["what is finished is kept; run the same command again to go on"]) from error

    def _bury(self, point: Point) -> None:
        self._broken = True
        self._deaths[point.number] += 1
        if self._deaths[point.number] < MOST_DEATHS:
            self._suspects.append(point)
        else:
            self._keep(lost(point.number, f"the process that solved it died {MOST_DEATHS} times"))

    def _revive(self) -> None:
        if not self._broken:
            return
        self._starts += 1
        if self._starts >= MOST_STARTS and not self._works:
            raise EngineError("processes that solve points die before any point is finished")
        self._workers.revive()
        self._broken = False
