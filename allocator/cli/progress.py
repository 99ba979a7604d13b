"""What is shown while a solve runs, on the error stream."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import click

from allocator.cli.text import money, percent
from allocator.pipeline.progress import Event, PhaseStarted

WORDS = {
    "compile": "reading and compiling",
    "build": "building the model",
    "solve": "solving",
    "settle": "dispatching every hour at the decisions taken",
    "price": "pricing limits",
    "full_hours": "measuring the error of thinned hours",
    "extract": "deriving tables",
    "write": "writing",
    "verify": "verifying every rule and every dollar",
}
GROWTH = 0.05
"""Between two lines passes at least this share of the time solved so far, so that long solves stay readable."""


@dataclass
class ProgressLines:
    """Prints phases as they begin and the state of the solve at most every `every_s` seconds.

    A terminal sees the state often, a log file rarely.
    """

    every_s: float = 1.0 if sys.stderr.isatty() else 10.0
    _last: float = 0.0

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, PhaseStarted):
            click.echo(f"{WORDS[event.phase]} ...", err=True)
            return
        now = time.monotonic()
        if now - self._last < max(self.every_s, GROWTH * event.seconds):
            return
        self._last = now
        best = "none yet" if event.incumbent_usd is None else money(event.incumbent_usd)
        bound = "unknown" if event.bound_usd is None else money(event.bound_usd)
        gap = "unknown" if event.incumbent_usd is None else percent(event.gap)
        click.echo(f"  {event.seconds:6.1f} s  best {best}  at most {bound}  gap {gap}", err=True)
