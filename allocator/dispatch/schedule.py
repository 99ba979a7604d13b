"""From hourly loads to a schedule and its value: shared by every way of solving the hours."""

from __future__ import annotations

import numpy as np

from allocator.dispatch.interface import Capacity, Schedule, SiteNode
from allocator.instance.tree import Floats


def make_schedule(site_node: SiteNode, capacity: Capacity, load_mw: Floats, shed_mw: Floats) -> Schedule:
    """Schedule of loads (J, T) and shed (B, T), both clipped into what the capacity offers."""
    load = np.clip(load_mw, 0.0, capacity.segment_mw[:, None])
    shed = np.clip(shed_mw, 0.0, capacity.firm_mw[:, None])
    it = capacity.firm_mw[:, None] - shed
    np.add.at(it, site_node.segment_bay, load)
    grid = ((1 + site_node.overhead) * it).sum(axis=0) + site_node.no_load_mw @ capacity.fitted
    return Schedule(load, shed, grid)


def schedule_value(site_node: SiteNode, schedule: Schedule) -> float:
    """Earnings of segments - power - shed cost, USD."""
    earnings = site_node.segment_value_usd_per_mwh @ (schedule.load_mw @ site_node.weight_h)
    power = (site_node.price_usd_per_mwh * site_node.weight_h) @ schedule.grid_mw
    shed = site_node.shed_usd_per_mwh * (schedule.shed_mw @ site_node.weight_h).sum()
    return float(earnings - power - shed)
