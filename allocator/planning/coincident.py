"""COINCIDENT: what sites are charged for their draw at the peaks of the whole system.

Purpose
    The peak of a month falls into one of some hours, each with a probability, and the average draw at the peaks of a
    year is charged in January of the next one. Nobody knows the hour before it is over, so each hour carries its
    expected part as an adder on the price of energy: the hours separate, and the closed form stays. The adder is what
    is due at its worth when it is caused; as it is not paid then, it is put off, and paid in January.

Sets
    n nodes, leaf nodes below; s sites; t hours of a site in a node; e causes: what one node adds to what one peak
    charges in one January, with site s(e) and node n(e); later(e) nodes below n(e), itself included, that hold that
    January; end(e) leaves below n(e) that end before it.

Parameters
    c[e,t] | rate times probability of the hour over the billed months of a year; of hours that stand for others, their
        sum, so that it is never multiplied by w[t] | USD/MW
    g[e]   | worth of a dollar due: sum over later(e) and end(e) of prob D, over prob[n(e)] D[n(e)] | share
    D[n]   | factor of operations; at leaves in end(e) that of the January | share
    G[s,t] | gross draw at the meter | MW
    O[k]   | owed for the time before the plan, in the first January | USD

Variables
    later_musd[e] | what the draw of a node adds to what is due | MUSD
        | between 0 and what the site's limit drawn in all hours would add | every node

Constraints
    COINCIDENT.due[e] | later_musd[e] = 1e-6 sum_t c[e,t] G[s(e),t]
        | What the hours cause. A master has no hours: cuts bound margin and what is due together. | design 4
    adds to margin_usd[s,n] | - sum_{e at s,n} g[e] sum_t c[e,t] G[s,t]
        | The adder sum_e g[e] c[e,t] / w[t] is part of p[t] of DISPATCH; it is income of the node. | design 4
    adds to cash_usd[n] | sum_{e at n} g[e] 1e6 later_musd[e]
        | Put off: not paid yet. Class of operations, D[n]; no income. | design 4
    adds to cash_usd[n] | - sum_{e: n in later(e)} 1e6 later_musd[e] - O[k] in the first January
        | Paid. Class of operations, D[n]; no income. | design 4
    adds to npv_usd[leaf] | - sum_{e: leaf in end(e)} D 1e6 later_musd[e]
        | Accrued at the end of the horizon. | design 5
"""

from __future__ import annotations

import numpy as np

from allocator.instance.coincident import Coincident
from allocator.instance.tree import Floats, Ints
from allocator.planning.axes import frame
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr


def add(context: Context) -> Expr:
    """What is due, put off, paid and accrued; returns what every cause adds, MUSD over (cause)."""
    instance, stated = context.instance, context.instance.coincident
    due = context.model.variables(
        "later_musd", frame(cause=np.arange(len(stated.peak))), upper=_most_musd(context)
    ).expr
    usd, factor = due * USD_PER_MUSD, instance.finance.discount_operations
    context.earn(usd.pick(np.arange(len(due)), frame(node=stated.node)) * stated.put_off_share, factor)
    context.earn(-_at(usd, stated.paid), factor)
    context.worth(-(_at(usd, stated.left) * stated.late_discount[stated.left[:, 0]]))
    _opening(context, stated, factor)
    return due


def produce(context: Context, due: Expr, of_hours: Expr) -> None:
    """What is due is that of the hours, in a model that carries them."""
    context.model.rows("COINCIDENT.due", due - of_hours.take(due.index, on=["cause"]) / USD_PER_MUSD == 0.0)


def _at(usd: Expr, pairs: Ints) -> Expr:
    """What causes add, over the nodes of some (cause, node)."""
    return usd.pick(pairs[:, 0], frame(node=pairs[:, 1]))


def _opening(context: Context, stated: Coincident, factor: Floats) -> None:
    owed, left = stated.opening_paid, stated.opening_left
    context.earn(Expr.of(-stated.opening_usd[owed[:, 0]], frame(node=owed[:, 1])), factor)
    late = -stated.opening_usd[left[:, 0]] * stated.opening_discount
    context.worth(Expr.of(late, frame(node=left[:, 1])))


def _most_musd(context: Context) -> Floats:
    """What a site that draws all its limit in every hour would cause, (E,)."""
    stated, sites = context.instance.coincident, context.instance.sites
    limit = sites.power_limit_mw[stated.site[stated.peak]] if len(stated.peak) else np.zeros(0)
    return np.array([due.sum() for due in stated.due_usd_per_mw], dtype=float) * limit / USD_PER_MUSD
