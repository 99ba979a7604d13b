"""Who dispatches the hours of one solve on one machine."""

from __future__ import annotations

from contextlib import AbstractContextManager

from allocator.decomposition.site_hours import SiteHours
from allocator.work.executors import Staff, Work, Workers, processes, threads

THREADS_SERVE = 2
"""Workers up to which threads are as quick: half of a linear program of hours holds the interpreter lock."""
ENOUGH_LINEAR = 64
"""Linear site-nodes from which processes repay their start, which costs as much as some fifty solves each."""


def suited(count: int) -> Staff:
    """Threads where the hours go in merit order, whose compiled loops hold no lock; processes for many linear programs.

    A program that asks for it must be one that may be imported again: processes are spawned.
    """

    def staff(work: Work) -> AbstractContextManager[Workers]:
        return _chosen(work, count)(work)

    return staff


def _chosen(work: Work, count: int) -> Staff:
    if count > THREADS_SERVE and isinstance(work, SiteHours) and int(work.linear.sum()) >= ENOUGH_LINEAR:
        return processes(count)
    return threads(count)
