"""Closed-form dispatch of a site-node whose limits are nested."""

from __future__ import annotations

import numpy as np

from allocator.dispatch.conditions import NestedLimits
from allocator.dispatch.interface import Capacity, Cut, Schedule, SiteNodeValue
from allocator.dispatch.kernel import price_hours, schedule_hours
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats


class MeritOrderDispatch:
    """Fills loads in order of earnings per gross MWh; exact under the conditions of `conditions`.

    The firm load of each bay takes part as an item that earns the shed price, so that serving it comes
    first and shedding it is chosen where a limit leaves no room.
    """

    def __init__(self, node: SiteNode, limits: NestedLimits) -> None:
        self._node = node
        self._limit_mw = limits.limit_mw
        self._item_bay = np.concatenate([node.segment_bay, np.arange(node.bays)])
        shed_price = np.full(node.bays, node.shed_usd_per_mwh)
        self._earn = np.concatenate([node.segment_value_usd_per_mwh, shed_price])
        self._hours = float(node.weight_h.sum())

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Value in USD and a cut that is tight at `capacity`."""
        node = self._node
        item_slope, fitted_slope = np.zeros(self._earn.shape[0]), np.zeros(node.bays)
        value, intercept = price_hours(
            node.weight_h, node.price_usd_per_mwh, node.site_limit_mw, node.overhead, self._limit_mw,
            node.no_load_mw, self._item_bay, self._earn, _items(capacity), capacity.fitted, item_slope, fitted_slope,
        )  # fmt: skip
        unserved = node.shed_usd_per_mwh * self._hours
        segments = node.segments
        cut = Cut(intercept, fitted_slope, item_slope[segments:] - unserved, item_slope[:segments])
        return value - unserved * float(capacity.firm_mw.sum()), cut

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Optimal operation hour by hour; see `SiteNodeDispatch`."""
        value, cut = self.price(capacity)
        return SiteNodeValue(value, self._schedule(capacity), cut)

    def _schedule(self, capacity: Capacity) -> Schedule:
        node = self._node
        items = np.empty((self._earn.shape[0], node.hours))
        schedule_hours(
            node.price_usd_per_mwh, node.site_limit_mw, node.overhead, self._limit_mw, node.no_load_mw,
            self._item_bay, self._earn, _items(capacity), capacity.fitted, items,
        )  # fmt: skip
        load, served = items[: node.segments], items[node.segments :]
        it_mw = served.copy()
        np.add.at(it_mw, node.segment_bay, load)
        grid = ((1.0 + node.overhead) * it_mw).sum(axis=0) + node.no_load_mw @ capacity.fitted
        return Schedule(load, capacity.firm_mw[:, None] - served, grid)


def _items(capacity: Capacity) -> Floats:
    return np.concatenate([capacity.segment_mw, capacity.firm_mw])
