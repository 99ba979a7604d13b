"""Instruments put on small instances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.hedges import SWAP, Hedges
from allocator.instance.hedges_build import expected_below
from allocator.instance.treasury import branches
from allocator.instance.types import Instance


def with_hedges(instance: Instance, swap_mw: float = 2.0, most_lots: int = 3, spread_usd: float = 1.0) -> Instance:
    """A forward sale of hashprice and a collar on offer, and a block of power that is held, at the first site.

    The forward settles in every node, 30 days each; the collar at the leaves; the block in every other step.
    """
    tree, hours, market = instance.tree, instance.hours, instance.market
    nodes, first = len(tree), int(hours.offset[0])
    block = np.arange(int(hours.offset[hours.periods]) - first) % 2 == 0
    mwh, spot = np.zeros(nodes), np.zeros(nodes)
    for node in range(nodes):
        weight = hours.weight_h[hours.steps(0, node)] * block[hours.own_steps(0, node)]
        mwh[node] = weight.sum()
        spot[node] = weight @ hours.spot(0, node) / mwh[node]
    leaf = np.isin(np.arange(nodes), tree.leaves).astype(float)
    btc = market.btc_price_usd
    mean = float(market.hashprice_usd_per_ph_day.mean())
    strike = 6e4 if btc is None else float(btc.mean())
    hedges = Hedges(
        names=("ahead", "collar", "block"),
        kind=("hashprice_forward", "btc_collar", SWAP),
        site=np.array([-1, -1, 0]),
        fixed_usd=np.array([1.02 * mean, strike, 45.0]),
        call_strike_usd=np.array([np.inf, 1.2 * strike, np.inf]),
        in_block=(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool), block),
        settled=np.array([np.full(nodes, 30.0), leaf, mwh]),
        price_usd=np.array([market.hashprice_usd_per_ph_day, np.zeros(nodes) if btc is None else btc, spot]),
        opening=np.array([4.0, 0.0, swap_mw]),
        lot=np.array([5.0, 1.0, 1.0]),
        most_lots=np.array([most_lots, most_lots, 0]),
        offered=np.array([branches(tree) & tree.decision] * 2 + [np.zeros(nodes, dtype=bool)]),
        premium_usd=np.zeros((3, nodes)),
        worth_usd=np.zeros((3, nodes)),
    )
    worth = expected_below(hedges.payoff_usd, tree, instance.finance.risk_free_per_year)
    premium = np.where(hedges.offered, worth + spread_usd, 0.0)
    return replace(instance, hedges=replace(hedges, worth_usd=worth, premium_usd=premium))
