"""Closed-form dispatch of a site-node whose limits are nested."""

from __future__ import annotations

import numpy as np

from allocator.dispatch.conditions import NestedLimits
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, Schedule, SiteNodeValue, Start, with_premium
from allocator.dispatch.kernel import price_hours, price_limits, schedule_hours
from allocator.dispatch.peaks import limit_mw, split
from allocator.dispatch.reserve_value import best_offers, earned_usd_per_mwh
from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.grouped import add_by
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats

LEAST = 1e-12
"""Relative slack within which two limits are the same."""


class MeritOrderDispatch:
    """Fills loads in order of earnings per gross MWh; exact under the conditions of `conditions`.

    The firm load of each tenancy takes part as an item that earns what not serving it would cost, so that
    serving it comes first and shedding it is chosen where a limit leaves no room.
    """

    def __init__(self, node: SiteNode, limits: NestedLimits) -> None:
        self._node = node
        self._limits = limits
        self._limit_mw = limits.limit_mw
        self._item_bay = np.concatenate([node.segment_bay, node.tenants.bay])
        self._earn = np.concatenate([node.segment_value_usd_per_mwh, node.credit_usd_per_mwh])
        self._extra = _by_hour(node)
        self._passed = np.concatenate([np.zeros(node.segments), node.tenants.pass_through_share])
        self._unserved_usd_per_mw = node.unserved_usd_per_mwh() @ node.weight_h

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Value in USD and a cut that is tight at `capacity`."""
        node = self._node
        nest = self._limits.nest
        item_slope, fitted_slope = np.zeros(self._earn.shape[0]), np.zeros(node.bays)
        group_price, scarcity = np.zeros(len(nest.up)), np.empty(node.hours) if node.peaks else None
        limit, by = limit_mw(node, capacity)
        value, intercept = price_hours(
            node.weight_h, node.price_usd_per_mwh, limit, node.overhead, self._limit_mw, node.no_load_mw,
            nest.groups(capacity.fitted), self._item_bay, self._earn, self._extra, self._passed,
            node.tenants.spot_usd_per_mwh, _items(capacity), capacity.fitted, item_slope, fitted_slope, group_price,
            scarcity,
        )  # fmt: skip
        fitted_slope -= nest.fixed_mw.T @ group_price
        unserved, segments = self._unserved_usd_per_mw, node.segments
        peak = np.zeros(0) if scarcity is None else split(node, scarcity, by)[1].sum(axis=1)
        own = intercept - float(peak @ capacity.peak_mw)
        cut = Cut(own, fitted_slope, item_slope[segments:] - unserved, item_slope[:segments], peak)
        return value - float(unserved @ capacity.firm_mw), cut

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Optimal operation hour by hour; see `SiteNodeDispatch`."""
        value, cut = self.price(capacity)
        return SiteNodeValue(value, self._schedule(capacity), cut)

    def prices(self, capacity: Capacity) -> LimitPrices:
        """Prices of the limits at `capacity`; a bay's price falls on the one of its limits that is the least."""
        node, limits, nest = self._node, self._limits, self._limits.nest
        site, bay = np.empty(node.hours), np.empty((node.bays, node.hours))
        group = np.empty((len(nest.up), node.hours))
        limit, by = limit_mw(node, capacity)
        price_limits(
            node.weight_h, node.price_usd_per_mwh, limit, node.overhead, self._limit_mw, node.no_load_mw,
            nest.groups(capacity.fitted), self._item_bay, self._earn, self._extra, self._passed,
            node.tenants.spot_usd_per_mwh, _items(capacity), capacity.fitted, site, bay, group,
        )  # fmt: skip
        air = _binds(limits.air_share, node.air_limit_mw, self._limit_mw)
        liquid = _binds(limits.liquid_share, node.liquid_limit_mw, self._limit_mw) & ~air
        meter, peak = split(node, site, by)
        return LimitPrices(
            site=meter,
            peak=peak,
            hall=np.where(air | liquid, 0.0, bay),
            air=_per_heat(np.where(air, bay, 0.0), limits.air_share),
            liquid=_per_heat(np.where(liquid, bay, 0.0), limits.liquid_share),
            feeder=self._prices_of("feeder", len(node.feeders), group),
            plant=self._prices_of("plant", len(node.plants), group),
        )

    def at_premium(self, premium_usd_per_btc: float) -> MeritOrderDispatch:
        """The same hours where a mined Bitcoin is worth that much more than its price."""
        return MeritOrderDispatch(with_premium(self._node, premium_usd_per_btc), self._limits)

    def start(self) -> Start:
        """There is none: every solve is the first."""
        return None

    def start_from(self, start: Start) -> None:
        """Earlier solves leave nothing."""

    def _prices_of(self, kind: str, count: int, group_price: Floats) -> Floats:
        """Prices of the feeders or of the plants, (count, T), each in its own unit; 0 for those that cannot bind."""
        prices = np.zeros((count, self._node.hours))
        for member, price in zip(self._limits.nest.members, group_price, strict=True):
            if member.kind == kind:
                prices[member.position] = price * member.gross_per_unit
        return prices

    def _schedule(self, capacity: Capacity) -> Schedule:
        node, nest = self._node, self._limits.nest
        items = np.empty((self._earn.shape[0], node.hours))
        schedule_hours(
            node.price_usd_per_mwh, limit_mw(node, capacity)[0], node.overhead, self._limit_mw, node.no_load_mw,
            nest.groups(capacity.fitted), self._item_bay, self._earn, self._extra, self._passed,
            node.tenants.spot_usd_per_mwh, _items(capacity), capacity.fitted, items,
        )  # fmt: skip
        load, served = items[: node.segments], items[node.segments :]
        it_mw = firm_by_bay(node, served)
        add_by(it_mw, node.segment_bay, load)
        grid = ((1.0 + node.overhead) * it_mw).sum(axis=0) + node.no_load_mw @ capacity.fitted
        return Schedule(load, capacity.firm_mw[:, None] - served, grid, offer_mw=best_offers(node, load))


def _by_hour(node: SiteNode) -> Floats | None:
    """What items earn on top in some hours, (I, T): offers of the load that runs; None without services."""
    if node.reserves is None:
        return None
    offered = earned_usd_per_mwh(node) - node.segment_value_usd_per_mwh[:, None]
    return np.concatenate([offered, np.zeros((node.tenancies, node.hours))])


def _items(capacity: Capacity) -> Floats:
    return np.concatenate([capacity.segment_mw, capacity.firm_mw])


def _binds(share: Floats, heat_limit_mw: Floats, limit_mw: Floats) -> Bools:
    """Where a heat limit, seen as a limit on IT load, is the least one, (B, T)."""
    least: Bools = (share[:, None] > 0) & (heat_limit_mw <= share[:, None] * limit_mw * (1.0 + LEAST))
    return least & (heat_limit_mw < np.inf)


def _per_heat(price: Floats, share: Floats) -> Floats:
    return price / np.where(share > 0, share, 1.0)[:, None]
