"""What energy costs in the last twelve months of the horizon: the sample for every year beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.hour_store import HourStore
from allocator.instance.tree import Floats, Ints, NodeTree

HOURS_PER_YEAR = 8766.0
"""Mean Gregorian year."""


@dataclass(frozen=True)
class LastYear:
    """One site over the nodes that overlap the last twelve months, scaled to a year; b bays of the site, T steps.

    Attributes:
        weight_h: hours each step stands for, their sum is one mean year, (T,).
        open_share: 1 where the site is given power, 0 where a host gives none, (T,).
        cost_usd_per_mwh: price * (1 + overhead), coincident peaks in the price, USD per MWh of IT load, (b, T).
        spot_usd_per_mwh: spot * (1 + overhead), what a tenant's pass-through refers to, (b, T).
        overhead: average overhead, (b,).
        demand_usd_per_mw_year: demand charges of a gross MW drawn all year.
        ambient_c: outdoor temperature, (T,).
        air_limit_mw, liquid_limit_mw: heat limits, (b, T).
    """

    weight_h: Floats
    open_share: Floats
    cost_usd_per_mwh: Floats
    spot_usd_per_mwh: Floats
    overhead: Floats
    demand_usd_per_mw_year: float
    ambient_c: Floats
    air_limit_mw: Floats
    liquid_limit_mw: Floats

    def average(self, per_step: Floats) -> Floats:
        """Average over the year of a figure given by bay and step, (b,)."""
        return np.asarray(per_step @ self.weight_h / self.weight_h.sum())

    def at_spot_factor(self, factor: float) -> LastYear:
        """The same with spot times a factor; adders are not scaled."""
        more = (factor - 1.0) * self.spot_usd_per_mwh
        spot, cost = self.spot_usd_per_mwh + more, self.cost_usd_per_mwh + more
        return self if factor == 1.0 else replace(self, spot_usd_per_mwh=spot, cost_usd_per_mwh=cost)


def last_year(tree: NodeTree, hours: HourStore, site: int) -> LastYear:
    """The sample of one site, each calendar period once; a horizon shorter than twelve months is scaled up."""
    end = int((tree.first_month + tree.months).max())
    last = np.flatnonzero(tree.first_month + tree.months > end - 12)
    nodes = last[np.unique(hours.period[last], return_index=True)[1]].tolist()
    steps = np.concatenate([_range(hours.steps(site, node)) for node in nodes])
    own = np.concatenate([_range(hours.own_steps(site, node)) for node in nodes])
    weight = hours.weight_h[steps]
    overhead = hours.overhead[site][:, own]
    weight = weight * (HOURS_PER_YEAR / weight.sum())
    peaks = hours.beyond_adder_usd_per_mwh[steps] if len(hours.beyond_adder_usd_per_mwh) else 0.0
    return LastYear(
        weight_h=weight,
        open_share=np.ones(len(steps)) if hours.open_steps is None else hours.open_steps[steps],
        cost_usd_per_mwh=(hours.price_usd_per_mwh[steps] + peaks) * (1.0 + overhead),
        spot_usd_per_mwh=hours.spot_usd_per_mwh[steps] * (1.0 + overhead),
        overhead=overhead @ weight / weight.sum(),
        demand_usd_per_mw_year=float(hours.demand_usd_per_mw_year[site]) if len(hours.demand_usd_per_mw_year) else 0.0,
        ambient_c=hours.ambient_c[steps],
        air_limit_mw=hours.air_limit_mw[site][:, own],
        liquid_limit_mw=hours.liquid_limit_mw[site][:, own],
    )


def _range(steps: slice) -> Ints:
    return np.arange(steps.start, steps.stop)
