"""Other trees over the same markets: every path by itself, known from the start, or the one of expected figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from allocator.instance.futures import Futures
from allocator.instance.market_nodes import mixed
from allocator.instance.market_state import MarketState, Network, Rental
from allocator.instance.tree import Floats, Ints
from allocator.instance.tree_build import tree_on


def apart(futures: Futures, leaves: Ints, probability: Floats) -> Futures:
    """Paths to some leaves as chains beside each other, each with a probability: what a planner who knew the future of
    every path would face. Nodes stand path by path.
    """
    ways = np.array([futures.tree.path(int(leaf)) for leaf in leaves])
    node, periods = ways.ravel(), ways.shape[1]
    before = np.arange(len(node)) - 1
    names = [f"{futures.tree.name[n]} of {k + 1}" for k, way in enumerate(ways.tolist()) for n in way]
    parent = np.where(np.arange(len(node)) % periods == 0, -1, before)
    tree = tree_on(futures.tree, node, parent, np.repeat(probability, periods), names)

    def beyond(months: Sequence[int]) -> Mapping[str, Floats]:
        return {name: values[node] for name, values in futures.beyond(months).items()}

    return Futures(
        tree=tree,
        period=futures.period[node],
        market=mixed([futures.market], np.ones((1, len(node))), node),
        stated=mixed([futures.stated], np.ones((1, len(node))), node),
        spot_factor=futures.spot_factor[:, node],
        delay_months=futures.delay_months[node],
        beyond=beyond,
    )


def mean_path(futures: Futures) -> Futures:
    """One path on which every series is what the tree expects of its period; delays are their rounded means."""
    tree = futures.tree
    _, first = np.unique(tree.first_month, return_index=True)
    share = (tree.first_month == tree.first_month[first][:, None]) * tree.probability

    def mean(values: Floats) -> Floats:
        return np.asarray(values @ share.T)

    def beyond(months: Sequence[int]) -> Mapping[str, Floats]:
        return {name: share @ values for name, values in futures.beyond(months).items()}

    names = [tree.calendar_month(int(month)) for month in tree.first_month[first]]
    return Futures(
        tree=tree_on(tree, first, np.arange(len(first)) - 1, np.ones(len(first)), names),
        period=futures.period[first],
        market=_moved(futures.market, mean),
        stated=_moved(futures.stated, mean),
        spot_factor=mean(futures.spot_factor),
        delay_months=np.rint(mean(futures.delay_months.astype(float))).astype(np.int64),
        beyond=beyond,
    )


def _moved(market: MarketState, mean: Callable[[Floats], Floats]) -> MarketState:
    """Means of a market; Bitcoin of a PH/s and day is hashprice over price, as at every node."""
    hashprice, network = mean(market.hashprice_usd_per_ph_day), market.network
    rentals = {
        name: Rental(mean(rental.usd_per_gpu_hour), rental.sold_share) for name, rental in market.rentals.items()
    }
    if network is not None:
        price = mean(network.btc_price_usd)
        network = Network(price, mean(network.difficulty), hashprice / price)
    return MarketState(hashprice, market.pool_fee_share, market.sale_fee_share, rentals, network)
