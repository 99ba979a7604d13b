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
from allocator.series.clock import HOUR
from allocator.studies.backtest import rules
from allocator.studies.backtest.controller import LONG_H, Operated, all_running, operate
from allocator.studies.backtest.forecast import NO_ERRORS, Errors, Outlook, errors, outlook
from allocator.studies.backtest.knowledge import WEEK_H, Known, known_at
from allocator.studies.backtest.orders import Kept, Orders
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.services import asked_at, expected_usd_per_mw_hour, offered_to, priced
from allocator.studies.backtest.site import Ahead, Site
from allocator.studies.backtest.store import CellPrices, Flows, operate_stored
from allocator.studies.backtest.store import joined as joined_flows
from allocator.studies.backtest.windows import Windows, at_hashprice
from allocator.week.interface import DayAhead, Opening, Prices, Spread, Structure, WeekOptions, WeekPlan

Decide = Callable[[Structure, Prices, Opening, WeekOptions], WeekPlan]
"""Decides the hours of a week."""
Told = Callable[[int], None]
"""Hears how many nights are done."""


@dataclass(frozen=True)
class Replayed:
    """What came of it, and of the same orders with the battery left alone (None: no battery is run); seconds that
    deciding each night took."""

    run: Run
    without: Run | None
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Replay:
    """A site whose nights are run again.

    Attributes:
        rule: as which it counts; `rules.NIGHTLY` and those that are told the prices that come.
        lag_h: with which machines follow prices. kept: the nights on disk.
        windows: what stands when a night decides.
    """

    site: Site
    windows: Windows
    decide: Decide
    lag_h: int
    rule: str
    kept: Kept

    @property
    def knows_prices(self) -> bool:
        """Whether the run is told what will come."""
        return self.rule == rules.TOLD

    @property
    def machines_lag_h(self) -> int:
        """None where they are told what will come."""
        return 0 if self.knows_prices else self.lag_h

    def run(self, told: Told) -> Replayed:
        """Every night in order."""
        machines, bought, seconds = _Operator(self), np.zeros(self.site.hours), list[float]()
        for k, (first, end) in enumerate(self.site.days):
            night = self.site.structure.utc[first]
            orders = self.kept.read(night) or self.kept.keep(night, self._orders(first, end, machines))
            machines.follow(first, end, orders)
            _take(bought, orders.bought_mw, orders, self.site)
            seconds.append(orders.seconds)
            told(k + 1)
        own = None if self.knows_prices else bought
        run, without = machines.runs(self.rule, own)
        return Replayed(run, without, tuple(seconds))

    def _orders(self, first: int, end: int, machines: _Operator) -> Orders:
        """What the run of one night orders."""
        began, site, hours = time.perf_counter(), self.site, end - first
        moment = site.structure.utc[first]
        known = known_at(site.market, moment)
        expected = outlook(known, WEEK_H)
        structure = self._offered(self._structure(first, len(expected.real_time)), known, moment)
        plan = self.decide(structure, *self._asked(structure, expected, first, machines))
        cells = None if plan.stored is None else CellPrices.of(plan.stored, hours)
        bought, offers = np.zeros(structure.hours), plan.offered_mw
        if not self.knows_prices:
            ahead = _open_until(known, moment + hours * HOUR, structure)
            bought = np.where(ahead, plan.day_ahead_mw, 0.0)
            offers = None if offers is None else np.where(ahead, offers, 0.0)
        lift = machines.lift(first, end, offers if self.knows_prices else None)
        strikes = plan.strike_on_usd_per_mwh[:, :hours] + lift, plan.strike_off_usd_per_mwh[:, :hours] + lift
        return Orders(*strikes, bought, moment, time.perf_counter() - began, cells, offers)

    def _structure(self, first: int, hours: int) -> Structure:
        """What stands in the week from an hour on, at the hashprice known then."""
        known = float(self.site.hashprice.known_usd_per_ph_day[first])
        found = self.windows.structure(self.site.structure.utc[first], hours)
        shares = {name: known / planned for name, planned in self.windows.planned_hashprice.items()}
        return found if np.isnan(known) else at_hashprice(found, self.windows.mined_usd_per_mwh, shares)

    def _offered(self, structure: Structure, known: Known, moment: np.datetime64) -> Structure:
        """With services at the prices expected; at those that come where the run is told them."""
        services = self.site.services
        if services is None:
            return structure
        published = (
            np.ones(len(known.market.utc), dtype=bool) if self.knows_prices else known.market.published <= moment
        )
        price = expected_usd_per_mw_hour(services.price_usd_per_mw_hour, known, published, structure.hours)
        at = priced if self.knows_prices else asked_at
        return offered_to(structure, at(services.terms, price, services.minimum_usd_per_mw_hour))

    def _asked(
        self, structure: Structure, expected: Outlook, first: int, machines: _Operator
    ) -> tuple[Prices, Opening, WeekOptions]:
        hours = structure.hours
        price, ahead, spread = expected.real_time[:hours], expected.day_ahead[:hours], _spread(expected, hours)
        if self.knows_prices:
            at = slice(self.site.first + first, self.site.first + first + hours)
            came = self.site.market.real_time[at]
            price, ahead, spread = np.where(np.isnan(came), price, came), np.full(hours, np.nan), Spread()
        bought = DayAhead(most_share=float(expected.ahead_pays))
        options = WeekOptions(spread=spread, day_ahead=bought, lag_h=self.machines_lag_h)
        return Prices(structure.utc, price, ahead), machines.opening(), options


