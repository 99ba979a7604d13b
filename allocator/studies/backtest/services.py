"""Ancillary services of a backtest: what is offered a day before, and what is paid for what runs behind it.

Offers for a day are made before their prices are known; these come out with the day-ahead prices of energy, on the
afternoon before. Awarded is what was offered in the hours whose price reaches the least that is offered at, K services,
J tiers:

    paid[k,j] = u[k] + d[k] (e[k] + p - v[j] / (1 + o[j]))     USD per MW that is awarded and runs
    lift[j]   = sum over k of (u[k] + d[k] e[k]) (MW of the tier behind k) / (its gross draw)

with u the price less deductions for performance, d the share that is called, expected and not replayed, e what is paid
for it, p the price at the meter, v and o earnings and overhead, as in `dispatch.reserves`. What is awarded and does not
run is not paid. A tier that would stop goes on where it is paid for more than it loses: its strike prices rise by its
lift. Awards are taken by the best paid service first, and by the tiers that bear most, which would run anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.reserves import NodeReserves
from allocator.instance.tree import Bools, Floats
from allocator.studies.backtest.forecast import WEEKS, season
from allocator.studies.backtest.knowledge import WEEK_H, Known
from allocator.week.interface import Structure
from allocator.week.offered import FAR_MW, stand_behind

DAY_H = 24


@dataclass(frozen=True)
class Services:
    """Services of a site; T hours of the backtest.

    Attributes:
        terms: with the prices that came, (K, T), open where they were awarded.
        price_usd_per_mw_hour: on the market's axis, NaN where there is none, (K, all hours).
        minimum_usd_per_mw_hour: least that is offered at, (K,).
        first: position of the first hour on the market's axis.
    """

    terms: NodeReserves
    price_usd_per_mw_hour: Floats
    minimum_usd_per_mw_hour: Floats
    first: int

    @property
    def usd_per_mw_hour(self) -> Floats:
        """Paid for a MW that is awarded and runs, but for energy that is called, (K, T)."""
        called = self.terms.deployment_share * self.terms.deployment_usd_per_mwh
        return np.asarray(self.terms.kept_share[:, None] * self.terms.price_usd_per_mw_hour + called[:, None])

    def awarded_mw(self, offered_mw: Floats, hours: slice = slice(None)) -> Floats:
        """What is taken of offers in some hours, (K, h) both."""
        return np.where(self.terms.open[:, hours], np.minimum(offered_mw, self.terms.most_mw[:, None]), 0.0)

    def usual_mw(self, gross_mw: Floats, bears: Floats) -> Floats:
        """Offers of whoever takes the prices of the day before for those to come, (K, T), by everything on (J, T)."""
        at = self.first + np.arange(gross_mw.shape[1]) - DAY_H
        before = np.where(at >= 0, self.price_usd_per_mw_hour[:, np.maximum(at, 0)], np.nan)
        terms = asked_at(self.terms, before, self.minimum_usd_per_mw_hour)
        wanted = np.where(terms.open, np.minimum(self.terms.most_mw[:, None], FAR_MW), 0.0)
        return np.asarray(stand_behind(terms, wanted, gross_mw, bears).sum(axis=1))

    def lift_usd_per_mwh(self, awarded_mw: Floats, gross_mw: Floats, bears: Floats, hours: slice) -> Floats:
        """What strike prices rise by in some hours, (J, h): awards (K, h), everything on and what it bears, (J, h)."""
        terms, usd = cut(self.terms, hours), self.usd_per_mw_hour[:, hours]
        behind = stand_behind(terms, awarded_mw, gross_mw, bears)
        paid = (behind * usd[:, None, :]).sum(axis=0)
        return np.asarray(np.where(gross_mw > 0.0, paid / np.where(gross_mw > 0.0, gross_mw, 1.0), 0.0))

    def paid_usd(self, offer_mw: Floats, price: Floats, earned_usd_per_gross_mwh: Floats) -> Floats:
        """For loads that stand behind awards, (K, J, T), in each hour, (T,)."""
        called = self.terms.deployment_share[:, None, None] * offer_mw
        saved = price - earned_usd_per_gross_mwh
        paid = (offer_mw * self.usd_per_mw_hour[:, None, :]).sum(axis=(0, 1))
        return np.asarray(paid + (called.sum(axis=0) * saved).sum(axis=0))


def priced(terms: NodeReserves, price: Floats, minimum: Floats) -> NodeReserves:
    """The services at other prices, (K, T); where there is none nothing is offered."""
    known = np.nan_to_num(price)
    return replace(terms, price_usd_per_mw_hour=known, open=~np.isnan(price) & (known >= minimum[:, None]))


def asked_at(terms: NodeReserves, expected: Floats, minimum: Floats) -> NodeReserves:
    """The services where prices are expected, (K, T): an offer at its least price costs nothing where that is missed,
    so it is made in every hour of which anything is known, and then earns that price at least."""
    price = np.maximum(np.nan_to_num(expected), minimum[:, None])
    return replace(terms, price_usd_per_mw_hour=price, open=~np.isnan(expected))


def cut(terms: NodeReserves, hours: slice) -> NodeReserves:
    """The services in some hours."""
    return replace(terms, price_usd_per_mw_hour=terms.price_usd_per_mw_hour[:, hours], open=terms.open[:, hours])


def fed_by_grid(offer_mw: Floats, grid_fed_mw: Floats) -> Floats:
    """Offers (K, J, T) as far as the grid feeds what stands behind them, (T,)."""
    total = offer_mw.sum(axis=(0, 1))
    most = np.maximum(grid_fed_mw, 0.0)
    return np.asarray(offer_mw * np.where(total > most, most / np.where(total > 0.0, total, 1.0), 1.0))


def expected_usd_per_mw_hour(price: Floats, known: Known, published: Bools, hours: int) -> Floats:
    """Prices of services (K, all hours) in the next `hours`, (K, hours): those that are published, else their mean in
    the hour of the week over the last weeks; NaN where there is none."""
    ahead = np.arange(known.now, min(known.now + hours, price.shape[1]))
    past, week = np.arange(max(0, known.now - WEEKS * WEEK_H), known.now), known.market.hour_of_week
    told = np.where(published, price, np.nan)
    usual = np.array([season(own[past], week[past], week[ahead]) for own in told])
    return np.where(np.isnan(told[:, ahead]), usual, told[:, ahead])


def offered_to(structure: Structure, terms: NodeReserves) -> Structure:
    """The site with these services in its steps, (K, T)."""
    parts = [
        replace(part, here=replace(part.here, reserves=cut(terms, at)))
        for part, at in zip(structure.parts, structure.slices, strict=True)
    ]
    return replace(structure, parts=tuple(parts))
