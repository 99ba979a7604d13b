"""Hands items to workers, keeps what comes back, and finds out which item it is that kills them.

When workers die, every item that was being worked on is suspect. Suspects are done again one at a time, with nothing
beside them, so that another death tells which item it was; one that dies MOST_DEATHS times is given up.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Generic, Protocol, TypeVar

from allocator.work.errors import WorkersLostError
from allocator.work.executors import Workers

MOST_DEATHS = 3
"""The first may be another item's fault, the ones after it are its own."""
MOST_STARTS = 5
"""Workers that die as often before any item is finished cannot work at all."""
WAIT_S = 5.0
"""How long to wait for an item before progress is told again."""


class Numbered(Protocol):
    """An item; its number is its own."""

    @property
    def number(self) -> int: ...


Item = TypeVar("Item", bound=Numbered)
Keep = Callable[[Any], None]


class Schedule(Generic[Item]):
    """Items still to be done, and those in work.

    `keep` takes what a worker makes of an item, `bury` an item that was given up.
    """

    def __init__(self, workers: Workers, items: Iterable[Item], keep: Keep, bury: Callable[[Item], None]) -> None:
        self._workers, self._keep, self._bury = workers, keep, bury
        self._waiting, self._suspects = deque(items), deque[Item]()
        self._flying: dict[Future[Any], Item] = {}
        self._deaths = Counter[int]()
        self._broken, self._starts, self._works = False, 0, False

    def run(self, tell: Callable[[], None] = lambda: None) -> None:
        """Do everything; `tell` is called whenever something may have happened.

        Raises:
            WorkersLostError: workers cannot be started, or all of them are gone for good.
        """
        while self._waiting or self._suspects or self._flying:
            self._hand_out()
            done, _ = wait(self._flying, timeout=WAIT_S, return_when=FIRST_COMPLETED)
            for future in done:
                self._take(self._flying.pop(future), future)
            tell()

    def _submitted(self, item: Item) -> Future[Any]:
        return self._workers.submit(item)

    def _room(self) -> int:
        """How many items may be in work at once."""
        return self._workers.width()

    def _hand_out(self) -> None:
        if self._suspects or self._broken:
            if not self._flying:
                self._revive()
                self._submit(self._suspects or self._waiting)
            return
        while self._waiting and not self._broken and len(self._flying) < self._room():
            self._submit(self._waiting)

    def _submit(self, queue: deque[Item]) -> None:
        try:
            self._flying[self._submitted(queue[0])] = queue[0]
            queue.popleft()
        except self._workers.died:
            self._broken = True

    def _take(self, item: Item, future: Future[Any]) -> None:
        try:
            self._keep(future.result())
            self._works = True
        except self._workers.died:
            self._count_death(item)
        except self._workers.lost as error:
            raise WorkersLostError(f"whoever did the work is gone: {type(error).__name__}") from error

    def _count_death(self, item: Item) -> None:
        self._broken = True
        self._deaths[item.number] += 1
        if self._deaths[item.number] < MOST_DEATHS:
            self._suspects.append(item)
        else:
            self._bury(item)

    def _revive(self) -> None:
        if not self._broken:
            return
        self._starts += 1
        if self._starts >= MOST_STARTS and not self._works:
            raise WorkersLostError("workers die before anything is finished")
        self._workers.revive()
        self._broken = False


class AtHome(Schedule[Item]):
    """Everything is handed out at once; items of the same number go to the same worker, run after run."""

    def _submitted(self, item: Item) -> Future[Any]:
        return self._workers.submit(item, home=item.number)

    def _room(self) -> int:
        return len(self._flying) + 1
