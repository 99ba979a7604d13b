"""What it takes to stop machines and start them again, by equipment model: of the week's hours, not of the months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.scenario.equipment import Equipment

MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True)
class Restarts:
    """Terms of K kinds of machines, (K,) each; all 0: machines follow the price of each hour.

    Attributes:
        restart_h: from the start until a machine earns; it draws its power meanwhile.
        least_off_h: least time that a stopped machine stays off. least_run_h: that a started one runs.
        restart_usd_per_mw: wear and labour of one start, USD per MW of IT load in the first power mode.
    """

    restart_h: Floats
    least_off_h: Floats
    least_run_h: Floats
    restart_usd_per_mw: Floats

    @property
    def any(self) -> bool:
        """Whether some kind has a term."""
        return bool(sum(term.sum() for term in vars(self).values()) > 0.0)

    def of(self, kinds: Ints) -> Restarts:
        """Terms of some of the kinds, positions, repeated where named twice."""
        return Restarts(*(term[kinds] for term in vars(self).values()))


def no_restarts(kinds: int) -> Restarts:
    """Machines that stop and start at will."""
    none = np.zeros(kinds)
    return Restarts(none, none, none, none)


def compile_restarts(equipment: Mapping[str, Equipment]) -> Restarts:
    """Terms of every model, in the order of the file."""
    entries = list(equipment.values())
    return Restarts(
        restart_h=np.array([entry.restart_minutes for entry in entries]) / MINUTES_PER_HOUR,
        least_off_h=np.array([entry.least_off_hours for entry in entries]),
        least_run_h=np.array([entry.least_run_hours for entry in entries]),
        restart_usd_per_mw=np.array([entry.restart_usd_per_mw for entry in entries]),
    )


def restart_remarks(equipment: Mapping[str, Equipment]) -> list[str]:
    """What a reader of a plan must know where machines cannot follow the price of every hour."""
    slow = [name for name, entry in equipment.items() if _stated(entry)]
    words = "hours are planned as if these machines stopped and started at will, so what they earn is an upper bound"
    return [f"equipment {', '.join(slow)}: {words}; the schedule of a night counts restarts"] if slow else []


def _stated(entry: Equipment) -> bool:
    return bool(entry.restart_minutes or entry.least_off_hours or entry.least_run_hours or entry.restart_usd_per_mw)
