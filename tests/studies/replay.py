"""The paths of a plan's own tree as if they were fresh ones."""

from __future__ import annotations

import numpy as np

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.futures_build import compile_futures
from allocator.instance.market_state import MarketState, Network, Rental
from allocator.instance.months import month_grid
from allocator.instance.series_book import read_book
from allocator.instance.tail import MID_YEAR_MONTHS
from allocator.instance.tree import Floats, Ints
from allocator.instance.tree_build import chain
from allocator.instance.types import Instance
from allocator.scenario.load import LoadedScenario


def own_paths(loaded: LoadedScenario, instance: Instance) -> FreshPaths:
    """One path a leaf of the instance's tree, in the order of the leaves."""
    scenario, horizon, tree = loaded.scenario, loaded.scenario.horizon, instance.tree
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    straight = chain(grid, horizon.node_months, horizon.decision_every_months)
    futures = compile_futures(scenario, grid, read_book(loaded, grid).monthly)
    way = np.array([tree.path(int(leaf)) for leaf in tree.leaves])
    years = [horizon.months + 12 * year + MID_YEAR_MONTHS for year in range(instance.terminal.years)]
    beyond, one = futures.beyond(years), np.ones((len(tree), len(years)))
    level = [beyond.get(f"power.{name}", one)[tree.leaves] for name in instance.sites.names]
    return FreshPaths(
        straight=straight,
        market=_at(instance.market, way),
        stated=_at(futures.stated, way[0]),
        spot_factor=instance.hours.spot_factor[:, way],
        tail_hashprice_factor=beyond.get("hashprice", one)[tree.leaves],
        tail_spot_factor=np.stack([of_site.mean(axis=1) if years else np.ones(len(way)) for of_site in level]),
        elasticity=scenario.uncertainty.machine_price_elasticity if scenario.uncertainty else 1.0,
    )


def _at(market: MarketState, nodes: Ints) -> MarketState:
    def here(values: Floats) -> Floats:
        return values[nodes]

    network = market.network
    return MarketState(
        here(market.hashprice_usd_per_ph_day),
        market.pool_fee_share,
        market.sale_fee_share,
        {name: Rental(here(rental.usd_per_gpu_hour), rental.sold_share) for name, rental in market.rentals.items()},
        None
        if network is None
        else Network(here(network.btc_price_usd), here(network.difficulty), here(network.btc_per_ph_day)),
    )
