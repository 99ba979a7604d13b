"""CHANCE: how likely a shortfall of cash or a margin call may be, in a month and along a path.

Purpose
    Some limits may be broken in a few futures. An event is counted where one is broken, and its probability bounded
    (chance constraints: Charnes and Cooper, 1959, "Chance-constrained programming"; on the nodes of a tree the
    expectation of its indicators).

Sets
    e limited events: cash below its minimum, or a loan whose call free Bitcoin does not meet; n nodes, a(n) parent;
    m months in which nodes start; leaf nodes.

Parameters
    prob[n] | probability of the node | share
    M[e,n]  | most that can be amiss: what may be missing, or all that is owed with interest | USD
    P[e], Q[e] | most probability in a month, and on the way to a leaf | share

Variables
    happens[e,n]  | the event happens in the node | binary | 0 .. 1 | nodes in which it can
    happened[e,n] | it has happened by the end of the node | share | 0 .. 1 | every node, where Q < 1

Constraints
    CHANCE.event[e,n] | amiss_musd[e,n] <= 1e-6 M[e,n] happens[e,n], where amiss_musd is shortfall_musd[n] or
        call_musd[l,n] of its loan
        | What is amiss is an event. | design 10
    CHANCE.month[e,m] | sum_{n starts in m} prob[n] happens[e,n] <= P[e]
        | Probability in a month; where P < 1. | design 10
    CHANCE.on_path[e,n] | happened[e,n] >= happens[e,n]
        | What happens has happened; where Q < 1. | design 10
    CHANCE.stays[e,n] | happened[e,n] >= happened[e,a(n)]
        | And stays so; after the root, where Q < 1. | design 10
    CHANCE.paths[e] | sum_leaf prob[leaf] happened[e,leaf] <= Q[e]
        | Probability that it happens at all; where Q < 1. | design 10
"""

from __future__ import annotations

import numpy as np

from allocator.instance.chance import COMPANY
from allocator.instance.tree import Bools
from allocator.planning.axes import frame, grid, with_axes
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr, lag


def close(context: Context) -> None:
    """Columns and rows of the events whose probability is limited; loans and cash have told what is amiss."""
    chances, tree = context.instance.chances, context.instance.tree
    if not len(chances):
        return
    amiss = _amiss(context)
    amiss = amiss.keep(amiss.has_terms)
    event, node = amiss.index["event"].to_numpy(), amiss.index["node"].to_numpy()
    happens = context.model.variables("happens", amiss.index, upper=1.0, integer=True).expr
    most = chances.most_usd[event, node] / USD_PER_MUSD
    context.model.rows("CHANCE.event", happens * most - amiss >= 0.0)
    limited = chances.by_month[event] < 1.0
    odds = with_axes(happens * tree.probability[node], month=tree.first_month[node]).keep(limited)
    months = odds.index[["event", "month"]].drop_duplicates(ignore_index=True)
    by_month = odds.sum_by(months)
    context.model.rows("CHANCE.month", by_month, upper=chances.by_month[months["event"]])
    _along_paths(context, happens)


def _amiss(context: Context) -> Expr:
    """What is amiss of each event at each node, MUSD, (event, node)."""
    chances, nodes = context.instance.chances, len(context.instance.tree)
    table = grid(event=len(chances), node=nodes)
    loan, node = chances.loan[table["event"]], table["node"].to_numpy()
    of_cash = loan == COMPANY
    short = context.ledgers.short_musd.total.pick(np.where(of_cash, node, -1), table, absent="zero")
    called = context.ledgers.called_musd.total.pick(np.where(of_cash, -1, loan * nodes + node), table, absent="zero")
    return short + called


def _along_paths(context: Context, happens: Expr) -> None:
    model, chances, tree = context.model, context.instance.chances, context.instance.tree
    limited: Bools = chances.of_path < 1.0
    every = grid(event=len(chances), node=len(tree))
    every = every[limited[every["event"]]].reset_index(drop=True)
    happened = model.variables("happened", every, upper=1.0).expr
    events = happens.keep(limited[happens.index["event"]])
    model.rows("CHANCE.on_path", happened.take(events.index, on=["event", "node"]) - events >= 0.0)
    after = tree.parent[every["node"]] >= 0
    before = lag(happened, "node", tree.parent, initial=0.0)
    model.rows("CHANCE.stays", (happened - before).keep(after) >= 0.0)
    ends = np.isin(every["node"], tree.leaves)
    at_leaf = (happened * tree.probability[every["node"]]).keep(ends)
    paths = frame(event=np.flatnonzero(limited))
    model.rows("CHANCE.paths", at_leaf.sum_by(paths), upper=chances.of_path[limited])
