"""HALL: what every hall is fitted as, and how conversions change it.

Purpose
    Each hall stands in one fit-out or idle. A conversion is decided, paid for over its lead time, empties the hall for
    its downtime and then is the hall's fit-out.

Sets
    n nodes, a(n) parent; h halls, hosted ones within their term only; b in h: bays (the hall in one fit-out), only
    where and when the bay can exist. Rows on what changes a hall stand for the company's own halls.
    convert[b,n] only at decision nodes, to bays other than the opening one that can be ready inside the horizon; to a
    bay to which a conversion is under way at the start only at roots, and 1 there.
    ready(b): pairs m -> n where n is the first node starting lead_months or more after the start of m.
    down(b): pairs m -> n where n overlaps the last downtime_months of the lead (none where downtime is 0).

Parameters
    open[b]   | 1 for the bay the hall opens in, else 0 | share
    most[h]   | conversions a path may hold | count
    R[b]      | rack positions of the bay | slots
    X[b,m]    | capex of a conversion decided at m, what is left of it where one is under way | USD
    pay[b,m,n] | share of the lead months of m that falls into n; 1 at m itself where the lead is 0 | share

Variables
    convert[b,n] | a conversion to b is decided | - | {0,1} | decision nodes
    fitted[b,n]  | the hall is usable as b; whole whenever convert is, stated so for cuts | - | {0,1} | every node
    idle[h,n]    | the hall stands empty | share | [0,1] | every node, own halls

Constraints
    HALL.one_fitout[h,n] | sum_{b in h} fitted[b,n] + idle[h,n] = held[h,n]
        | A hall is one thing at a time, or idle; held is 1 for own halls, and added by HOSTING. | design 5
    HALL.downtime[h,n] | idle[h,n] = sum_{b in h} sum_{(m,n) in down(b)} convert[b,m]
        | It is idle during the downtime of a conversion, and then only. | design 5
    HALL.lead_time[b,n] | fitted[b,n] <= fitted[b,a(n)] + sum_{(m,n) in ready(b)} convert[b,m]
        | A fit-out starts only when a conversion is ready; open[b] stands for the parent of a root. | design 5
    HALL.delivered[b,n] | fitted[b,n] >= sum_{(m,n) in ready(b)} convert[b,m]
        | A conversion that is ready is the fit-out. | design 5
    HALL.once[h,leaf] | sum_{n on the path} sum_{b in h} convert[b,n] <= most[h]
        | Conversions of one hall over the horizon. | issue 2
    HALL.slots[b,n] | slots[b,n] <= R[b] fitted[b,n]
        | Machines need rack positions; slots are added by FLEET. | design 5
    adds to capex_usd[n] | sum_b sum_m pay[b,m,n] X[b,m] convert[b,m]
        | Conversions are paid evenly over their lead months. | issue 2
    adds to npv_usd[m] | - discount_horizon sum_b X[b,m] (1 - sum_n prob[n] / prob[m] pay[b,m,n]) convert[b,m]
        | What is still owed at the horizon. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.planning.axes import by_leaf, grid, related, spread, with_axes
from allocator.planning.context import Context
from solvers.model import Expr, lag


@dataclass(frozen=True)
class _Halls:
    convert: Expr
    fitted: Expr
    idle: Expr
    ready: pd.DataFrame


def add(context: Context) -> None:
    """Columns and rows of the halls; `fitted` and `convert` are published."""
    model, axes = context.model, context.axes
    own = ~np.isin(axes.hall_node["hall"], context.instance.hosting.hall)
    halls = _Halls(
        convert=model.variables("convert", axes.convert, lower=_under_way(context), upper=1.0, integer=True).expr,
        fitted=model.variables("fitted", axes.bay_node, upper=1.0, integer=True).expr,
        idle=model.variables("idle", axes.hall_node[own].reset_index(drop=True), upper=1.0).expr,
        ready=related("bay", context.instance.bays.lead_months, context.instance.tree.ready),
    )
    context.ledgers.fitted.add(halls.fitted)
    context.ledgers.convert.add(halls.convert)
    _one_fitout(context, halls)
    _downtime(context, halls)
    _lead_time(context, halls)
    _once(context, halls)
    _capex(context, halls.convert)


def _under_way(context: Context) -> Floats:
    """1 where a conversion is under way, else 0, by row of the conversions."""
    instance, convert = context.instance, context.axes.convert
    under_way = instance.opening.under_way_at(len(instance.bays.names), instance.tree)
    return under_way[convert["bay"], convert["node"]].astype(float)


def close(context: Context) -> None:
    """Rack positions, once every family has taken its own."""
    used = context.ledgers.slots.total
    limit = context.ledgers.fitted.total * context.instance.bays.slots[used.index["bay"]]
    taken = used.has_terms
    context.model.rows("HALL.slots", used.keep(taken) - limit.keep(taken) <= 0.0)


def _by_hall(context: Context, expr: Expr) -> Expr:
    return with_axes(expr, hall=context.instance.bays.hall[expr.index["bay"]])


def _one_fitout(context: Context, halls: _Halls) -> None:
    hall_node = context.axes.hall_node
    fitted = _by_hall(context, halls.fitted).sum_by(hall_node, empty="zero")
    idle = halls.idle.take(hall_node, on=["hall", "node"], absent="zero")
    context.model.rows("HALL.one_fitout", fitted + idle - context.ledgers.held.total == 0.0)


def _downtime(context: Context, halls: _Halls) -> None:
    bays, tree = context.instance.bays, context.instance.tree
    parts = [
        tree.during(int(lead - down), int(lead)).assign(bay=b, hall=int(bays.hall[b]))
        for b, (lead, down) in enumerate(zip(bays.lead_months, bays.downtime_months, strict=True))
        if down > 0
    ]
    empty = pd.DataFrame(columns=["made", "node", "bay", "hall"], dtype="int64")
    down = pd.concat(parts, ignore_index=True) if parts else empty
    emptied = halls.convert.take(down, on={"bay": "bay", "made": "node"}, absent="zero")
    idle = emptied.sum_by(halls.idle.index, empty="zero")
    context.model.rows("HALL.downtime", halls.idle - idle == 0.0)


def _lead_time(context: Context, halls: _Halls) -> None:
    tree, fitted = context.instance.tree, halls.fitted
    opening = np.isin(fitted.index["bay"], context.instance.halls.opening_bay).astype(float)
    before = lag(fitted, "node", tree.parent, initial=opening, absent="zero")
    ready = spread(halls.convert, halls.ready, "bay", context.axes.bay_node)
    own = ~np.isin(fitted.index["bay"], context.instance.hosting.bay)
    context.model.rows("HALL.lead_time", (fitted - before - ready).keep(own) <= 0.0)
    due = ready.has_terms
    context.model.rows("HALL.delivered", fitted.keep(due) - ready.keep(due) >= 0.0)


def _once(context: Context, halls: _Halls) -> None:
    tree, convert = context.instance.tree, _by_hall(context, halls.convert)
    target = grid(hall=len(context.instance.halls.names), leaf=len(tree.leaves))
    target["leaf"] = tree.leaves[target["leaf"]]
    made = by_leaf(convert, context.axes, target)
    possible = made.has_terms
    limit = context.instance.halls.max_conversions[target["hall"]]
    context.model.rows("HALL.once", made.keep(possible), upper=limit[possible])


def _capex(context: Context, convert: Expr) -> None:
    bays, tree = context.instance.bays, context.instance.tree
    pay = _payments(context)
    usd = bays.capex_usd[pay["bay"], pay["made"]] * pay["share"].to_numpy()
    made = convert.take(pay, on={"bay": "bay", "made": "node"}, absent="zero")
    context.pay_capex(made * usd)

    paid = np.zeros(bays.capex_usd.shape)
    np.add.at(paid, (pay["bay"], pay["made"]), tree.probability[pay["node"]] * pay["share"].to_numpy())
    owed = context.instance.finance.discount_horizon * bays.capex_usd * (1.0 - paid / tree.probability)
    context.beyond(convert * -owed[convert.index["bay"], convert.index["node"]])


def _payments(context: Context) -> pd.DataFrame:
    """(bay, made, node, share) of the lead months that fall into each node."""
    bays, tree = context.instance.bays, context.instance.tree
    at_once = pd.DataFrame({"made": np.arange(len(tree)), "node": np.arange(len(tree))})
    pay = related("bay", bays.lead_months, lambda lead: tree.during(0, lead) if lead > 0 else at_once)
    lead, start = bays.lead_months[pay["bay"]], tree.first_month[pay["made"]]
    begin, end = tree.first_month[pay["node"]], tree.first_month[pay["node"]] + tree.months[pay["node"]]
    months = np.minimum(end, start + lead) - np.maximum(begin, start)
    return pay.assign(share=np.where(lead > 0, months / np.maximum(lead, 1), 1.0))
