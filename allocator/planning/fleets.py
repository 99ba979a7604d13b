"""FLEET: machines bought, stored, installed, moved and sold, in whole blocks.

Purpose
    A company-wide store stands between the market and the halls: bought machines arrive in it, installing takes them to
    a hall, removing brings them back, sales leave from it.

Sets
    n nodes, a(n) parent; e models; h halls; p placements (a model in a bay), only where the bay can exist and one block
    can be had and racked. install, remove, buy and sell only at decision nodes; remove also in the first node after the
    term of a hosting agreement.
    ready(e): pairs m -> n where n is the first node starting lead_months or more after the start of m.

Parameters
    k[e]       | units of a block | units
    g[e]       | rack positions of a unit | slots
    cap[p]     | whole blocks the bay racks and a host feeds, or the company can ever own if fewer | blocks
    most[e]    | purchase limit of a path, in whole blocks | blocks
    c[e,n], r[e,n] | purchase price, resale price of a unit | USD
    i[e]       | cost of installing a unit | USD
    a[e,n]     | ordered before the start, arrives in the node | units
    u[e]       | refund of an order not delivered, share of its price | share

Variables
    installed_blocks[p,n]  | blocks standing in the bay | blocks | >= 0, integer at decision nodes | every node
    install_blocks[e,h,n]  | from the store to the hall; net of removals whole | blocks | >= 0 | decision nodes
    remove_blocks[e,h,n]   | from the hall to the store; net of installs whole | blocks | >= 0 | decision nodes, and
        where an agreement is over
    buy_blocks[e,n]        | ordered and paid | blocks | integer >= 0 | decision nodes
    sell_blocks[e,n]       | sold out of the store | blocks | integer >= 0 | decision nodes
    stored_blocks[e,n]     | in the store at the end of the node | blocks | >= 0 | every node
    delivered_blocks[e,n]  | arrived in the store | blocks | >= 0 | nodes where an order can arrive

Constraints
    FLEET.balance[e,h,n] | sum_{p of e in h} installed_blocks[p,n]
        = sum_{p of e in h} installed_blocks[p,a(n)] + install_blocks[e,h,n] - remove_blocks[e,h,n]
        | Machines of a hall; the opening fleet stands for the parent of a root. | design 5
    FLEET.compatible[p,n] | installed_blocks[p,n] <= cap[p] fitted[b,n]
        | Machines stand only in a hall fitted for them; bounded by the fit-out of their own bay. | design 5
    FLEET.store[e,n] | stored_blocks[e,n] = stored_blocks[e,a(n)] + delivered_blocks[e,n]
        + sum_h remove_blocks[e,h,n] - sum_h install_blocks[e,h,n] - sell_blocks[e,n]
        | The store; opening stock stands for the parent of a root. | design 5
    FLEET.lead_time[e,n] | delivered_blocks[e,n] = sum_{(m,n) in ready(e)} buy_blocks[e,m] + a[e,n] / k[e]
        | Orders arrive after their lead, those of before the start in their month. | design 5
    FLEET.purchase_limit[e,leaf] | sum_{n on the path} buy_blocks[e,n] <= most[e]
        | Machines to be had. | issue 2
    adds to removed_blocks[e,h,n] | remove_blocks[e,h,n]
        | Machines of hosts come home at a price, paid by HOSTING. | issue 4
    adds to slots[b,n] | sum_{p in b} g[e] k[e] installed_blocks[p,n]
        | Closed by HALL.slots. | design 5
    adds to capex_usd[n] | sum_e k[e] (c[e,n] buy_blocks[e,n] + i[e] sum_h install_blocks[e,h,n])
        | Orders are paid when placed. | issue 2
    adds to cash_usd[n] | sum_e k[e] r[e,n] sell_blocks[e,n]
        | Sales are no negative capex: they do not widen the budget. | issue 2
    adds to npv_usd[leaf] | discount_horizon sum_e k[e] r[e,leaf] (stored_blocks[e,leaf]
        + sum_p installed_blocks[p,leaf])
        | Machines at resale, at the horizon. | design 5
    adds to npv_usd[m] | discount_horizon sum_e k[e] u[e] c[e,m] (1 - sum_{(m,n) in ready(e)} prob[n] / prob[m])
        buy_blocks[e,m]
        | Orders that do not arrive inside the horizon, at refund. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools, Floats
from allocator.planning.axes import by_leaf, purchase_limit_blocks, related, spread, where, with_axes
from allocator.planning.context import Context
from solvers.model import Expr, lag


@dataclass(frozen=True)
class _Fleets:
    """Expressions of the columns; `installed` carries the axes (placement, model, hall, bay, node)."""

    installed: Expr
    install: Expr
    remove: Expr
    buy: Expr
    sell: Expr
    stored: Expr
    delivered: Expr
    ready: pd.DataFrame


def add(context: Context) -> None:
    """Columns and rows of the machines; `installed_blocks` and `slots` are published."""
    fleets = _columns(context)
    _publish(context, fleets)
    _balance(context, fleets)
    _compatible(context, fleets.installed)
    _store(context, fleets)
    _lead_time(context, fleets)
    _purchase_limit(context, fleets.buy)
    _money(context, fleets)
    _horizon(context, fleets)


def _columns(context: Context) -> _Fleets:
    model, axes, instance = context.model, context.axes, context.instance
    decision, buyable = instance.tree.decision, instance.models.buyable
    over = _over(context)[axes.fleet_node["hall"], axes.fleet_node["node"]]
    decides = decision[axes.fleet_node["node"]]
    moves, removals = _rows(axes.fleet_node, decides & ~over), _rows(axes.fleet_node, decides | over)
    trades = _rows(axes.model_node, decision[axes.model_node["node"]])
    orders = _rows(trades, buyable[trades["model"]])
    ready = related("model", instance.models.lead_months, instance.tree.ready)
    placed = axes.placement_node
    most_moved = _most_in_hall(context)
    installed = model.variables(
        "installed_blocks", placed, upper=_hold(context)[placed["placement"]], integer=decision[placed["node"]]
    )
    return _Fleets(
        installed=_described(context, installed.expr),
        install=model.variables("install_blocks", moves, upper=most_moved[moves["model"], moves["hall"]]).expr,
        remove=model.variables("remove_blocks", removals, upper=most_moved[removals["model"], removals["hall"]]).expr,
        buy=model.variables(
            "buy_blocks", orders, upper=purchase_limit_blocks(instance)[orders["model"]], integer=True
        ).expr,
        sell=model.variables("sell_blocks", trades, integer=True).expr,
        stored=model.variables("stored_blocks", axes.model_node).expr,
        delivered=model.variables("delivered_blocks", _arrivals(context, orders, ready)).expr,
        ready=ready,
    )


def _over(context: Context) -> Bools:
    """(H, N) true in the first node after the term of a hall's hosting agreement."""
    instance = context.instance
    over = np.zeros((len(instance.halls.names), len(instance.tree)), dtype=np.bool_)
    over[instance.hosting.hall] = instance.hosting.expires(instance.tree)
    return over


