"""HEDGE: instruments against hashprice, the price of Bitcoin and the price of power.

Purpose
    Instruments held pay what the node's market makes of them; those on offer are bought in lots, for a premium, and
    settle only below the node that bought them, so that no purchase bets on a price that is already known. A payoff is
    cash for certain once the node is known, so it is discounted at the risk-free rate, as debt is: an instrument whose
    premium is what it is worth under the tree's own probabilities adds nothing to the expected value.

Sets
    n nodes, a(n) parent; i instruments; offered: nodes where one may be bought. block: swaps; other: all others.

Parameters
    A[i]   | held at the start | PH/s, BTC or MW
    k[i]   | size of a lot | PH/s, BTC or MW
    L[i]   | most lots that may be bought along a path | lots
    u[i,n] | settled by one unit: days of delivery, 1 at the expiry of an option, MWh of delivery | per unit
    g[i,n] | what one of these brings at the node's price: fixed - hashprice; max(0, strike - price), in a collar less
        max(0, price - call strike); mean spot - fixed | USD
    q[i,n] | premium | USD per unit
    D[n]   | discount factor of financing | share

Variables
    buy_hedge_lots[i,n] | bought | lots | integer, 0 .. L[i] | offered
    hedge_lots[i,n]     | bought up to the end of the node | lots | 0 .. L[i] | every node, where L[i] > 0

Constraints
    HEDGE.balance[i,n] | hedge_lots[i,n] = hedge_lots[i,a(n)] + buy_hedge_lots[i,n]
        | Bought lots are kept; 0 stands for the parent of a root. | issue 4
    adds to cash_usd[n] | sum_i ( u[i,n] g[i,n] (A[i] + k[i] hedge_lots[i,a(n)]) - q[i,n] k[i] buy_hedge_lots[i,n] )
        | Class of financing, D[n]. | issue 4
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools
from allocator.planning.axes import frame, where
from allocator.planning.context import Context
from solvers.model import Expr, lag


def add(context: Context) -> None:
    """Columns of what is on offer, and the money of all instruments."""
    hedges, tree = context.instance.hedges, context.instance.tree
    if not hedges.names:
        return
    factor, most = context.instance.discount_financing, hedges.most_lots.astype(float)
    held = _everywhere(context, hedges.most_lots > 0)
    offered = where(hedges.offered, "hedge", "node")
    bought = context.model.variables("buy_hedge_lots", offered, upper=most[offered["hedge"]], integer=True).expr
    lots = context.model.variables("hedge_lots", held, upper=most[held["hedge"]]).expr
    before = lag(lots, "node", tree.parent, initial=0.0)
    taken = bought.take(held, on=["hedge", "node"], absent="zero")
    context.model.rows("HEDGE.balance", lots - before - taken == 0.0)
    hedge, node = held["hedge"].to_numpy(), held["node"].to_numpy()
    context.earn(before * (hedges.payoff_usd[hedge, node] * hedges.lot[hedge]), factor)
    at = offered["hedge"].to_numpy(), offered["node"].to_numpy()
    context.earn(bought * (-hedges.premium_usd[at] * hedges.lot[at[0]]), factor)
    context.earn(Expr.of(hedges.opening @ hedges.payoff_usd, context.axes.node), factor)


def _everywhere(context: Context, some: Bools) -> pd.DataFrame:
    nodes, hedges = len(context.instance.tree), np.flatnonzero(some)
    return frame(hedge=np.repeat(hedges, nodes), node=np.tile(np.arange(nodes), len(hedges)))
