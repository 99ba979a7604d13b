"""BTC: Bitcoin mined, kept, bought and sold, and what trading it costs.

Purpose
    Production is sold as it is mined unless it is kept; holdings are sold and bought as the policy of each node allows.
    Bitcoin is discounted apart from operations, so keeping it, at its price less the sale fee, is a flow of that class.

Sets
    n nodes, a(n) parent; leaf nodes; s sites; t hours of a site in a node; j segments of the site.
    counted: nodes where a mined Bitcoin may be worth more or less than its price: some may be kept, or sales are
    limited or move the price. k parts of a node's sales, each costing no less than the one before.

Parameters
    p[n]   | price | USD/BTC
    f      | sale fee, share of the price | share
    g      | purchase fee, share of the price | share
    c[k]   | share of the price lost on a part of the sales | share
    S[k,n] | size of the part | BTC
    B0     | holdings at the start, the parent of a root | BTC
    F      | floor of the holdings | BTC
    L[n], H[n] | share of production that must, and may, be kept | share
    V[n]   | most that is sold in the node, production included; only where there is a limit | BTC
    b[j,n] | mined by a MWh of IT load, pool fee deducted | BTC/MWh
    w[t]   | hours a step stands for | h
    d[n]   | share of the proceeds of sales from holdings that is cash only in the next node | share
    D[n]   | discount factor of Bitcoin | share
    h      | haircut of holdings at the end of the horizon | share

Variables
    btc[n]           | holdings at the end of the node | BTC | >= 0 | every node
    mined_btc[s,n]   | production | BTC | between 0 and what all machines could mine | counted nodes
    retained_btc[n]  | kept of the production | BTC | >= 0 | nodes where H > 0
    sold_btc[n]      | sold from holdings | BTC | between what must and what may be sold | nodes where any may be
    bought_btc[n]    | bought | BTC | between 0 and what may be bought | nodes where any may be
    placed_btc[k,n]  | part of the node's sales | BTC | between 0 and S[k,n] | every node, where sales move the price

Constraints
    BTC.balance[n] | btc[n] = btc[a(n)] + retained_btc[n] + bought_btc[n] - sold_btc[n] - seized_btc[n]
        | Holdings, pledged ones included; lenders may sell some. | design 5
    BTC.pledged[n] | pledged_btc[n] <= btc[n]
        | Only what is held can be pledged; added by LOAN. | design 5
    BTC.postable[n] | postable_btc[n] <= btc[a(n)] - pledged_btc[a(n)]
        | Free Bitcoin that tests of all loans count on, before the company acts; added by LOAN. | design 5
    BTC.floor[n] | btc[n] >= F
        | Least holdings; where there is a floor. | issue 3
    BTC.retained[n] | retained_btc[n] <= H[n] sum_s mined_btc[s,n]
        | No more is kept than is mined and may be kept. | design 5
    BTC.kept[n] | retained_btc[n] >= L[n] sum_s mined_btc[s,n]
        | What the policy keeps; where L > 0. | issue 3
    BTC.volume[n] | sum_s mined_btc[s,n] - retained_btc[n] + sold_btc[n] <= V[n]
        | Most that the market takes. | design 5
    BTC.placed[n] | sum_k placed_btc[k,n] = sum_s mined_btc[s,n] - retained_btc[n] + sold_btc[n]
        | The cheapest parts are filled first, since the later ones cost more. | issue 3
    BTC.mined[s,n] | mined_btc[s,n] = sum_{t,j} w[t] b[j,n] load_mw[j,t]
        | Production of the hours, less what RESERVE expects to be called. A master has no hours: cuts bound margin and
          production together. | design 5
    adds to cash_usd[n] | p[n] ( (1 - f) (sold_btc[n] - retained_btc[n]) - (1 + g) bought_btc[n]
        - sum_k c[k] placed_btc[k,n] )
        | Class of Bitcoin, D[n]; operations have earned p (1 - f) on all production. | design 5
    adds to cash_usd[n] | - d[n] p[n] (1 - f) sold_btc[n] + d[a(n)] p[a(n)] (1 - f) sold_btc[a(n)]
        | Proceeds that settle in the next node: cash moves, value does not. | issue 3
    adds to npv_usd[leaf] | D[leaf] (1 - h) p[leaf] btc[leaf]
        | Holdings at the end of the horizon. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Bools, Floats
from allocator.planning.axes import frame, grid, most_mined_btc
from allocator.planning.context import Context
from solvers.model import Expr, lag


@dataclass(frozen=True)
class _Trades:
    """Expressions over the nodes, 0 where nothing may be traded; `placed` over (part, node)."""

    mined: Expr
    retained: Expr
    sold: Expr
    bought: Expr
    placed: Expr

    @property
    def volume(self) -> Expr:
        """What the market takes, production included."""
        return self.mined - self.retained + self.sold


def add(context: Context) -> Expr:
    """Columns, rows and flows of Bitcoin, if the company holds any; returns production over (site, node)."""
    treasury, table = context.instance.treasury, context.axes.site_node
    counted = np.zeros(len(table), dtype=bool) if treasury is None else treasury.coupled[table["node"]]
    pairs = _rows(table, counted)
    most = most_mined_btc(context.instance)[pairs["site"], pairs["node"]]
    mined = context.model.variables("mined_btc", pairs, upper=most).expr
    if treasury is not None:
        trades = _trades(context, treasury, mined)
        btc = context.model.variables("btc", context.axes.node).expr
        context.ledgers.held_btc.add(btc)
        _balance(context, treasury, btc, trades)
        _policy(context, treasury, trades)
        _market(context, treasury, trades)
        _money(context, treasury, trades)
        _horizon(context, treasury, btc)
    return mined


def produce(context: Context, mined: Expr, of_hours: Expr) -> None:
    """Production is that of the hours, (site, node), in a model that carries them."""
    context.model.rows("BTC.mined", mined - of_hours.take(mined.index, on=["site", "node"]) == 0.0)


def _rows(table: pd.DataFrame, mask: Bools) -> pd.DataFrame:
    return table[mask].reset_index(drop=True)


def _trades(context: Context, treasury: Treasury, mined: Expr) -> _Trades:
    model, nodes = context.model, context.axes.node

    def column(name: str, least: Floats, most: Floats) -> Expr:
        """One column a node where something may be traded, over all nodes."""
        at = np.flatnonzero(most > 0)
        made = model.variables(name, frame(node=at), lower=least[at], upper=most[at]).expr
        return made.take(nodes, on=["node"], absent="zero")

    nothing, parts = np.zeros(len(nodes)), grid(part=len(treasury.part_cost_share), node=len(nodes))
    return _Trades(
        mined=mined.sum_by(nodes, empty="zero"),
        retained=column("retained_btc", nothing, np.where(treasury.keep_most_share > 0, np.inf, 0.0)),
        sold=column("sold_btc", treasury.sell_least_btc, treasury.sell_most_btc),
        bought=column("bought_btc", nothing, treasury.buy_most_btc),
        placed=model.variables("placed_btc", parts, upper=treasury.part_btc.ravel()).expr,
    )


def _balance(context: Context, treasury: Treasury, btc: Expr, trades: _Trades) -> None:
    ledgers, parent = context.ledgers, context.instance.tree.parent
    before = lag(btc, "node", parent, initial=treasury.opening_btc)
    moved = trades.retained + trades.bought - trades.sold - ledgers.seized_btc.total
    context.model.rows("BTC.balance", btc - before - moved == 0.0)
    floored = np.full(len(btc), treasury.floor_btc > 0)
    context.model.rows("BTC.floor", btc.keep(floored), lower=treasury.floor_btc)
    pledged, posted = ledgers.pledged_btc.total, ledgers.postable_btc.total
    secured = pledged.has_terms
    context.model.rows("BTC.pledged", (btc - pledged).keep(secured) >= 0.0)
    free = before - lag(pledged, "node", parent, initial=context.instance.opening_pledged_btc)
    context.model.rows("BTC.postable", (free - posted).keep(posted.has_terms) >= 0.0)


def _policy(context: Context, treasury: Treasury, trades: _Trades) -> None:
    model, most, least = context.model, treasury.keep_most_share, treasury.keep_least_share
    kept, mined = trades.retained, trades.mined
    model.rows("BTC.retained", (kept - mined * most).keep(most > 0) <= 0.0)
    model.rows("BTC.kept", (kept - mined * least).keep(least > 0) >= 0.0)


def _market(context: Context, treasury: Treasury, trades: _Trades) -> None:
    model, limited = context.model, np.isfinite(treasury.sale_limit_btc)
    model.rows("BTC.volume", trades.volume.keep(limited), upper=treasury.sale_limit_btc[limited])
    placed = trades.placed.sum_by(context.axes.node, empty="zero") - trades.volume
    model.rows("BTC.placed", placed.keep(np.full(len(placed), len(trades.placed) > 0)) == 0.0)


def _money(context: Context, treasury: Treasury, trades: _Trades) -> None:
    market, tree = context.instance.market, context.instance.tree
    price, net = context.instance.btc_price_usd, 1.0 - market.sale_fee_share
    lost = trades.placed * treasury.part_cost_share[trades.placed.index["part"]]
    traded = (trades.sold - trades.retained) * net - trades.bought * (1.0 + treasury.purchase_fee_share)
    traded -= lost.sum_by(context.axes.node, empty="zero")
    context.earn(traded * price, treasury.discount)
    late = trades.sold * (treasury.settlement_share * price * net)
    context.ledgers.cash_usd.add(lag(late, "node", tree.parent, initial=0.0) - late)


def _horizon(context: Context, treasury: Treasury, btc: Expr) -> None:
    instance, leaves = context.instance, context.instance.tree.leaves
    worth = treasury.discount * (1.0 - treasury.haircut_share) * instance.btc_price_usd
    context.worth(btc.pick(leaves, frame(node=leaves)) * worth[leaves])