def _rows(table: pd.DataFrame, mask: Bools) -> pd.DataFrame:
    return table[mask].reset_index(drop=True)


def _arrivals(context: Context, orders: pd.DataFrame, ready: pd.DataFrame) -> pd.DataFrame:
    """(model, node) where some order can arrive, or one of before the start does."""
    due = orders.merge(ready, left_on=["model", "node"], right_on=["model", "made"], suffixes=("_ordered", ""))
    earlier = where(_arriving(context) > 0, "model", "node")
    known = pd.concat([due[["model", "node"]], earlier], ignore_index=True).drop_duplicates()
    return context.axes.model_node.merge(known, on=["model", "node"])


def _arriving(context: Context) -> Floats:
    """(M, N) units ordered before the start that arrive at the node."""
    return context.instance.opening.arriving(len(context.instance.models.names), context.instance.tree)


def _hold(context: Context) -> Floats:
    """(P,) blocks a placement may hold: its cap, or what stands there already."""
    return np.maximum(context.axes.most_blocks, _opening_blocks(context))


def _opening_blocks(context: Context) -> Floats:
    placements = context.instance.placements
    return placements.opening_units / context.instance.models.block_units[placements.model]


def _by_hall(context: Context, values: Floats, ufunc: np.ufunc) -> Floats:
    """(M, H) sums or maxima of a value of each placement."""
    placements, instance = context.instance.placements, context.instance
    result = np.zeros((len(instance.models.names), len(instance.halls.names)))
    ufunc.at(result, (placements.model, instance.bays.hall[placements.bay]), values)
    return result


def _most_in_hall(context: Context) -> Floats:
    return np.maximum(
        _by_hall(context, context.axes.most_blocks, np.maximum), _by_hall(context, _opening_blocks(context), np.add)
    )


def _described(context: Context, installed: Expr) -> Expr:
    placements, placement = context.instance.placements, installed.index["placement"]
    bay = placements.bay[placement]
    return with_axes(installed, model=placements.model[placement], bay=bay, hall=context.instance.bays.hall[bay])


