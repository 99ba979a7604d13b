"""Restarts of a week: what is on draws, what was started stays, what was stopped stays off, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.week.check.told import Broken, Told, exceeded

ENOUGH_H = 1e-9


def slow_fleets(told: Told) -> Bools:
    """Fleets with a term and a machine in the window, (F,)."""
    terms = told.structure.restarts
    slow = terms.restart_h + terms.least_off_h + terms.least_run_h + terms.restart_usd_per_mw > 0.0
    return np.asarray(slow & (told.available_mw[told.structure.first_tier].max(axis=1, initial=0.0) > 0.0))


def switching(told: Told) -> Iterator[Broken]:
    """Every rule of restarts, fleet by fleet."""
    for f in np.flatnonzero(slow_fleets(told)).tolist():
        yield from _fleet(told, f)


def away_share(told: Told, f: int) -> Floats:
    """Share of each step that has not passed its restart yet, of all machines of the fleet, (T,)."""
    structure = told.structure
    started = told.started_share[structure.first_tier[f]]
    left_h, away, k = float(structure.restarts.restart_h[f]), np.zeros(structure.hours), 0
    while left_h > ENOUGH_H and k < structure.hours:
        share = min(left_h, structure.step_h) / structure.step_h
        away[k:] += share * started[: structure.hours - k]
        left_h, k = left_h - structure.step_h, k + 1
    return away


def _fleet(told: Told, f: int) -> Iterator[Broken]:
    structure, first = told.structure, int(told.structure.first_tier[f])
    on, started, utc = told.on_share[first], told.started_share[first], structure.utc
    tier = structure.tiers[first]
    name = [f"{tier.hall}/{tier.fit_out} {tier.model}"]
    shares = np.stack([on, -on, started, -started])
    yield from exceeded("RESTART.shares", shares, np.array([[1.0], [0.0]] * 2), "share", name * 4, utc)
    own = np.flatnonzero(structure.fleet == f)
    same = np.abs(np.concatenate([told.on_share[own] - on, told.started_share[own] - started]))
    yield from exceeded("RESTART.shares", same, 0.0, "share", name * len(same), utc)
    drawn = np.abs(told.load_mw[first] - told.available_mw[first] * on)
    yield from exceeded("RESTART.first", drawn[None], 0.0, "MW", name, utc)
    back = on - away_share(told, f)
    for j in own[own != first].tolist():
        yield from exceeded("RESTART.later", told.load_mw[j][None], told.available_mw[j] * back, "MW", name, utc)
    yield from _times(told, f, on, started, name)


def _times(told: Told, f: int, on: Floats, started: Floats, name: list[str]) -> Iterator[Broken]:
    """Going back from each step: what had to be started, what has to be on, what had to be off."""
    structure, terms = told.structure, told.structure.restarts
    first, utc, step_h = int(structure.first_tier[f]), structure.utc, structure.step_h
    running = told.opening.running_mw
    before = np.nan
    if running is not None:
        can = told.available_mw[first, 0]
        before = float(np.clip(running[first] / can, 0.0, 1.0)) if can > 0.0 else 0.0
    history = np.concatenate([[before], on])
    rise = np.nan_to_num(np.diff(history), nan=0.0)
    yield from exceeded("RESTART.start", rise[None], started, "share", name, utc)
    run = max(1, _steps(max(float(terms.least_run_h[f]), float(terms.restart_h[f])), step_h))
    off = max(1, _steps(float(terms.least_off_h[f]), step_h))
    recent = _recent(started, run)
    yield from exceeded("RESTART.least_run", recent[None], on, "share", name, utc)
    lately = _recent(started, off)
    was = np.array([history[t + 1 - off] if t + 1 >= off else np.nan for t in range(len(on))])
    room = np.where(np.isnan(was), np.inf, 1.0 - was)
    yield from exceeded("RESTART.least_off", lately[None], room, "share", name, utc)
    if running is not None and told.opening.off_h is not None:
        held = _steps(float(terms.least_off_h[f]) - float(told.opening.off_h[f]), step_h)
        yield from exceeded("RESTART.least_off", on[None, :held], before, "share", name, utc[:held])


def _steps(hours: float, step_h: float) -> int:
    return max(0, int(np.ceil(hours / step_h - ENOUGH_H)))


def _recent(started: Floats, steps: int) -> Floats:
    """Starts of each step and of those before it, so many in all."""
    total = np.concatenate([[0.0], np.cumsum(started)])
    end = np.arange(1, len(total))
    return np.asarray(total[end] - total[np.maximum(end - steps, 0)])


def starts_usd(told: Told) -> float:
    """What all starts cost, USD."""
    structure, total = told.structure, 0.0
    for f in np.flatnonzero(slow_fleets(told)).tolist():
        first = int(structure.first_tier[f])
        draws, started = told.available_mw[first], told.started_share[first]
        earns = structure.step_h * structure.value_usd_per_mwh[first] * draws
        total += float(structure.restarts.restart_usd_per_mw[f] * (started @ draws) + away_share(told, f) @ earns)
    return total