class _Operator:
    """Machines, and the battery where there is one, that follow the orders of every night; beside it the same machines
    with the battery left alone."""

    def __init__(self, replay: Replay) -> None:
        site, self.around = replay.site, replay.site.around
        self.site, self.seen = site, rules.price_seen(site, replay.machines_lag_h)
        self.state = self.alone = all_running(site.machines)
        self.loads = np.where(self.state.on, site.full[0][:, 0], 0.0)
        self.stored = 0.0 if self.around is None else self.around.battery.opening_mwh
        self.did, self.did_alone, self.flows = list[Operated](), list[Operated](), list[Flows]()
        self.offered = np.zeros(site.usual_mw.shape)
        self.told = replay.knows_prices
        if not self.told:  # of the first day somebody has offered before the first night
            self.offered[:, slice(*site.days[0])] = site.usual_mw[:, slice(*site.days[0])]

    @property
    def awarded(self) -> Floats | None:
        """By services, (K, T); None without any."""
        return None if self.site.services is None else self.site.services.awarded_mw(self.offered)

    def lift(self, first: int, end: int, offered_mw: Floats | None) -> Floats:
        """What awards of some hours raise strike prices by, (J, h): of what was offered before, or of some offers."""
        services, hours = self.site.services, slice(first, end)
        offered = self.offered[:, hours] if offered_mw is None else offered_mw[:, : end - first]
        return self.site.lift_at(offered if services is None else services.awarded_mw(offered, hours), hours)

    def opening(self) -> Opening:
        """As the week takes it."""
        stood = np.where(self.state.on[self.site.machines.first], 0, self.state.for_h)
        off_h = np.minimum(stood, LONG_H).astype(float)
        return Opening(self.loads, off_h, battery_mwh=None if self.around is None else self.stored)

    def follow(self, first: int, end: int, orders: Orders) -> None:
        """The hours until the next night."""
        if orders.offered_mw is not None:
            ordered = orders.offered_mw
            _take(self.offered, ordered[:, : end - first] if self.told else ordered, orders, self.site)
        price, machines = self.seen[first:end], self.site.machines
        strikes = orders.run_below, orders.stop_above
        alone = operate(price, *strikes, machines, self.alone)
        self.did_alone.append(alone)
        self.alone = alone.end
        if self.around is None or orders.cells is None:
            self.did.append(operate(price, *strikes, machines, self.state))
        else:
            around = self.around.hours(first, end)
            done = operate_stored(price, strikes, orders.cells, around, machines, self.state, self.stored)
            self.did.append(done[0])
            self.flows.append(done[1])
            self.stored = float(done[1].stored[-1])
        self.state = self.did[-1].end
        self.loads = np.where(self.did[-1].on[:, -1], self.site.full[0][:, end - 1], 0.0)

    def runs(self, rule: str, bought: Floats | None) -> tuple[Run, Run | None]:
        """With the battery, and without it."""
        whole, alone, ahead = joined(self.did), joined(self.did_alone), Ahead(bought, self.awarded)
        if not self.flows:
            return Run(rule, whole, self.site.run(whole, ahead)), None
        with_battery = Run(rule, whole, self.site.run_stored(whole, joined_flows(self.flows), ahead))
        return with_battery, Run(rules.WITHOUT_BATTERY[rule], alone, self.site.run(alone, ahead))


def forecast_errors(site: Site) -> Errors:
    """Of what every night expected of the real-time price in the week to come."""
    found, real = NO_ERRORS, site.market.real_time
    for first, _ in site.days:
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


def _spread(expected: Outlook, hours: int) -> Spread:
    return Spread(expected.sd_usd_per_mwh, expected.persistence, expected.noise_usd_per_mwh, expected.scale[:hours])


def _open_until(known: Known, next_night: np.datetime64, structure: Structure) -> Bools:
    """Steps of a structure whose bids close between this night and the next, (T,)."""
    at = slice(known.now, known.now + structure.hours)
    return known.open[at] & (known.market.closes[at] <= next_night)


def _take(whole: Floats, ordered: Floats, orders: Orders, site: Site) -> None:
    """Add what a night ordered of the hours of a backtest, hours last in both."""
    first = int((orders.bought_from - site.structure.utc[0]) // HOUR)
    count = min(ordered.shape[-1], whole.shape[-1] - first)
    whole[..., first : first + count] += ordered[..., :count]
