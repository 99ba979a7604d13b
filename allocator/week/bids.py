"""What the site takes at which price: stairs for a bid, dearest first, each hour by itself.

Everything is lined up by the price that it bears: tenants by what it costs not to serve them, running tiers by the
price at which they stop, others by the one at which they start. Each takes what the limits leave it (hall, heat,
feeders, plants, the meter, and peaks). What the halls draw at no load is taken at any price, and stands on the first
stair. Batteries and what is offered to ancillary services are left out. Where limits cross, lining up by price is a
good filling and not always the best; it never exceeds a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints
from allocator.week.interface import CurveStep, Part
from allocator.week.standing import Standing


@dataclass(frozen=True)
class _Items:
    """Tenancies and tiers of a part, I of them: price they bear and most IT load (I, T), bay and heat shares (I,)."""

    price_usd_per_mwh: Floats
    most_mw: Floats
    bay: Ints
    air_share: Floats
    liquid_share: Floats


def curve(site: Standing, strike_usd_per_mwh: Floats) -> tuple[CurveStep, ...]:
    """Stairs by market price (what the meter costs on top deducted); strikes of all tiers at the meter, (J, T).

    Prices never rise and MW never fall from one stair to the next; a stair may repeat the MW of the one before.
    """
    structure = site.structure
    by_part = [
        _stairs(part, _items(part, strike_usd_per_mwh[:, at], site.available_mw[:, at]))
        for part, at in zip(structure.parts, structure.slices, strict=True)
    ]
    prices, mw = (np.concatenate([stairs[k] for stairs in by_part], axis=1) for k in (0, 1))
    return tuple(CurveStep(price, total) for price, total in zip(prices, mw, strict=True))


def _items(part: Part, strike: Floats, available_mw: Floats) -> _Items:
    here, firm = part.here, part.capacity.firm_mw
    bay = here.tenants.bay
    bears = here.unserved_usd_per_mwh() / (1.0 + here.overhead[bay])
    open_bay = part.capacity.fitted[here.segment_bay] > 0.0
    return _Items(
        price_usd_per_mwh=np.concatenate([bears, strike]),
        most_mw=np.concatenate([np.repeat(firm[:, None], here.hours, axis=1), open_bay[:, None] * available_mw]),
        bay=np.concatenate([bay, here.segment_bay]),
        air_share=np.concatenate([here.firm_air_share[bay], here.segment_air_share]),
        liquid_share=np.concatenate([here.firm_liquid_share[bay], here.segment_liquid_share]),
    )


def _stairs(part: Part, items: _Items) -> tuple[Floats, Floats]:
    """Market price and MW in all of each stair, (1 + I, T) each."""
    here = part.here
    adder = here.price_usd_per_mwh - here.tenants.spot_usd_per_mwh
    order = np.argsort(-items.price_usd_per_mwh, axis=0, kind="stable")
    price = np.take_along_axis(items.price_usd_per_mwh, order, axis=0)
    top = price[:1] if len(price) else np.full((1, here.hours), here.shed_usd_per_mwh)
    total = np.full(here.hours, float(here.no_load_mw @ part.capacity.fitted))
    limits, steps = list(_limits(part)), np.arange(here.hours)
    mw = [total.copy()]
    for rank in order:
        bay = items.bay[rank]
        gross = 1.0 + here.overhead[bay, steps]
        shares = np.ones(here.hours), items.air_share[rank], items.liquid_share[rank], gross
        load = items.most_mw[rank, steps].copy()
        for limit in limits:
            load = np.minimum(load, limit.room(bay, shares))
        for limit in limits:
            limit.take(bay, shares, load)
        total = total + gross * load
        mw.append(total.copy())
    return np.concatenate([top, price]) - adder, np.array(mw)


@dataclass(frozen=True)
class _Limit:
    """One kind of limit on groups of bays.

    Attributes:
        measure: which of (IT load, air heat, liquid heat, gross draw) it counts. inside: bays of each group, (G, B).
        left: room left in each group and step, (G, T), used up as loads take it.
    """

    measure: int
    inside: Bools
    left: Floats

    def room(self, bay: Ints, shares: tuple[Floats, ...]) -> Floats:
        """Most IT load that one bay a step may add, (T,)."""
        share = shares[self.measure]
        left = np.where(self.inside[:, bay], np.maximum(self.left, 0.0), np.inf).min(axis=0, initial=np.inf)
        return np.where(share > 0.0, left / np.where(share > 0.0, share, 1.0), np.inf)

    def take(self, bay: Ints, shares: tuple[Floats, ...], load: Floats) -> None:
        self.left[:] -= self.inside[:, bay] * shares[self.measure] * load


def _limits(part: Part) -> Iterator[_Limit]:
    """Halls, the meter with its peaks, feeders and plants, less what is drawn at no load."""
    here, fitted = part.here, part.capacity.fitted
    each, whole = np.eye(here.bays, dtype=bool), np.ones((1, here.bays), dtype=bool)
    by_hour, scale = np.ones((1, here.hours)), np.where(fitted > 0.0, fitted, 1.0)[:, None]
    for measure, limit in enumerate((here.it_limit_mw[:, None] * by_hour, here.air_limit_mw, here.liquid_limit_mw)):
        yield _Limit(measure, each, np.where(fitted[:, None] > 0.0, limit * scale, 0.0))
    standing = here.no_load_mw * fitted
    meter = here.site_limit_mw.copy()
    for k, peak in enumerate(here.peaks):
        meter = np.where(peak.counts, np.minimum(meter, part.capacity.peak_mw[k]), meter)
    yield _Limit(3, whole, (meter - standing.sum())[None, :])
    for feeder in here.feeders:
        left = feeder.limit_mw - standing[feeder.inside].sum()
        yield _Limit(3, feeder.inside[None, :], left * by_hour)
    for plant in here.plants:
        yield _Limit(1 if plant.loop == "air" else 2, plant.inside[None, :], plant.limit_mw[None, :].copy())
