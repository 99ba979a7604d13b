"""What may come: the tree of nodes, and what each of them sees of markets, power and delays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.market_state import MarketState
from allocator.instance.tree import Floats, Ints, NodeTree

Outlook = Callable[[Sequence[int]], Mapping[str, Floats]]
"""From months counted from the start, beyond the horizon, to expected factors over the stated path: "hashprice" and
"power.<site>", each (N, months); only leaves count, and a series that is not named stands at its stated path."""


@dataclass(frozen=True)
class Futures:
    """The tree and its markets.

    Attributes:
        tree: nodes. period: calendar period of each, (N,).
        market: by node. stated: the same on the paths that the scenario states, by node.
        spot_factor: spot of each site over its stated one, (S, N).
        delay_months: months by which service that has not begun is delayed, (N,).
        beyond: what leaves expect of the time beyond the horizon.
        remarks: for the plan.
    """

    tree: NodeTree
    period: Ints
    market: MarketState
    stated: MarketState
    spot_factor: Floats
    delay_months: Ints
    beyond: Outlook
    remarks: tuple[str, ...] = ()

    def hashprice_factor(self) -> Floats:
        """Hashprice over its stated path, (N,)."""
        return ratio(self.market.hashprice_usd_per_ph_day, self.stated.hashprice_usd_per_ph_day)

    def rental_factor(self, market: str) -> Floats:
        """Rental rate over its stated path, (N,)."""
        own, stated = self.market.rentals[market], self.stated.rentals[market]
        return ratio(own.usd_per_gpu_hour, stated.usd_per_gpu_hour)


def ratio(values: Floats, stated: Floats) -> Floats:
    """values / stated, 1 where nothing is stated, same shape."""
    return np.where(stated > 0, values / np.where(stated > 0, stated, 1.0), 1.0)


def certain(straight: NodeTree, market: MarketState, sites: int) -> Futures:
    """One path: every series stands at its stated path."""
    return Futures(
        tree=straight,
        period=np.arange(len(straight), dtype=np.int64),
        market=market,
        stated=market,
        spot_factor=np.ones((sites, len(straight))),
        delay_months=np.zeros(len(straight), dtype=np.int64),
        beyond=lambda months: {},
    )
