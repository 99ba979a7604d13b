"""Which of several futures has come: named by somebody, or the one whose prices lie nearest to those of today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from allocator.instance.market_state import MarketState
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError

APART = 1e-9
"""Relative difference below which two futures show the same price."""
MOST_TOLD = 12


@dataclass(frozen=True)
class Came:
    """What is known of the future that has come.

    Attributes:
        name: a node of it or its own name, "" where nobody says. prices: figures of today by name, as `figures` has
            them; those that nobody knows are left out.
    """

    name: str = ""
    prices: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


NOBODY_SAYS = Came()

Groups = Mapping[int, Sequence[int]]
"""Nodes that begin in a month, by the node that tells their futures from others."""


def chosen(instance: Instance, groups: Groups, came: Came, month: str) -> int:
    """The group that has come.

    Raises:
        BadInputError: the name is that of none, or of several; or no price tells them apart.
    """
    if len(groups) == 1:
        return next(iter(groups))
    if came.name:
        return _named(instance, groups, came.name)
    return _nearest(instance, groups, came.prices, month)


def figures_of(market: MarketState, nodes: Sequence[int], weight: Sequence[float]) -> dict[str, float]:
    """Average prices in some nodes, by name: btc_price and difficulty in a network, else hashprice; and rates of rental
    markets as gpu_rental.<market>."""
    found = {"hashprice": market.hashprice_usd_per_ph_day}
    if market.network is not None:
        found = {"btc_price": market.network.btc_price_usd, "difficulty": market.network.difficulty}
    found |= {f"gpu_rental.{name}": rental.usd_per_gpu_hour for name, rental in market.rentals.items()}
    return {name: float(np.average(values[list(nodes)], weights=weight)) for name, values in found.items()}


def figures(instance: Instance, nodes: Sequence[int]) -> dict[str, float]:
    """What is expected in some nodes."""
    return figures_of(instance.market, nodes, instance.tree.probability[list(nodes)].tolist())


def _named(instance: Instance, groups: Groups, name: str) -> int:
    tree = instance.tree
    meant = [node for node, own in enumerate(tree.name) if name in (own, own.partition("/")[2])]
    ways = {step for node in meant for step in tree.path(node)}
    found = [group for group in groups if group in ways]
    if len(found) != 1:
        told = f"{name} leads to {len(found) or 'none'} of the futures that the month may belong to"
        raise BadInputError(told, [f"name one of {_listed(instance, groups)}"])
    return found[0]


def _nearest(instance: Instance, groups: Groups, prices: Mapping[str, float], month: str) -> int:
    shown = {group: figures(instance, nodes) for group, nodes in groups.items()}
    spread = {name: _spread([own[name] for own in shown.values()]) for name in next(iter(shown.values()))}
    usable = [name for name, width in spread.items() if width > APART and prices.get(name, 0.0) > 0]
    if not usable:
        told = f"futures differ before {month}, and nothing says which one has come"
        fix = "say so with --future, or state today's prices with --scenario"
        raise BadInputError(told, [f"one of {_listed(instance, groups)}", fix])

    def off(group: int) -> float:
        return sum((math.log(prices[name] / shown[group][name]) / spread[name]) ** 2 for name in usable)

    return min(groups, key=off)


def _spread(values: Sequence[float]) -> float:
    """Of logarithms, 0 where one is not positive."""
    return float(np.std(np.log(values))) if min(values) > 0 else 0.0


def _listed(instance: Instance, groups: Groups) -> str:
    named = [instance.tree.name[group] for group in groups]
    more = f" and {len(named) - MOST_TOLD} more" if len(named) > MOST_TOLD else ""
    return ", ".join(named[:MOST_TOLD]) + more
