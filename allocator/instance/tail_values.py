"""What mining beyond the horizon is worth at any expected hashprice and level of power, for markets off the tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.equipment import compile_fleet
from allocator.instance.finance import discount
from allocator.instance.fleet_tail import tail_machines
from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.halls import bay_options
from allocator.instance.hosted_sites import hosted_bays
from allocator.instance.last_year import LastYear, last_year
from allocator.instance.machine import resolve_all
from allocator.instance.terminal_mining import Machine, mining_usd_per_mw, mining_year, tail_hashprice
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.scenario.scenario import Scenario

LEVELS = 33
"""Levels of power at which the value is known exactly; between them it is taken as a straight line."""


@dataclass(frozen=True)
class TailValues:
    """Value of one IT MW of a bay in each tail year, discounted to the start of the horizon."""

    machines: list[list[Machine]]
    hashprice_usd_per_ph_day: Floats
    instance: Instance
    scenario: Scenario
    elasticity: float

    def at(self, bay: int, hashprice_factor: Floats, spot_factor: Floats) -> Floats:
        """USD per MW at expected factors of hashprice (K, Y) and of the site's spot (K,), (K, Y)."""
        levels = _levels(spot_factor)
        place = np.interp(spot_factor, levels, np.arange(len(levels)))
        value = np.zeros_like(hashprice_factor)
        for k, level in enumerate(levels.tolist()):
            near = np.maximum(0.0, 1.0 - np.abs(place - k))
            own = np.flatnonzero(near)
            value[own] += near[own, None] * self._at_level(bay, hashprice_factor[own], level)
        return value

    def _at_level(self, bay: int, hashprice_factor: Floats, level: float) -> Floats:
        """At one level of spot, (K, Y)."""
        bays, tree = self.instance.bays, self.instance.tree
        site = int(bays.site[bay])
        sample = last_year(tree, self.instance.hours, site).at_spot_factor(level)
        own = bay - int(np.argmax(bays.site == site))
        year = mining_year(sample, own, _limit(sample, bays.kind[bay])[own], float(bays.it_limit_mw[bay]))
        factor = hashprice_factor.ravel()
        priced = (self.hashprice_usd_per_ph_day * hashprice_factor).ravel()
        rate, net = self.scenario.discount.operations_per_year, self.instance.market.mining_net_share
        worth = mining_usd_per_mw(year, self.machines[bay], priced, net, rate, factor**self.elasticity)
        years = np.arange(len(self.hashprice_usd_per_ph_day)) + 0.5
        return worth.reshape(hashprice_factor.shape) * discount(rate, tree.horizon_years + years)


def tail_values(scenario: Scenario, instance: Instance, paths: FreshPaths) -> TailValues:
    """The values of a scenario's instance where hashprice goes on from the stated path of some fresh paths."""
    end = paths.straight.months.sum()
    machines = resolve_all(scenario.equipment)
    options = [*bay_options(scenario), *hosted_bays(scenario, list(machines.values()))]
    one, halls = {name: np.ones(len(instance.tree)) for name in machines}, instance.halls.names
    fleet = compile_fleet(machines, scenario.fleets, instance.market, options, halls, instance.tree, one)
    return TailValues(
        machines=tail_machines(fleet, len(options), instance.tree, instance.opening.on_order(len(machines))),
        hashprice_usd_per_ph_day=tail_hashprice(
            float(paths.stated.hashprice_usd_per_ph_day[-1]),
            paths.straight.calendar_month(int(end)),
            instance.terminal.years,
            scenario.terminal.hashprice_growth_per_year,
            scenario.bitcoin.halving_dates,
            scenario.terminal.halving_hashprice_share,
        ),
        instance=instance,
        scenario=scenario,
        elasticity=paths.elasticity,
    )


def _limit(sample: LastYear, kind: str) -> Floats:
    return sample.air_limit_mw if kind == "air_mining" else sample.liquid_limit_mw


def _levels(values: Floats) -> Floats:
    """Levels that cover some values evenly in the logarithm; the values themselves where they are few."""
    distinct = np.unique(values)
    return distinct if len(distinct) <= LEVELS else np.geomspace(distinct[0], distinct[-1], LEVELS)
