"""TAX: a tax on the income of each calendar year of a path.

Purpose
    Income of a year is what operations earn and machines bring, less interest of loans and capital written off in equal
    monthly parts. A loss is carried into later years, of whose income it offsets a share at most. The tax of a year
    that is over is paid in its last node; of one that the horizon cuts short it is accrued. Beyond the horizon
    everything is taxed at the same rate, less what is not yet written off.

    A year has a profit or a loss, not both. No row says so, and none need: let both be d more than they must. The tax
    of the year is then more by rate x (1 - cap) d at least, and losses of later years by at most (1 - cap) d, which
    spare no more tax than that, later. Discount factors never rise and cash kept earns what waiting costs, so taking d
    off both never makes a plan worse. For the same reason losses are used as soon as they may be. Plans are settled so.

Sets
    n, m nodes, a(n) parent; s sites; l loans; closing nodes: the last of their calendar year on their paths;
    e(n) the closing node before n; Y(n) nodes of the path to n of the same year; leaf nodes. The opening state stands
    for the closing node before the first.

Parameters
    r, c    | rate; most of a year's income that losses offset | share
    Q       | losses at the start | USD
    I0[n]   | income up to the start, in closing nodes of the first year, else 0 | USD
    W[n]    | written off in the node of the opening book, and B[leaf] left of it | USD
    w[m,n]  | of capital paid in m, written off in n, and b[m,leaf] not written off | share
    i[l,n]  | interest on what the parent owed | share
    D[n]    | factor of operations at the middle of the node; DT: at the end of the horizon | share

Variables
    taxable_musd[n] | income of the node | MUSD | free | every node, where there is a tax
    profit_musd[n]  | income of the year | MUSD | >= 0 | closing nodes
    loss_musd[n]    | loss of the year | MUSD | >= 0 | closing nodes
    used_musd[n]    | losses of earlier years that offset income | MUSD | >= 0 | closing nodes
    carried_musd[n] | losses carried into the next year | MUSD | >= 0 | closing nodes

Constraints
    TAX.income[n] | taxable_musd[n] = 1e-6 ( sum_s (margin_usd[s,n] + income_usd[s,n]) + sales_usd[n] - W[n]
        - sum_{m on the path} w[m,n] capex_usd[m] ) - sum_l i[l,n] loan_musd[l,a(n)]
        | Operating lines, machines sold, interest, and what is written off. | design 5
    TAX.year[n] | profit_musd[n] - loss_musd[n] = 1e-6 I0[n] + sum_{m in Y(n)} taxable_musd[m]
        | The calendar year on the path. | design 5
    TAX.capped[n] | used_musd[n] <= c profit_musd[n]
        | Use of losses is capped. | design 5
    TAX.held[n] | used_musd[n] <= carried_musd[e(n)]
        | There must be losses to use. | design 5
    TAX.carried[n] | carried_musd[n] = carried_musd[e(n)] - used_musd[n] + loss_musd[n]
        | Losses are carried along the path; those left at the end are worth nothing. | design 5
    adds to cash_usd[n] | - 1e6 r (profit_musd[n] - used_musd[n]) in closing nodes whose year is over
        | Class of operations, D[n]. | design 5
    adds to npv_usd[leaf] | - DT r ( 1e6 (profit_musd[leaf] - used_musd[leaf]) where it is accrued - B[leaf]
        - sum_{m on the path} b[m,leaf] capex_usd[m] )
        | Accrued at the end of the horizon; capital not written off will be. | design 5
    adds to npv_usd[n] | - r beyond_usd[n]
        | Of all that is worth something beyond the horizon. | design 5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tax import Tax
from allocator.instance.tree import Bools, Floats, Ints
from allocator.planning.axes import frame
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr, lag


def add(context: Context, tax: Tax) -> None:
    """Columns, rows and flows of the tax; every other family but cash has added its flows."""
    model, tree = context.model, context.instance.tree
    taxable = model.variables("taxable_musd", context.axes.node, lower=-np.inf).expr
    written = _spread(context, tax, written_off_share(tax, tree.first_month, tree.first_month + tree.months))
    income = _income(context) - (written + tax.opening_written_off_usd) / USD_PER_MUSD
    model.rows("TAX.income", taxable - income == 0.0)
    year = _years(context, tax, taxable)
    due = (year.profit - year.used) * (tax.rate_share * USD_PER_MUSD)
    paid = tax.is_paid[due.index["node"]]
    context.earn(-due.keep(paid), context.instance.finance.discount_operations)
    at_end = context.instance.finance.discount_horizon
    context.worth(due.keep(~paid) * -at_end)
    ends = frame(node=tree.leaves)
    left = _spread(context, tax, left_share(tax, tree.first_month, tree.first_month + tree.months))
    unwritten = left.pick(tree.leaves, ends) + tax.opening_left_usd[tree.leaves]
    context.worth(unwritten * (tax.rate_share * at_end))
    context.worth(context.ledgers.beyond_usd.total * -tax.rate_share)


@dataclass(frozen=True)
class _Years:
    """Of closing nodes."""

    profit: Expr
    used: Expr


def _income(context: Context) -> Expr:
    """Income before what is written off, (node), MUSD."""
    ledgers, debt, tree = context.ledgers, context.instance.debt, context.instance.tree
    earned = (ledgers.margin_usd.total + ledgers.income_usd.total).sum_by(context.axes.node, empty="zero")
    income = (earned + ledgers.sales_usd.total) / USD_PER_MUSD
    if debt is None:
        return income
    opening = np.repeat(debt.loans.opening_usd, len(tree)) / USD_PER_MUSD
    before = lag(ledgers.owed_musd.total, "node", tree.parent, initial=opening)
    return income - (before * debt.loans.interest_share.ravel()).sum_by(context.axes.node, empty="zero")


def written_off_share(tax: Tax, first: Ints, ends: Ints) -> Floats:
    """[m, n]: of capital paid in m, what is written off in n, for n on a path through m."""
    begin, end = (np.clip(month[None, :] - first[:, None], 0, tax.write_off_months) for month in (first, ends))
    return np.asarray((end - begin) / tax.write_off_months)


def left_share(tax: Tax, first: Ints, ends: Ints) -> Floats:
    """[m, n]: of capital paid in m, what is not written off at the end of n."""
    return np.asarray(1.0 - np.clip(ends[None, :] - first[:, None], 0, tax.write_off_months) / tax.write_off_months)


def _spread(context: Context, tax: Tax, share: Floats) -> Expr:
    """Sum over the path of capital paid, weighted with a share [made, node], (node)."""
    made, node = np.nonzero(context.instance.tree.below() & (share > 0))
    capex = context.ledgers.capex_usd.total.take(frame(made=made, node=node), on={"made": "node"})
    return (capex * share[made, node]).sum_by(context.axes.node, on=["node"], empty="zero")


def _years(context: Context, tax: Tax, taxable: Expr) -> _Years:
    model, tree = context.model, context.instance.tree
    closing = frame(node=np.flatnonzero(tax.closes))
    profit, loss, used, carried = (
        model.variables(name, closing).expr for name in ("profit_musd", "loss_musd", "used_musd", "carried_musd")
    )
    rows = [(m, n) for n in closing["node"].tolist() for m in tree.path(n) if tax.year[m] == tax.year[n]]
    made, node = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    in_year = taxable.take(frame(made=made, node=node), on={"made": "node"}).sum_by(closing, on=["node"])
    first = np.where(tax.year[closing["node"]] == tax.year[0], tax.opening_income_usd, 0.0) / USD_PER_MUSD
    model.rows("TAX.year", profit - loss - in_year == first)
    before = _before(context, tax, closing, carried)
    model.rows("TAX.capped", profit * tax.loss_cap_share - used >= 0.0)
    model.rows("TAX.held", before - used >= 0.0)
    model.rows("TAX.carried", carried - before + used - loss == 0.0)
    return _Years(profit, used)


def _before(context: Context, tax: Tax, closing: pd.DataFrame, carried: Expr) -> Expr:
    """Losses carried into the year of each closing node, MUSD."""
    tree, opening = context.instance.tree, tax.opening_loss_usd / USD_PER_MUSD
    last = [next((m for m in reversed(tree.path(n)[:-1]) if tax.closes[m]), -1) for n in closing["node"].tolist()]
    is_first: Bools = np.array(last) < 0
    held = carried.take(frame(node=closing["node"], last=last), on={"last": "node"}, absent="zero")
    return held.pick(np.arange(len(held)), closing) + np.where(is_first, opening, 0.0)
