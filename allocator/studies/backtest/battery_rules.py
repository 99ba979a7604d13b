"""Simple rules of running a battery beside machines that run up to what they earn.

Two prices: it takes below the one and gives above the other, whatever is stored. The best pair is found among
quantiles of past prices, what is given worth no more than the load that it feeds bears. By day ahead: every day it does
what is best at that day's day-ahead prices, what is left at its end worth their mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats
from allocator.studies.backtest.controller import all_running, seen
from allocator.studies.backtest.rules import BATTERY_AHEAD, Run, price_seen
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.store import Around, CellPrices, operate_stored
from allocator.week.interface import Spread
from allocator.week.stored import CELLS, FAR_USD_PER_MWH, Store, marginal_prices, store_of
from allocator.week.strike import Moves

TRIED = 24
"""Quantiles of the price tried for each of two prices."""
YEAR_H = 365 * 24


@dataclass(frozen=True)
class Market:
    """Hours of a battery: price as it came (NaN: none) and as seen, and what a MWh given at full power bears, (T,)."""

    price: Floats
    seen: Floats
    bears: Floats
    around: Around

    @property
    def room_mw(self) -> Floats:
        """At the meter beside everything that runs below what it bears, (T,)."""
        around = self.around
        runs = np.where(self.price <= self.bears, around.gross_mw.sum(axis=0), 0.0)
        return np.maximum(around.limit_mw - around.always_mw - runs, 0.0)


def of_site(site: Site, lag_h: int) -> Market:
    """The hours of a backtest."""
    assert site.around is not None
    return Market(site.real_time, price_seen(site, lag_h), _store(site).bears_at_full_power, site.around)


def of_year_before(site: Site, lag_h: int) -> Market:
    """The year before, with machines, hashprice and weather of the first hour."""
    assert site.around is not None
    first = max(0, site.first - YEAR_H)
    count, adder = site.first - first, float(site.adder_usd_per_mwh[0])
    price = site.market.real_time[first : site.first] + adder
    as_seen = seen(site.market.real_time, lag_h, first, count) + adder
    around = site.around.hours(0, 1)
    known = ~np.isnan(price)
    same = np.ones(count)
    then = Around(
        around.battery,
        around.battery.charge_mw * known,
        around.battery.discharge_mw * known,
        around.gross_mw * same,
        around.always_mw * same,
        around.limit_mw * same,
        around.carried,
    )
    return Market(price, as_seen, _store(site).bears_at_full_power[:1] * same, then)


def best_pair(market: Market) -> tuple[float, float]:
    """Prices below which to take and above which to give, the first of equals."""
    known = market.price[~np.isnan(market.price)]
    low = np.unique(np.quantile(known, np.linspace(0.0, 1.0, TRIED)))
    high = np.unique(np.quantile(np.minimum(known, np.median(market.bears)), np.linspace(0.0, 1.0, TRIED)))
    take, give = (one.ravel() for one in np.meshgrid(low, high, indexing="ij"))
    kept = take <= give
    take, give = take[kept], give[kept]
    best = int(_earned(market, take, give).argmax())
    return float(take[best]), float(give[best])


def _earned(market: Market, take: Floats, give: Floats) -> Floats:
    """What pairs of prices (C,) earn."""
    around, battery = market.around, market.around.battery
    stored, usd = np.full(len(take), battery.opening_mwh), np.zeros(len(take))
    own = around.always_mw + around.gross_mw.sum(axis=0)
    most = np.where(market.price >= 0.0, np.minimum(around.discharge_mw, own), 0.0)
    room = np.minimum(around.charge_mw, market.room_mw)
    for t in np.flatnonzero(~np.isnan(market.price) & ~np.isnan(market.seen)).tolist():
        price, worth = market.seen[t], min(market.price[t], market.bears[t]) - battery.wear_usd_per_mwh
        stored = battery.kept_share_per_h * stored
        gives = min(price, market.bears[t]) > give
        given = np.where(gives, np.minimum(most[t], stored * battery.discharge_efficiency), 0.0)
        empty = (battery.energy_mwh - stored) / battery.charge_efficiency
        taken = np.where((given == 0.0) & (price < take), np.minimum(room[t], empty), 0.0)
        stored = stored + battery.charge_efficiency * taken - given / battery.discharge_efficiency
        usd += worth * given - market.price[t] * taken
    return usd


def by_pair(site: Site, rule: str, pair: tuple[float, float], lag_h: int) -> Run:
    """Two prices for all that is stored."""
    assert site.around is not None
    cells = CellPrices.same(*pair, site.around.battery.energy_mwh, site.hours)
    return _run(site, rule, cells, price_seen(site, lag_h), pair)


def by_day_ahead(site: Site, lag_h: int) -> Run:
    """What is best at the day-ahead prices of every day of the market's clock."""
    assert site.around is not None
    store, ahead, energy = _store(site), site.day_ahead, site.around.battery.energy_mwh
    prices = [np.full((CELLS, site.hours), far) for far in (-np.inf, np.inf)]
    for first, end in site.days:
        told = ahead[first:end]
        if np.isnan(told).any():
            continue
        take, give = marginal_prices(store.steps(first, end), told[:, None], Moves.of(Spread(), 1.0))
        prices[0][:, first:end] = np.where(told < take, np.inf, -np.inf)
        prices[1][:, first:end] = np.where(told > give, -np.inf, np.inf)
    ends = np.repeat(np.linspace(0.0, energy, CELLS + 1)[:, None], site.hours, axis=1)
    return _run(site, BATTERY_AHEAD, CellPrices(ends, *prices), price_seen(site, lag_h))


def _run(
    site: Site, rule: str, cells: CellPrices, price: Floats, pair: tuple[float, float] | None = None
) -> Run:  # fmt: skip
    assert site.around is not None
    own, machines = site.break_even_strikes, site.machines
    opening = site.around.battery.opening_mwh
    did, flows = operate_stored(price, (own, own), cells, site.around, machines, all_running(machines), opening)
    return Run(rule, did, site.run_stored(did, flows), pair_usd_per_mwh=pair)


def _store(site: Site) -> Store:
    """The battery beside loads that bear what tiers earn."""
    assert site.around is not None
    around = site.around
    far = np.full((1, site.hours), FAR_USD_PER_MWH)
    loads = np.concatenate([far, site.own_strikes]), np.concatenate([around.always_mw[None], around.gross_mw])
    stands = (around.discharge_mw > 0.0).astype(float)
    return store_of(around.battery, stands, around.limit_mw, [loads], 1.0)
