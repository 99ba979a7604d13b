"""EQUITY: shares sold to new owners.

Purpose
    What new owners pay is cash; what they come to hold is no value of today's owners. The claim is counted at what the
    shares are worth when they are sold, and grows at the rate at which it is discounted: selling shares is worth its
    discount and fees, negative, and nothing else, wherever and however often it is done.

Sets
    n, m nodes; Y(n) nodes on the path to n, itself included, that start in the same calendar year; leaf nodes.

Parameters
    f    | fee on what buyers pay | share
    k    | what buyers come to hold for a dollar, 1 / (1 - discount) | USD/USD
    O    | what those hold at the start who bought before | USD
    G[n] | most that buyers pay in the node; GY[n], GT: in its calendar year from the start on, over the horizon | USD
    D[n] | risk-free factor at the middle of the node | share

Variables
    issued_musd[n] | paid by buyers of shares | MUSD | 0 .. 1e-6 G[n] | decision nodes from the first month on

Constraints
    EQUITY.year[n] | sum_{m in Y(n)} issued_musd[m] <= 1e-6 GY[n]
        | A calendar year on every path; where there is a limit. | issue 4
    EQUITY.total[leaf] | sum_{m on the path} issued_musd[m] <= 1e-6 GT
        | The horizon; where there is a limit. | issue 4
    adds to cash_usd[n] | 1e6 (1 - f) issued_musd[n]
        | Class of financing, D[n]. | issue 4
    adds to npv_usd[n] | - 1e6 D[n] k issued_musd[n]
        | What new owners hold: at every leaf with interest to the end of the horizon, discounted from there. | issue 4
    adds to npv_usd[root] | - O
        | What was sold before the start is no value of today's owners either. | issue 7
"""

from __future__ import annotations

import numpy as np

from allocator.instance.equity import Equity
from allocator.planning.axes import by_leaf, frame
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr


def add(context: Context) -> None:
    """Columns, rows and flows of the shares that may be sold, if any may."""
    equity, factor = context.instance.equity, context.instance.discount_financing
    if equity is None:
        return
    nodes = frame(node=np.flatnonzero(equity.may_issue))
    issued = context.model.variables("issued_musd", nodes, upper=equity.most_usd / USD_PER_MUSD).expr
    _limits(context, equity, issued)
    paid = issued * USD_PER_MUSD
    context.earn(paid * (1.0 - equity.fee_share), factor)
    context.worth(paid * (-equity.claim_per_usd * factor[nodes["node"]]))
    if equity.opening_claim_usd:
        root = frame(node=np.flatnonzero(context.instance.tree.parent < 0))
        context.worth(Expr.of(np.full(len(root), -equity.opening_claim_usd), root))


def _limits(context: Context, equity: Equity, issued: Expr) -> None:
    tree, nodes = context.instance.tree, issued.index["node"].tolist()
    pairs = [
        (made, node)
        for node in nodes
        for made in tree.path(node)
        if equity.may_issue[made] and equity.year[made] == equity.year[node]
    ]
    made, node = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    of_year = issued.take(frame(made=made, node=node), on={"made": "node"}).sum_by(issued.index, on=["node"])
    limited = np.full(len(nodes), np.isfinite(equity.most_usd_per_year))
    most = equity.left_of_year_usd[nodes][limited] / USD_PER_MUSD
    context.model.rows("EQUITY.year", of_year.keep(limited), upper=most)
    ends = frame(leaf=tree.leaves if np.isfinite(equity.most_usd_in_all) else [])
    along = by_leaf(issued, context.axes, ends) if len(ends) else Expr.zero(ends)
    context.model.rows("EQUITY.total", along, upper=equity.most_usd_in_all / USD_PER_MUSD)
