"""CASH: the company's cash, its minimum, and the capital budget.

Purpose
    Every family's flows meet in one balance; capital paid along a path stays within the budget.

Sets
    n nodes, a(n) parent; s sites; leaf nodes.

Parameters
    C0     | opening cash, the parent of a root | USD
    Cmin   | least cash at the end of every node | USD
    i[n]   | interest on cash from the middle of the parent, or from the start, at the risk-free rate | share
    k      | penalty of one USD below it at the end of one node, where the rule is priced | USD/USD
    B      | capital budget of the horizon | USD
    O[s,n] | fixed opex of the site | USD

Variables
    cash_musd[n] | cash at the end of the node | MUSD | free | every node
    shortfall_musd[n] | cash missing to the minimum | MUSD | >= 0 | every node, where the rule is priced

Constraints
    CASH.balance[n] | cash_musd[n] = (1 + i[n]) cash_musd[a(n)] + 1e-6 cash_usd[n]
        | Undiscounted flows of all families. Interest on cash is worth nothing: waiting for it costs as much. | issue 3
    CASH.minimum[n] | cash_musd[n] + shortfall_musd[n] >= 1e-6 Cmin
        | Liquidity: a hard limit, or a shortfall at a price. | issue 3
    CASH.budget[leaf] | sum_{n on the path} 1e-6 capex_usd[n] <= 1e-6 B
        | Purchases, installation, conversions and signing capex; only where a budget is set. | issue 2
    adds to cash_usd[n] | - sum_s O[s,n]
        | Fixed opex. | issue 2
    adds to short_musd[n] | shortfall_musd[n]
        | Closed by CHANCE. | design 10
    adds to penalty_usd | sum_n prob[n] k 1e6 shortfall_musd[n]
        | A shortfall is priced and reported; its price is no part of the value. | design 5
"""

from __future__ import annotations

import numpy as np

from allocator.planning.axes import by_leaf, frame
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr, lag


def close(context: Context) -> Expr:
    """Close the cash and capex ledgers; every other family has added its flows. Returns cash over the nodes, MUSD."""
    instance, model, ledgers = context.instance, context.model, context.ledgers
    finance = instance.finance
    cash = model.variables("cash_musd", context.axes.node, lower=-np.inf).expr
    before = lag(cash, "node", instance.tree.parent, initial=finance.opening_cash_usd / USD_PER_MUSD)
    before = before * (1.0 + instance.cash_interest_share)
    model.rows("CASH.balance", cash - before - ledgers.cash_usd.total / USD_PER_MUSD == 0.0)
    model.rows("CASH.minimum", cash + _shortfall(context), lower=finance.minimum_cash_usd / USD_PER_MUSD)
    _budget(context)
    return cash


def _shortfall(context: Context) -> Expr:
    """Cash missing to the minimum by node, MUSD; 0 where it may never be missing."""
    finance, tree = context.instance.finance, context.instance.tree
    nodes = np.arange(len(tree) if finance.may_fall_short else 0)
    short = context.model.variables("shortfall_musd", frame(node=nodes)).expr
    price = finance.shortfall_penalty if finance.may_fall_short else 0.0
    context.penalise(short * (USD_PER_MUSD * price * tree.probability[nodes]))
    missing = short.take(context.axes.node, on=["node"], absent="zero")
    context.ledgers.short_musd.add(missing)
    return missing


def add(context: Context) -> None:
    """Fixed opex of the sites."""
    instance = context.instance
    opex = Expr.of(-instance.sites.fixed_opex_usd.ravel(), context.axes.site_node)
    context.operate(opex, instance.finance.discount_operations)


def _budget(context: Context) -> None:
    budget = context.instance.finance.capex_budget_usd
    leaves = frame(leaf=context.instance.tree.leaves if np.isfinite(budget) else [])
    paid = by_leaf(context.ledgers.capex_usd.total, context.axes, leaves) if len(leaves) else Expr.zero(leaves)
    context.model.rows("CASH.budget", paid / USD_PER_MUSD, upper=budget / USD_PER_MUSD)
