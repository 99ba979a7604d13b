"""The best a fleet can do knowing every price, under what a start costs, least run and least off times: exact.

Dynamic programming over hours, backwards. Before an hour a fleet has run for a = 1 .. K hours (K: at least that long)
or stood for k = 1 .. m hours (m: at least that long):

    V(run a, t)   = max( G(a, t) + V(run min(a+1, K), t+1),  a >= least run:  V(stand 1, t+1) )
    V(stand k, t) = max( V(stand min(k+1, m), t+1),  k >= least off:  G(0, t) - S(t) + V(run 1, t+1) )

G(a, t) is what an hour gains over standing, a hours after the start: for clip(restart_h - a, 0, 1) of it machines come
back, which draws the power of the first mode and earns nothing; higher modes run, of those that are back, where they
gain. S(t) is what a start costs. K = max(1, least run, restart_h) and m = max(1, least off), in whole hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.series.specs import Bools, Floats, Ints
from allocator.studies.backtest.controller import Machines, Operated, State, operated


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
    def ages(self) -> int:
        """K."""
        return max(1, self.least_run, int(np.ceil(self.restart_h)))

    def by_tier(self, age: int) -> Floats:
        """What each tier gains `age` hours after the start, (tiers, T)."""
        lost = float(np.clip(self.restart_h - age, 0.0, 1.0))
        gained = (1.0 - lost) * (self.earns_usd - self.costs_usd)
        gained[0] -= lost * self.costs_usd[0]
        return gained

    def gain(self, age: int) -> Floats:
        """G(age, t), (T,)."""
        own = self.by_tier(age)
        return np.asarray(own[0] + np.maximum(own[1:], 0.0).sum(axis=0))


@dataclass(frozen=True)
class Best:
    """Most a fleet gains over standing, USD; hours it runs, (T,); hours since its start, (T,)."""

    usd: float
    on: Bools
    run_h: Ints


def best_run(fleet: FleetHours, on: bool, for_h: int) -> Best:
    """The best hours of a fleet that has run, or stood, for `for_h` hours before the first."""
    gains = np.stack([fleet.gain(age) for age in range(fleet.ages + 1)])
    last, most = fleet.ages, max(1, fleet.least_off)
    run, stand = np.zeros(last + 1), np.zeros(most + 1)
    hours = gains.shape[1]
    goes_on, starts = np.zeros((hours, last + 1), dtype=bool), np.zeros(hours, dtype=bool)
    older = np.minimum(np.arange(last + 1) + 1, last)
    longer = np.minimum(np.arange(most + 1) + 1, most)
    bound = np.arange(last + 1) < fleet.least_run
    for t in range(hours - 1, -1, -1):
        go, idle = gains[:, t] + run[older], stand[longer]
        begin = go[0] - fleet.start_usd[t]
        goes_on[t] = bound | (go >= stand[1])
        starts[t] = begin > idle[most]
        run = np.where(goes_on[t], go, stand[1])
        stand = idle
        stand[most] = max(begin, idle[most])
    worth = run[min(for_h, last)] if on else stand[min(max(for_h, 1), most)]
    return Best(float(worth), *_followed(goes_on, starts, most, on, for_h))


def _followed(goes_on: Bools, starts: Bools, most: int, on: bool, for_h: int) -> tuple[Bools, Ints]:
    """The hours run, and hours since the start, when every choice is taken as it was found best."""
    runs, ran, last = np.zeros(len(starts), dtype=bool), np.zeros(len(starts), dtype=np.int64), goes_on.shape[1] - 1
    for t in range(len(starts)):
        after = bool(goes_on[t, min(for_h, last)]) if on else bool(starts[t] and for_h >= most)
        for_h = for_h + 1 if after == on else 1
        on = after
        runs[t], ran[t] = on, for_h - 1 if on else 0
    return runs, ran


def best_hours(fleets: list[FleetHours], machines: Machines, start: State) -> tuple[float, Operated]:
    """Every fleet for itself: most they gain, and what they do."""
    found = [
        best_run(fleet, bool(start.on[first]), int(for_h))
        for fleet, first, for_h in zip(fleets, machines.first, start.for_h, strict=True)
    ]
    runs, ran = np.stack([one.on for one in found]), np.stack([one.run_h for one in found])
    on = runs[machines.fleet]
    for f, fleet in enumerate(fleets):
        ages = np.minimum(ran[f], fleet.ages)
        by_age = np.stack([fleet.by_tier(age) for age in range(fleet.ages + 1)])
        own = np.flatnonzero(machines.fleet == f)[1:]
        on[own] &= by_age[ages, 1:, np.arange(len(ages))].T > 0.0
    end = State(on[:, -1], start.for_h)
    return float(sum(one.usd for one in found)), operated(runs, ran, on, start, end, machines)
