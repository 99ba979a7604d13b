"""How an operator runs machines by strike prices in real time.

A fleet that runs goes on as long as the price it sees is at most the `stop_above` of its first power mode, and stops
above; one that stands starts when the price is at most that tier's `run_below`. Once started it runs for its least run
time, once stopped it stands for its least off time. It draws the power of its first mode from the start on and earns
once it is back. Higher modes of a fleet go on and off by strike prices of their own, at once, as far as it is back.
With a lag of 0 the price seen is that of the hour itself (prices of five minutes are followed as they come); with a lag
of k it is the price of k hours before. Where it is missing everything goes on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.restarts import Restarts
from allocator.series.specs import Bools, Floats, Ints

LONG_H = 100_000
"""Hours run or stood by whoever is not bound any more."""


@dataclass(frozen=True)
class Machines:
    """Which tiers start and stop together, and on what terms; F fleets, J tiers.

    Attributes:
        fleet: of each tier, (J,). first: tier of the first power mode of each fleet, (F,). restarts: of each fleet.
    """

    fleet: Ints
    first: Ints
    restarts: Restarts

    @property
    def least_off(self) -> Ints:
        """Whole hours, (F,)."""
        return np.ceil(self.restarts.least_off_h).astype(np.int64)

    @property
    def least_run(self) -> Ints:
        """Whole hours, (F,)."""
        return np.ceil(np.maximum(self.restarts.least_run_h, self.restarts.restart_h)).astype(np.int64)

    def lost_share(self, run_h: Ints) -> Floats:
        """Share of the hour that passes before a fleet earns, `run_h` hours after its start, (F,) or (F, T)."""
        restart_h = self.restarts.restart_h if run_h.ndim == 1 else self.restarts.restart_h[:, None]
        return np.asarray(np.clip(restart_h - run_h, 0.0, 1.0))


@dataclass(frozen=True)
class State:
    """How machines stand before an hour.

    Attributes:
        on: of each tier, (J,). for_h: hours since the last change of each fleet, (F,).
    """

    on: Bools
    for_h: Ints


def all_running(machines: Machines) -> State:
    """Every machine runs, and has done so for long."""
    return State(np.ones(len(machines.fleet), dtype=bool), np.full(len(machines.first), LONG_H))


@dataclass(frozen=True)
class Operated:
    """What machines did over T hours.

    Attributes:
        on: of each tier, (J, T). started: fleet started in the hour, (F, T). run_h: hours since the start of each
            fleet, 0 in the hour it starts in and while it stands, (F, T). end: how they stand afterwards.
    """

    on: Bools
    started: Bools
    run_h: Ints
    end: State


def seen(price: Floats, lag_h: int, first: int, hours: int) -> Floats:
    """What an operator sees in `hours` hours from position `first` of a price (T,) on; NaN before the price begins."""
    at = np.arange(first, first + hours) - lag_h
    return np.where(at >= 0, price[np.maximum(at, 0)], np.nan)


def operate(price: Floats, run_below: Floats, stop_above: Floats, machines: Machines, start: State) -> Operated:
    """Follow strike prices (J, T) under a price as seen (T,)."""
    goes_on, starts = np.isnan(price) | (price <= stop_above), price <= run_below
    first, least_off, least_run = machines.first, machines.least_off, machines.least_run
    fleets, now, for_h = np.empty((len(first), len(price)), dtype=bool), start.on[first], start.for_h
    ran = np.empty(fleets.shape, dtype=np.int64)
    for t in range(len(price)):
        keeps = goes_on[first, t] | (for_h < least_run)
        may_start = starts[first, t] & (for_h >= least_off)
        after = np.where(now, keeps, may_start)
        for_h = np.where(after == now, for_h + 1, 1)
        now = after
        fleets[:, t], ran[:, t] = now, np.where(now, for_h - 1, 0)
    on = _with_higher(goes_on, starts, fleets, machines, start)
    return operated(fleets, ran, on, start, State(on[:, -1] if len(price) else start.on, for_h), machines)


def operated(fleets: Bools, ran: Ints, on: Bools, start: State, end: State, machines: Machines) -> Operated:
    """From hours run of each fleet (F, T) and tier (J, T)."""
    before = np.concatenate([start.on[machines.first][:, None], fleets[:, :-1]], axis=1)
    return Operated(on, fleets & ~before, ran, end)


def _with_higher(goes_on: Bools, starts: Bools, fleets: Bools, machines: Machines, start: State) -> Bools:
    """Hours of every tier; higher modes wherever their fleet runs and their own strike prices say so."""
    on = fleets[machines.fleet]
    higher = np.setdiff1d(np.arange(len(machines.fleet)), machines.first)
    now = start.on[higher]
    for t in range(on.shape[1]) if len(higher) else ():
        now = on[higher, t] & np.where(now, goes_on[higher, t], starts[higher, t])
        on[higher, t] = now
    return on
