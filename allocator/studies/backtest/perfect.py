"""The best a fleet can do knowing every price, under what a start costs, least run and least off times: exact.

It is the dynamic program of a week (`allocator/week/fleets.py`) over all hours of a backtest. A started fleet may not
stop before it is back, so what it does not earn until then counts as a cost of its start: for clip(restart_h - k, 0, 1)
of the k-th hour from there it draws the power of its first mode and earns nothing, and higher modes stand. Higher modes
run where they gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.series.specs import Bools, Floats, Ints
from allocator.studies.backtest.controller import Machines, Operated, State, operated
from allocator.week.fleets import Game, best_way


@dataclass(frozen=True)
class FleetHours:
    """A fleet over T hours; its tiers in order of their power modes.

    Attributes:
        earns_usd, costs_usd: of every tier at full load, (tiers, T). start_usd: what a start costs, (T,).
        restart_h: without earnings after a start. least_run, least_off: whole hours.
    """

    earns_usd: Floats
    costs_usd: Floats
    start_usd: Floats
    restart_h: float
    least_run: int
    least_off: int

    @property
    def gains_usd(self) -> Floats:
        """What each tier gains over standing once it is back, (tiers, T)."""
        return self.earns_usd - self.costs_usd

    def game(self, ran: int) -> Game:
        """The fleet as the dynamic program sees it, running for `ran` hours already; 0: it stands."""
        later = np.maximum(self.gains_usd[1:], 0.0).sum(axis=0)
        gain, lost = self.gains_usd[0] + later, self.earns_usd[0] + later
        start, hours = self.start_usd.copy(), len(gain)
        for k in range(int(np.ceil(self.restart_h))):
            start[: hours - k] += min(self.restart_h - k, 1.0) * lost[k:]
        back_h = int(np.ceil(self.restart_h)) - ran if ran else 0
        for t in range(min(back_h, hours)):
            gain[t] -= min(self.restart_h - ran - t, 1.0) * lost[t]
        return Game(gain, start, np.ones(hours, dtype=bool), max(1, self.least_run), max(1, self.least_off))


@dataclass(frozen=True)
class Best:
    """Most a fleet gains over standing, USD; hours it runs, (T,); hours since its start, (T,)."""

    usd: float
    on: Bools
    run_h: Ints


def best_run(fleet: FleetHours, on: bool, for_h: int) -> Best:
    """The best hours of a fleet that has run, or stood, for `for_h` hours before the first."""
    game = fleet.game(for_h if on else 0)
    runs, started = best_way(game, for_h if on else 0, 0 if on else for_h)
    usd = float(runs @ game.gain_usd - started @ game.start_usd)
    return Best(usd, runs > 0.0, _since_start(runs > 0.0, started > 0.0, for_h))


def _since_start(on: Bools, started: Bools, for_h: int) -> Ints:
    """Hours since the start, (T,), 0 where it stands; whoever runs from before has run for `for_h` hours."""
    at = np.arange(len(on))
    last = np.maximum.accumulate(np.where(started, at, -for_h))
    return np.where(on, at - last, 0)


def best_hours(fleets: list[FleetHours], machines: Machines, start: State) -> tuple[float, Operated]:
    """Every fleet for itself: most they gain, and what they do."""
    found = [
        best_run(fleet, bool(start.on[first]), int(for_h))
        for fleet, first, for_h in zip(fleets, machines.first, start.for_h, strict=True)
    ]
    runs, ran = np.stack([one.on for one in found]), np.stack([one.run_h for one in found])
    on = runs[machines.fleet]
    for f, fleet in enumerate(fleets):
        on[np.flatnonzero(machines.fleet == f)[1:]] &= fleet.gains_usd[1:] > 0.0
    end = State(on[:, -1], start.for_h)
    return float(sum(one.usd for one in found)), operated(runs, ran, on, start, end, machines)
