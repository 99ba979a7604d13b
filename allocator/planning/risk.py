"""RISK: the value of a plan path by path, the mean of its worst part, and the objective.

Purpose
    A plan is worth its expected net present value, or a mix of that and of the mean of its worst paths (conditional
    value at risk at level alpha: Rockafellar and Uryasev, 2000, "Optimization of conditional value-at-risk").

Sets
    n nodes, a(n) parent; leaf nodes, one a path.

Parameters
    prob[n] | probability of the node | share
    lambda  | weight of the worst paths, 0 unless the scenario states a risk | share
    alpha   | level: the worst 1 - alpha of all paths count | share

Variables
    value_musd[n]    | net present value of the path down to the node | MUSD | free | every node, where lambda > 0
    quantile_musd    | value that a share alpha of the paths reaches at the optimum | MUSD | free | where lambda > 0
    below_musd[leaf] | how far the path falls below it | MUSD | >= 0 | leaves, where lambda > 0

Constraints
    RISK.value[n] | value_musd[n] = value_musd[a(n)] + 1e-6 npv_usd[n]
        | Value adds up along a path; one row a node keeps a large tree sparse. | design 5
    RISK.tail[leaf] | below_musd[leaf] >= quantile_musd - value_musd[leaf]
        | Only what lies below the quantile counts. | design 5
    objective | max (1 - lambda) 1e-6 sum_n prob[n] npv_usd[n]
        + lambda ( quantile_musd - sum_leaf prob[leaf] below_musd[leaf] / (1 - alpha) ) - 1e-6 penalty_usd
        | Penalties stand outside value and risk; in millions, so that coefficients stay near one. | design 5
"""

from __future__ import annotations

import numpy as np

from allocator.instance.risk import WorstPaths
from allocator.planning.axes import frame
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import SCALAR, Expr, lag


def expected(context: Context) -> Expr:
    """Expected net present value, MUSD."""
    npv = context.ledgers.npv_usd.total
    return (npv * (context.instance.tree.probability / USD_PER_MUSD)).total()


def mixed(context: Context, risk: WorstPaths) -> Expr:
    """The same and the mean of the worst paths by their weights, MUSD."""
    return expected(context) * (1.0 - risk.weight) + _mean_of_worst(context, risk.level) * risk.weight


def _mean_of_worst(context: Context, level: float) -> Expr:
    model, tree = context.model, context.instance.tree
    value = model.variables("value_musd", context.axes.node, lower=-np.inf).expr
    before = lag(value, "node", tree.parent, initial=0.0)
    model.rows("RISK.value", value - before - context.ledgers.npv_usd.total / USD_PER_MUSD == 0.0)
    quantile = model.variables("quantile_musd", SCALAR, lower=-np.inf).expr
    leaves = frame(leaf=tree.leaves)
    below = model.variables("below_musd", leaves).expr
    at_leaf = value.pick(tree.leaves, leaves)
    everywhere = quantile.pick(np.zeros(len(leaves), dtype=np.int64), leaves)
    model.rows("RISK.tail", below + at_leaf - everywhere >= 0.0)
    return quantile - (below * (tree.probability[tree.leaves] / (1.0 - level))).total()
