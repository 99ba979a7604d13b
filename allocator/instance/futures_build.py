"""From the section on uncertainty to the tree and its markets, and to what machines cost in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.futures import Futures, certain
from allocator.instance.given import fan
from allocator.instance.machine import Resolved
from allocator.instance.market import compile_market
from allocator.instance.months import MonthGrid, Monthly
from allocator.instance.sampled import sampled_tree
from allocator.instance.tree import Floats
from allocator.instance.tree_build import chain
from allocator.scenario.resolve import ResolvedAsic
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Given, Sampled, Uncertainty


def compile_futures(scenario: Scenario, grid: MonthGrid, monthly: Monthly) -> Futures:
    """The chain of the horizon where nothing is uncertain, a fan of given scenarios, or a sampled tree.

    Raises:
        ScenarioFaults: see `sampled_tree`.
    """
    horizon = scenario.horizon
    unsettled = scenario.finance.unsettled_interest_months
    straight = chain(grid, horizon.node_months, horizon.decision_every_months, horizon.months_counted, unsettled)
    match scenario.uncertainty:
        case Sampled() as sampled:
            return sampled_tree(scenario, sampled, grid, straight, monthly)
        case Given() as given:
            return fan(scenario, given, grid, straight, monthly)
        case None:
            market = compile_market(scenario.bitcoin, scenario.gpu_rental, monthly, grid, straight)
            return certain(straight, market, len(scenario.sites))


def price_factors(
    machines: Mapping[str, Resolved], futures: Futures, uncertainty: Uncertainty | None
) -> dict[str, Floats]:
    """What each model costs at each node over its stated price, (N,): what it earns over what is stated, to a power."""
    if uncertainty is None:
        return {name: np.ones(len(futures.tree)) for name in machines}
    power = uncertainty.machine_price_elasticity
    return {name: _earnings_factor(machine, futures) ** power for name, machine in machines.items()}


def _earnings_factor(machine: Resolved, futures: Futures) -> Floats:
    if isinstance(machine, ResolvedAsic):
        return futures.hashprice_factor()
    return futures.rental_factor(machine.rental_market)
