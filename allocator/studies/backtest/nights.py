"""The nightly run replayed night by night: it sees what was known then, and machines do what it ordered.

A night begins at midnight of the market's clock. The run expects prices (`forecast`), takes machines as they stand and
the hashprice last known, decides the week, and hands over strike prices until the next night and what to buy of the
hours whose bids close before it. Weather is as it was: its forecasts are not replayed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.series.clock import HOUR, local_times
from allocator.studies.backtest import rules
from allocator.studies.backtest.controller import LONG_H, Operated, State, all_running, operate
from allocator.studies.backtest.forecast import NO_ERRORS, Errors, Outlook, errors, outlook
from allocator.studies.backtest.knowledge import WEEK_H, Known, known_at
from allocator.studies.backtest.orders import Kept, Orders
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.windows import Windows, at_hashprice
from allocator.week.interface import DayAhead, Opening, Prices, Spread, Structure, WeekOptions, WeekPlan

Decide = Callable[[Structure, Prices, Opening, WeekOptions], WeekPlan]
"""Decides the hours of a week."""
Told = Callable[[int], None]
"""Hears how many nights are done."""


@dataclass(frozen=True)
class Replayed:
    """What came of it; seconds that deciding each night took."""

    run: Run
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Replay:
    """A site whose nights are run again.

    Attributes:
        lag_h: with which machines follow prices. knows_prices: whether the run is told what will come.
        kept: the nights on disk.
    """

    site: Site
    windows: Windows
    decide: Decide
    lag_h: int
    knows_prices: bool
    kept: Kept

    def run(self, told: Told) -> Replayed:
        """Every night in order."""
        site, seen = self.site, rules.price_seen(self.site, self.lag_h)
        state, did, bought = all_running(site.machines), list[Operated](), np.zeros(site.hours)
        loads = np.where(state.on, site.full[0][:, 0], 0.0)
        starts, seconds = nights(site), list[float]()
        for k, (first, end) in enumerate(zip(starts, [*starts[1:], site.hours], strict=True)):
            night = site.structure.utc[first]
            orders = self.kept.read(night) or self.kept.keep(night, self._orders(first, end, state, loads))
            hours = seen[first:end] if not self.knows_prices else np.zeros(end - first)
            did.append(operate(hours, orders.run_below, orders.stop_above, site.machines, state))
            state = did[-1].end
            loads = np.where(did[-1].on[:, -1], site.full[0][:, end - 1], 0.0)
            _buy(bought, orders, site)
            seconds.append(orders.seconds)
            told(k + 1)
        whole = joined(did)
        rule = rules.TOLD if self.knows_prices else rules.NIGHTLY
        run = Run(rule, whole, site.run(whole, None if self.knows_prices else bought))
        return Replayed(run, tuple(seconds))

    def _orders(self, first: int, end: int, state: State, loads: Floats) -> Orders:
        """What the run of one night orders."""
        began, site, hours = time.perf_counter(), self.site, end - first
        moment = site.structure.utc[first]
        known = known_at(site.market, moment)
        expected = outlook(known, WEEK_H)
        structure = self._structure(first, len(expected.real_time))
        plan = self.decide(structure, *self._asked(structure, expected, first, state, loads))
        if self.knows_prices:
            on = plan.load_mw[:, :hours] > 0.5 * structure.capacity_mw[:, :hours]
            below = np.where(on, np.inf, -np.inf)
            return Orders(below, below, np.zeros(0), moment, time.perf_counter() - began)
        ahead = _open_until(known, moment + hours * HOUR, structure)
        bought = np.where(ahead, plan.day_ahead_mw, 0.0)
        strikes = plan.strike_on_usd_per_mwh[:, :hours], plan.strike_off_usd_per_mwh[:, :hours]
        return Orders(*strikes, bought, moment, time.perf_counter() - began)

    def _structure(self, first: int, hours: int) -> Structure:
        """What stands in the week from an hour on, at the hashprice known then."""
        known = float(self.site.hashprice.known_usd_per_ph_day[first])
        found = self.windows.structure(self.site.structure.utc[first], hours)
        shares = {name: known / planned for name, planned in self.windows.planned_hashprice.items()}
        return found if np.isnan(known) else at_hashprice(found, self.windows.mined_usd_per_mwh, shares)

    def _asked(
        self, structure: Structure, expected: Outlook, first: int, state: State, loads: Floats
    ) -> tuple[Prices, Opening, WeekOptions]:
        hours, machines = structure.hours, self.site.machines
        price, ahead, spread = expected.real_time[:hours], expected.day_ahead[:hours], _spread(expected)
        if self.knows_prices:
            at = slice(self.site.first + first, self.site.first + first + hours)
            came = self.site.market.real_time[at]
            price, ahead, spread = np.where(np.isnan(came), price, came), np.full(hours, np.nan), Spread()
        stood = np.where(state.on[machines.first], 0, state.for_h)
        opening = Opening(running_mw=loads, off_h=np.minimum(stood, LONG_H).astype(float))
        bought = DayAhead(most_share=float(expected.ahead_pays))
        return Prices(structure.utc, price, ahead), opening, WeekOptions(spread=spread, day_ahead=bought)


def nights(site: Site) -> list[int]:
    """Positions of the hours in which a night begins: the first one, and each that a day of the market's clock does."""
    local, _ = local_times(site.structure.utc, site.market.zone)
    day = local.astype("datetime64[D]")
    return np.flatnonzero(np.append(True, day[1:] != day[:-1])).tolist()


def forecast_errors(site: Site) -> Errors:
    """Of what every night expected of the real-time price in the week to come."""
    found, real = NO_ERRORS, site.market.real_time
    for first in nights(site):
        known = known_at(site.market, site.structure.utc[first])
        expected = outlook(known, WEEK_H).real_time
        found = found.plus(errors(expected, real[known.now : known.now + len(expected)]))
    return found


def joined(parts: list[Operated]) -> Operated:
    """One after the other."""
    on, started, run_h = (
        np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("on", "started", "run_h")
    )
    return Operated(on, started, run_h, parts[-1].end)


def _spread(expected: Outlook) -> Spread:
    return Spread(expected.sd_usd_per_mwh, expected.persistence)


def _open_until(known: Known, next_night: np.datetime64, structure: Structure) -> Bools:
    """Steps of a structure whose bids close between this night and the next, (T,)."""
    at = slice(known.now, known.now + structure.hours)
    return known.open[at] & (known.market.closes[at] <= next_night)


def _buy(bought: Floats, orders: Orders, site: Site) -> None:
    first = int((orders.bought_from - site.structure.utc[0]) // HOUR)
    count = min(len(orders.bought_mw), len(bought) - first)
    bought[first : first + count] += orders.bought_mw[:count]
