"""Who may trade Bitcoin when, on other trees over the markets of a tree.

A policy that trades at will does so where the tree branches. On a path that is known from the start nothing branches,
so rights are handed over from the tree: period by period to its mean path, whose price is the expected one, and node
by node to every path by itself. There they can be used to bet on known prices, or be bound to what a plan on the tree
does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.decided import Decided
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled
from allocator.planning.treasury_point import BtcTrades

TOLERANCE = 1e-6
"""Share of a sale that may be left out, so that production dispatched again need not repeat every digit."""


def on_mean_path(instance: Instance, single: Instance) -> Instance:
    """The mean path with the widest rights of the nodes of each period."""
    if instance.treasury is None or single.treasury is None:
        return single
    period = np.searchsorted(single.tree.first_month, instance.tree.first_month)
    held = instance.treasury
    treasury = replace(
        single.treasury,
        keep_least_share=_least(held.keep_least_share, period),
        keep_most_share=_most(held.keep_most_share, period),
        sell_least_btc=_least(held.sell_least_btc, period),
        sell_most_btc=_most(held.sell_most_btc, period),
        buy_most_btc=_most(held.buy_most_btc, period),
    )
    return replace(single, treasury=treasury)


def at_will(instance: Instance, forest: Instance, of: Ints) -> Instance:
    """Paths by themselves with the rights of their nodes: what trading on known prices would add."""
    if instance.treasury is None or forest.treasury is None:
        return forest
    held = instance.treasury
    treasury = replace(
        forest.treasury,
        keep_least_share=held.keep_least_share[of],
        keep_most_share=held.keep_most_share[of],
        sell_least_btc=held.sell_least_btc[of],
        sell_most_btc=held.sell_most_btc[of],
        buy_most_btc=held.buy_most_btc[of],
        discount=held.discount[of],
    )
    return replace(forest, treasury=treasury)


def as_planned(instance: Instance, forest: Instance, of: Ints, plan: Settled) -> Instance:
    """Paths by themselves on which Bitcoin is kept, sold and bought as a plan on the tree does at the same nodes."""
    trades, free = plan.point.trades, at_will(instance, forest, of)
    if trades is None or free.treasury is None:
        return free
    kept, sold, bought = _kept_share(trades)[of], trades.sold_btc[of], trades.bought_btc[of]
    treasury = replace(
        free.treasury,
        keep_least_share=np.maximum(0.0, kept - TOLERANCE),
        keep_most_share=kept,
        sell_least_btc=sold * (1.0 - TOLERANCE),
        sell_most_btc=sold,
        buy_most_btc=bought,
    )
    held = Decided(np.arange(len(of)), {"bought_btc": ("node",)}, {"bought_btc": bought})
    return replace(free, treasury=treasury, decided=held)


def with_trades(decided: Decided, trades: BtcTrades | None, nodes: Ints) -> Decided:
    """First decisions with the Bitcoin sold and bought at the same nodes; `nodes` are those of the plan with trades."""
    if trades is None:
        return decided
    axes = {**decided.axes, "sold_btc": ("node",), "bought_btc": ("node",)}
    values = {**decided.values, "sold_btc": trades.sold_btc[nodes], "bought_btc": trades.bought_btc[nodes]}
    return Decided(decided.nodes, axes, values)


def _kept_share(trades: BtcTrades) -> Floats:
    """Share of each node's production that is kept, (N,)."""
    mined = trades.mined_btc.sum(axis=0)
    share = np.divide(trades.retained_btc, mined, out=np.zeros_like(mined), where=mined > 0)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _least(values: Floats, period: Ints) -> Floats:
    """The least over the nodes of each period, (P,)."""
    return np.array([values[period == p].min() for p in range(int(period.max()) + 1)])


def _most(values: Floats, period: Ints) -> Floats:
    """The most over the nodes of each period, (P,)."""
    return np.array([values[period == p].max() for p in range(int(period.max()) + 1)])
