"""Which node of a tree a fresh path stands at: where the tree branches, the child whose market is nearest."""

from __future__ import annotations

import numpy as np

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance

ALIKE = 1e-9
"""Spread of a series' logarithm below which a period does not differ by it; distances closer are ties."""


def follow(instance: Instance, paths: FreshPaths, seed: int) -> Ints:
    """The node of every path in every period, (K, P).

    At a branching a path goes to the child nearest in the logarithms of price, hashprice, rental rates and levels of
    power, each over its deviation among the nodes of that period. Children of one market (outcomes of a delay)
    are drawn by their probability.
    """
    tree, rng = instance.tree, np.random.default_rng([seed, 1])
    children = tree.children()
    of_nodes, of_paths = node_logs(instance), path_logs(paths)
    node = np.zeros((len(paths), len(paths.straight)), dtype=np.int64)
    for period in range(1, len(paths.straight)):
        scale = _scale(
            of_nodes, tree.probability, np.flatnonzero(tree.first_month == paths.straight.first_month[period])
        )
        for parent in np.unique(node[:, period - 1]).tolist():
            here, own = np.flatnonzero(node[:, period - 1] == parent), children[parent]
            away = np.abs((of_paths[here, period, None] - of_nodes[own]) / scale)
            node[here, period] = own[_nearest(np.square(away).sum(axis=2), tree.probability[own], rng)]
    return node


def node_logs(instance: Instance) -> Floats:
    """Logarithms of price, hashprice, rental rates and the level of power of each site at every node, (N, D)."""
    market = instance.market
    price = [] if market.btc_price_usd is None else [market.btc_price_usd]
    rentals = [rental.usd_per_gpu_hour for rental in market.rentals.values()]
    return _logs([*price, market.hashprice_usd_per_ph_day, *rentals, *instance.hours.spot_factor])


def path_logs(paths: FreshPaths) -> Floats:
    """The same of every path and period, (K, P, D)."""
    market = paths.market
    price = [] if market.btc_price_usd is None else [market.btc_price_usd]
    rentals = [rental.usd_per_gpu_hour for rental in market.rentals.values()]
    return _logs([*price, market.hashprice_usd_per_ph_day, *rentals, *paths.spot_factor])


def _logs(series: list[Floats]) -> Floats:
    return np.log(np.maximum(np.stack(series, axis=-1), np.finfo(float).tiny))


def _scale(logs: Floats, probability: Floats, nodes: Ints) -> Floats:
    """Deviation of each series among the nodes of a period; inf where they do not differ by it, (D,)."""
    weight = probability[nodes] / probability[nodes].sum()
    centred = logs[nodes] - weight @ logs[nodes]
    deviation = np.sqrt(weight @ np.square(centred))
    return np.where(deviation > ALIKE, deviation, np.inf)


def _nearest(distance: Floats, probability: Floats, rng: np.random.Generator) -> Ints:
    """Position of the nearest child of each path, ties drawn by probability; distance (K, children)."""
    weight = np.where(distance <= distance.min(axis=1, keepdims=True) + ALIKE, probability, 0.0)
    reached = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    drawn = rng.random((len(distance), 1))
    return np.asarray((reached < drawn).sum(axis=1).clip(max=distance.shape[1] - 1), dtype=np.int64)
