"""Each fleet by itself, by dynamic programming: exact where no limit couples fleets and nothing couples hours.

Before a step a machine is on, for 1 .. L steps (L and more are one state), or off, for 1 .. D steps. From

    V_on(t, a)  = max( g[t] + V_on(t+1, a+1) where machines are available,  V_off(t+1, 1) where a = L )
    V_off(t, b) = max( V_off(t+1, b+1),  g[t] - c[t] + V_on(t+1, 1) where b = D and machines are available )

with g[t] what running earns in the step and c[t] what a start costs, all symbols as in `restarts`, the best way to
switch follows step by step. A fleet of which some machines run when the window opens is two, of its two shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.week.restarts import FleetSteps


@dataclass(frozen=True)
class Game:
    """One whole fleet: what a step earns and what a start in it costs, USD, (T,) each, and where it may run at all."""

    gain_usd: Floats
    start_usd: Floats
    may_run: Bools
    least_run: int
    least_off: int


def best_way(game: Game, ran: int, stood: int) -> tuple[Floats, Floats]:
    """Shares on and started, 0 or 1, (T,) each, of a fleet that ran for `ran` steps before, or 0 and stood `stood`."""
    return _path(game, _values(game), min(ran, game.least_run), min(stood, game.least_off))


def switch_each(fleets: FleetSteps, margin_usd_per_mwh: Floats) -> tuple[Floats, Floats]:
    """Shares on and started of every fleet, (F, T) each; margin of all tiers, earnings less power, (all tiers, T)."""
    on, started = np.zeros((len(fleets.first), fleets.hours)), np.zeros((len(fleets.first), fleets.hours))
    for f in range(len(fleets.first)):
        game = _game(fleets, f, margin_usd_per_mwh)
        for share, path in _openings(fleets, f, game):
            on[f] += share * path[0]
            started[f] += share * path[1]
    return on, started


def _game(fleets: FleetSteps, f: int, margin_usd_per_mwh: Floats) -> Game:
    """Later power-mode steps run where they earn, once machines are back."""
    earned = fleets.step_h * margin_usd_per_mwh * fleets.capacity_mw
    own = fleets.later[fleets.later_fleet == f]
    later = np.maximum(earned[own], 0.0).sum(axis=0)
    start = fleets.start_usd[f].copy()
    for k, away in enumerate(fleets.away_share[f]):
        start[: fleets.hours - k] += away * later[k:]
    may_run = fleets.capacity_mw[fleets.first[f]] > 0.0
    return Game(earned[fleets.first[f]] + later, start, may_run, int(fleets.least_run[f]), int(fleets.least_off[f]))


def _openings(fleets: FleetSteps, f: int, game: Game) -> list[tuple[float, tuple[Floats, Floats]]]:
    """Shares of the fleet by how they stand when the window opens, each with its best way."""
    value = _values(game)
    runs = float(fleets.opening_share[f])
    stands = game.least_off - int(fleets.held_off[f])
    if np.isnan(runs):
        best = game.least_run if value.on[0, game.least_run] >= value.off[0, game.least_off] else 0
        return [(1.0, _path(game, value, best, game.least_off))]
    ways = [(runs, _path(game, value, game.least_run, 0)), (1.0 - runs, _path(game, value, 0, stands))]
    return [(share, way) for share, way in ways if share > 0.0]


@dataclass(frozen=True)
class _Values:
    """What is still to be earned before each step, by steps on or off so far: (T + 1, L + 1) and (T + 1, D + 1)."""

    on: Floats
    off: Floats


def _values(game: Game) -> _Values:
    """Ages run from 1; column 0 stands for a machine that was never stopped long ago, as 1 does in `least_off`."""
    hours, run, off = len(game.gain_usd), game.least_run, game.least_off
    value = _Values(np.zeros((hours + 1, run + 1)), np.zeros((hours + 1, off + 1)))
    older = np.minimum(np.arange(run + 1) + 1, run)
    longer = np.minimum(np.arange(off + 1) + 1, off)
    for t in range(hours - 1, -1, -1):
        gain = game.gain_usd[t] if game.may_run[t] else -np.inf
        value.on[t] = gain + value.on[t + 1, older]
        value.on[t, run] = max(value.on[t, run], value.off[t + 1, 1])
        value.off[t] = value.off[t + 1, longer]
        value.off[t, off] = max(value.off[t, off], gain - game.start_usd[t] + value.on[t + 1, 1])
    return value


def _path(game: Game, value: _Values, ran: int, stood: int) -> tuple[Floats, Floats]:
    """Shares on and started, 0 or 1, (T,) each, of a machine that ran so long before the window, or stood so long."""
    hours = len(game.gain_usd)
    on, started = np.zeros(hours), np.zeros(hours)
    for t in range(hours):
        gain = game.gain_usd[t] if game.may_run[t] else -np.inf
        if ran:
            stays = gain + value.on[t + 1, min(ran + 1, game.least_run)]
            if ran >= game.least_run and value.off[t + 1, 1] > stays:
                ran, stood = 0, 1
            else:
                ran, on[t] = min(ran + 1, game.least_run), 1.0
            continue
        waits = value.off[t + 1, min(stood + 1, game.least_off)]
        if stood >= game.least_off and gain - game.start_usd[t] + value.on[t + 1, 1] > waits:
            ran, stood, on[t], started[t] = 1, 0, 1.0, 1.0
        else:
            stood = min(stood + 1, game.least_off)
    return on, started
