"""A point of a sweep, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Figure = float | int | str | None

WITHIN_GAP, GAP_NOT_REACHED = "within_gap", "gap_not_reached"


@dataclass(frozen=True)
class Point:
    """One point: its number in the design and the value of each input; nan where it stays as the scenario states it."""

    number: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Finished:
    """What became of a point.

    Attributes:
        number: of the point. status: WITHIN_GAP, GAP_NOT_REACHED, or the name of the failure. message: why it failed.
        figures: by column, see figures.py; {} without a plan.
        seconds: wall time by phase of the solve, and of the whole point as "whole"; cpu_s: of this process meanwhile.
    """

    number: int
    status: str
    message: str
    figures: Mapping[str, Figure]
    seconds: Mapping[str, float] = field(default_factory=dict)
    cpu_s: float = 0.0

    @property
    def has_plan(self) -> bool:
        return self.status in (WITHIN_GAP, GAP_NOT_REACHED)


def lost(number: int, message: str) -> Finished:
    """A point whose worker died each time."""
    return Finished(number, "failed", message, {})
