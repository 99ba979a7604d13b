"""NESTED: the worth of every node as seen from it, where the worst of its children weigh at every branching.

Purpose
    A plan is worth what its first node is worth: what is earned there, and the mix of the expected worth of its
    children and of the mean of the worst of them, each worth the same way (nested conditional value at risk:
    Ruszczynski and Shapiro, 2006, "Conditional risk mappings"; Shapiro, 2009, "On a time consistency concept in risk
    averse multistage stochastic programming"). What a plan does at a node is then the best as seen from that node as
    well. Where one node follows another for certain, worth adds up; where the tree branches once, it is that of
    RISK.tail.

Sets
    n nodes, a(n) parent; c children of a node that branches, roots where there are several: these follow the start.

Parameters
    q[c]   | probability of the child among those of its parent | share
    lambda | weight of the worst children | share
    alpha  | level: the worst 1 - alpha of the children of a node count | share

Variables
    own_musd[n]      | net present value earned in the node | MUSD | free | every node
    worth_musd[n]    | worth of the node and of what follows it, as seen from it | MUSD | free | every node
    child_quantile_musd[n] | worth that a share alpha of the children reaches | MUSD | free | where it branches
    child_below_musd[n]    | how far a child falls below that of its parent | MUSD | >= 0 | children where it branches

Constraints
    NESTED.own[n] | own_musd[n] = 1e-6 npv_usd[n]
        | One row a node keeps what all families add out of the rows between nodes. | issue 4
    NESTED.value[n] | worth_musd[n] <= own_musd[n] + (1 - lambda) sum_c q[c] worth_musd[c]
        + lambda ( child_quantile_musd[n] - sum_c q[c] child_below_musd[c] / (1 - alpha) )
        | With one child, or none: + worth_musd[c]. The mix over the children of the node. | issue 4
    NESTED.below[n] | child_below_musd[n] >= child_quantile_musd[a(n)] - worth_musd[n]
        | Only what lies below the quantile counts. | issue 4
    objective | max worth_musd[root] - 1e-6 penalty_usd
        | Of several roots: their mix, as of the children of a node. Penalties stand outside value and risk. | issue 4
"""

from __future__ import annotations

import numpy as np

from allocator.instance.risk import WorstChildren
from allocator.instance.tree import Ints
from allocator.planning.axes import frame, with_axes
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr

START = 0
"""What precedes the roots, among what precedes any node: the parent counted from one."""


def worth(context: Context, risk: WorstChildren) -> Expr:
    """Worth of the start, MUSD, over the table without axes."""
    model, node, tree = context.model, context.axes.node, context.instance.tree
    own = model.variables("own_musd", node, lower=-np.inf).expr
    model.rows("NESTED.own", own - context.ledgers.npv_usd.total / USD_PER_MUSD == 0.0)
    value = model.variables("worth_musd", node, lower=-np.inf).expr
    followed = _followed(context, risk, value, tree.parent + 1)
    model.rows("NESTED.value", value - own - followed.pick(np.arange(len(tree)) + 1, node) <= 0.0)
    return followed.keep(np.arange(len(followed)) == START).total()


def _followed(context: Context, risk: WorstChildren, value: Expr, before: Ints) -> Expr:
    """What follows is worth to the start and to each node, (before), MUSD; `before` of each node, (N,)."""
    count = np.bincount(before, minlength=len(before) + 1)
    everywhere, alone = frame(before=np.arange(len(count))), count[before] == 1
    share, brothers = context.instance.tree.chance_share, np.flatnonzero(count[before] > 1)
    certain = value.keep(alone)
    expected = value.pick(brothers, frame(node=brothers)) * (share[brothers] * (1.0 - risk.weight))
    worst = _mean_of_worst(context, risk, value, before) * risk.weight
    parts = [
        with_axes(certain, before=before[alone]).sum_by(everywhere, empty="zero"),
        with_axes(expected, before=before[brothers]).sum_by(everywhere, empty="zero"),
        worst.take(everywhere, on=["before"], absent="zero"),
    ]
    return parts[0] + parts[1] + parts[2]


def _mean_of_worst(context: Context, risk: WorstChildren, value: Expr, before: Ints) -> Expr:
    """Of the children of the start and of each node that branches, (before), MUSD."""
    model, share = context.model, context.instance.tree.chance_share
    count = np.bincount(before)
    branching, brothers = frame(before=np.flatnonzero(count > 1)), np.flatnonzero(count[before] > 1)
    children = frame(node=brothers)
    quantile = model.variables("child_quantile_musd", branching, lower=-np.inf).expr
    below = model.variables("child_below_musd", children).expr
    of_parent = quantile.pick(np.searchsorted(branching["before"], before[brothers]), children)
    model.rows("NESTED.below", below + value.pick(brothers, children) - of_parent >= 0.0)
    missing = with_axes(below * (share[brothers] / (1.0 - risk.level)), before=before[brothers])
    return quantile - missing.sum_by(branching)
