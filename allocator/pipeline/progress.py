"""What a run tells while it runs, and how long each phase took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

PhaseName = Literal["compile", "build", "solve", "settle", "price", "full_hours", "extract", "write", "verify"]


@dataclass(frozen=True)
class PhaseStarted:
    """A phase begins."""

    phase: PhaseName


@dataclass(frozen=True)
class Solving:
    """State of the solve.

    Attributes:
        seconds: since the solve started. incumbent_usd: best plan so far, None for none.
        bound_usd: what no plan can beat, None while unknown. gap: relative, None while unknown.
    """

    seconds: float
    incumbent_usd: float | None
    bound_usd: float | None
    gap: float | None


Event = PhaseStarted | Solving
OnEvent = Callable[[Event], None]


def ignore(_: Event) -> None:
    """Listens to nothing."""


@dataclass
class Stopwatch:
    """Announces phases and adds up their seconds."""

    on_event: OnEvent = ignore
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: PhaseName) -> Iterator[None]:
        """Time the block as part of a phase."""
        self.on_event(PhaseStarted(name))
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