def _publish(context: Context, fleets: _Fleets) -> None:
    models, ledgers, installed = context.instance.models, context.ledgers, fleets.installed
    ledgers.removed_blocks.add(fleets.remove.sum_by(context.axes.fleet_node, empty="zero"))
    ledgers.installed_blocks.add(installed.pick(np.arange(len(installed)), context.axes.placement_node))
    slots = (models.slots_per_unit * models.block_units)[installed.index["model"]]
    ledgers.slots.add((installed * slots).sum_by(context.axes.bay_node, empty="zero"))


def _balance(context: Context, fleets: _Fleets) -> None:
    table, tree = context.axes.fleet_node, context.instance.tree
    standing = fleets.installed.sum_by(table, empty="zero")
    opening = _by_hall(context, _opening_blocks(context), np.add)[table["model"], table["hall"]]
    before = lag(standing, "node", tree.parent, initial=opening, absent="zero")
    moved = fleets.install.sum_by(table, empty="zero") - fleets.remove.sum_by(table, empty="zero")
    context.model.rows("FLEET.balance", standing - before - moved == 0.0)


def _compatible(context: Context, installed: Expr) -> None:
    fitted = context.ledgers.fitted.total.take(installed.index, on=["bay", "node"])
    room = fitted * context.axes.most_blocks[installed.index["placement"]]
    rows = (installed - room).pick(np.arange(len(installed)), context.axes.placement_node)
    context.model.rows("FLEET.compatible", rows <= 0.0)


def _store(context: Context, fleets: _Fleets) -> None:
    table, models = context.axes.model_node, context.instance.models
    opening = (models.opening_stored_units / models.block_units)[table["model"]]
    before = lag(fleets.stored, "node", context.instance.tree.parent, initial=opening)
    arrived, removed, installed, sold = (
        part.sum_by(table, empty="zero") for part in (fleets.delivered, fleets.remove, fleets.install, fleets.sell)
    )
    context.model.rows("FLEET.store", fleets.stored - before - arrived - removed + installed + sold == 0.0)


def _lead_time(context: Context, fleets: _Fleets) -> None:
    ordered = spread(fleets.buy, fleets.ready, "model", fleets.delivered.index)
    model, node = fleets.delivered.index["model"], fleets.delivered.index["node"]
    earlier = (_arriving(context) / context.instance.models.block_units[:, None])[model, node]
    context.model.rows("FLEET.lead_time", fleets.delivered - ordered == earlier)


def _purchase_limit(context: Context, buy: Expr) -> None:
    most = purchase_limit_blocks(context.instance)
    limited = buy.keep(np.isfinite(most[buy.index["model"]]))
    target = limited.index.merge(context.axes.path, on="node")[["model", "leaf"]].drop_duplicates(ignore_index=True)
    context.model.rows("FLEET.purchase_limit", by_leaf(limited, context.axes, target), upper=most[target["model"]])


def _money(context: Context, fleets: _Fleets) -> None:
    models = context.instance.models
    price, resale = (usd * models.block_units[:, None] for usd in (models.price_usd, models.resale_usd))
    install = models.install_usd * models.block_units
    context.pay_capex(fleets.buy * price[fleets.buy.index["model"], fleets.buy.index["node"]])
    context.pay_capex(fleets.install * install[fleets.install.index["model"]])
    sold = fleets.sell * resale[fleets.sell.index["model"], fleets.sell.index["node"]]
    context.ledgers.sales_usd.add(sold.sum_by(context.axes.node, empty="zero"))
    context.earn(sold, context.instance.finance.discount_operations)


def _horizon(context: Context, fleets: _Fleets) -> None:
    models, tree = context.instance.models, context.instance.tree
    at_horizon = context.instance.finance.discount_horizon * models.block_units[:, None]
    last = np.isin(np.arange(len(tree)), tree.leaves).astype(float)
    resale = at_horizon * models.resale_usd * last
    for owned in (fleets.stored, fleets.installed):
        context.beyond(owned * resale[owned.index["model"], owned.index["node"]])
    late, made = np.ones((len(models.names), len(tree))), fleets.ready["made"]
    arrives = tree.probability[fleets.ready["node"]] / tree.probability[made]
    np.subtract.at(late, (fleets.ready["model"], made), arrives)
    refund = at_horizon * models.refund_share[:, None] * models.price_usd * late
    context.beyond(fleets.buy * refund[fleets.buy.index["model"], fleets.buy.index["node"]])
