"""The best single strike price for all miners of a site, over hours whose prices are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.restarts import Restarts
from allocator.instance.tree import Floats
from allocator.studies.backtest.controller import Machines, all_running, operate, seen
from allocator.studies.backtest.perfect import FleetHours
from allocator.studies.backtest.site import Site, fleets_of

YEAR_H = 365 * 24
EVEN, DEAR = 160, 80
"""Quantiles of the price that are tried: over all hours, and over the dearest tenth, where miners stop."""


def best_fixed(price: Floats, as_seen: Floats, fleets: Sequence[FleetHours], restarts: Restarts) -> float:
    """USD/MWh at the meter; the lowest of equals, and below all prices where standing still is best.

    Args:
        price: at the meter, (T,), NaN where there is none. as_seen: by the operator. fleets: miners, their money.
        restarts: of these fleets.
    """
    tried = _candidates(price[~np.isnan(price)])
    gained = np.zeros(len(tried))
    for f, fleet in enumerate(fleets):
        gained += _gained(tried, as_seen, fleet, restarts.of(np.full(len(tried), f)))
    return float(tried[int(gained.argmax())])


@dataclass(frozen=True)
class Year:
    """The year before a backtest: price at the meter, as the operator saw it, (T,), and every fleet in its hours."""

    price: Floats
    seen: Floats
    fleets: Sequence[FleetHours]

    @property
    def hours(self) -> int:
        """Hours with a price."""
        return int((~np.isnan(self.price)).sum())


def year_before(site: Site, lag_h: int) -> Year:
    """Machines, hashprice and weather are those of the first hour, prices those of the year."""
    first = max(0, site.first - YEAR_H)
    real = site.market.real_time + float(site.adder_usd_per_mwh[0])
    price, load = real[first : site.first], site.full[0][:, [0]]
    known = ~np.isnan(price)
    earns = site.own_strikes[:, [0]] * site.gross[:, [0]] * load * known
    costs = site.gross[:, [0]] * load * np.where(known, price, 0.0)
    fleets = fleets_of(site.machines, earns, costs, load * known)
    return Year(price, seen(real, lag_h, first, site.first - first), fleets)


def _gained(tried: Floats, as_seen: Floats, fleet: FleetHours, restarts: Restarts) -> Floats:
    """What a fleet gains over standing at each strike price, all its modes on or off together, (C,)."""
    each = np.arange(len(tried))
    machines = Machines(each, each, restarts)
    strike = np.broadcast_to(tried[:, None], (len(tried), len(as_seen)))
    did = operate(as_seen, strike, strike, machines, all_running(machines))
    gains, first = fleet.gains_usd, fleet.costs_usd[0]
    lost = did.on * machines.lost_share(did.run_h)
    return np.asarray((did.on - lost) @ gains.sum(axis=0) - lost @ first - did.started @ fleet.start_usd)


def _candidates(price: Floats) -> Floats:
    share = np.concatenate([np.linspace(0.0, 0.9, EVEN), np.linspace(0.9, 1.0, DEAR)])
    return np.unique(np.append(np.quantile(price, share), price.min() - 1.0))
