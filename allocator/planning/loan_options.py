"""OPTION: what a company may do about its loans, open one or postpone a maturity, and what holders of notes do.

Purpose
    A loan that nothing is owed on costs a fee when it is first drawn. A right to extend is used, or not, in the node in
    which the loan would fall due: it costs a fee on what is owed then, and may ask for a level of collateral.

Sets
    n, m nodes; l loans; unopened: loans with an upfront fee on which nothing is owed at the start. k rights to extend,
    l(k) the loan of each; m(k,n): the decision node, on the way to n, in which it is decided whether k lasts in n: the
    last one no later than the node in which the loan matures.

Parameters
    V[l,n]  | most that is owed where every right is used | USD
    X[k,n]  | what of it may be owed because of the right | USD
    f[l]    | fee for having the loan | USD
    g[k]    | fee on what is owed when the right is used | share
    LX[k]   | most that is owed over the collateral's value then; only where the right asks for it | share
    S[l,n]  | worth of the shares that settle notes in the node, at its share price | USD
    G[l,n]  | what of it goes beyond the principal; at leaves GT, of notes that are left | USD
    D[n]    | risk-free factor at the middle of the node; DT: at the end of the horizon | share

Variables
    opens[l,n]   | the loan is first drawn | binary | 0 .. 1 | where it may be drawn, unopened
    extends[l,n] | the maturity is postponed | binary | 0 .. 1 | nodes in which a right of the loan is decided
    extension_fee_musd[l,n] | fee for it | MUSD | >= 0 | the same nodes, where g > 0

Constraints
    LOAN.opened[l,n] | draw_musd[l,n] <= 1e-6 V[l,n] sum_{m on the path to n} opens[l,m]
        | Money comes from a loan that is open. | issue 4
    LOAN.extension_fee[l,n] | extension_fee_musd[l,n] >= g owed_musd[l,n] - 1e-6 g V[l,n] (1 - extends[l,n])
        | The fee is one on what is owed. | issue 4
    LOAN.extension_ltv[l,n] | owed_musd[l,n] <= LX worth_musd[l,n] + 1e-6 V[l,n] (1 - extends[l,n])
        | A lender extends what is covered. | issue 4
    adds to credit_musd[l,n] | 1e-6 X[k,n] extends[l,m(k,n)]
        | Closed by LOAN.schedule. | issue 4
    adds to cash_usd[n] | - sum_l ( f opens[l,n] + 1e6 extension_fee_musd[l,n] )
        | Class of financing, D[n]. | issue 4
    adds to cash_usd[root] | - sum_l f[l] for loans that something is owed on at the start
        | The same class. | issue 4
    adds to cash_usd[n] | - sum_l G[l,n]
        | Notes turned into shares cost what these are worth: principal by LOAN, the rest here. | issue 4
    adds to cash_usd[n] | sum_l S[l,n]
        | No cash moves then; worth nothing by itself, factor 0. | issue 4
    adds to npv_usd[leaf] | - DT sum_l GT[l,leaf]
        | Notes in the money at the end are deducted at what their shares are worth. | issue 4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Bools, Ints
from allocator.planning.axes import frame, where
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr

ON = ("loan", "node")


@dataclass(frozen=True)
class Rights:
    """Decisions on extensions: `extends` over (loan, node), and the right of each, (D,)."""

    extends: Expr
    right: Ints


def add(context: Context) -> Rights:
    """Columns of the rights; what they let be owed is published."""
    debt = context.instance.debt
    if debt is None:
        return Rights(_columns(context, "extends", frame(loan=[], node=[])), np.zeros(0, np.int64))
    right, node = debt.extensions.rights()
    extends = _columns(context, "extends", frame(loan=debt.extensions.loan[right], node=node))
    context.ledgers.credit_musd.add(_credit(context, debt, extends))
    return Rights(extends, right)


def close(context: Context, rights: Rights) -> None:
    """Fees and conditions, once every loan has its columns."""
    debt = context.instance.debt
    if debt is not None:
        _opened(context, debt)
        _extended(context, debt, rights)
        _converted(context, debt)


def _columns(context: Context, name: str, index: pd.DataFrame) -> Expr:
    return context.model.variables(name, index, upper=1.0, integer=True).expr


def _credit(context: Context, debt: Debt, extends: Expr) -> Expr:
    options = debt.extensions
    right, node = np.nonzero(options.decided >= 0)
    lasts = frame(loan=options.loan[right], made=options.decided[right, node], node=node)
    used = extends.take(lasts, on={"loan": "loan", "made": "node"})
    return (used * (options.extra_usd[right, node] / USD_PER_MUSD)).sum_by(context.axes.loan_node, empty="zero")


def _opened(context: Context, debt: Debt) -> None:
    ledgers, tree, factor = context.ledgers, context.instance.tree, context.instance.discount_financing
    index = where(debt.loans.unopened[:, None] & debt.loans.may_draw, *ON)
    opens = _columns(context, "opens", index)
    above = index.rename(columns={"node": "made"}).merge(_ways(context), on="made").merge(index, on=list(ON))
    opened = opens.take(above, on={"loan": "loan", "made": "node"}).sum_by(index)
    most = debt.most_usd[index["loan"], index["node"]] / USD_PER_MUSD
    drawn = ledgers.draw_musd.total.take(index, on=list(ON))
    context.model.rows("LOAN.opened", drawn - opened * most <= 0.0)
    context.earn(opens * -debt.loans.upfront_usd[index["loan"]], factor)
    at_once = float(debt.loans.upfront_usd[debt.loans.opening_usd > 0].sum())
    context.earn(Expr.of(np.where(tree.parent < 0, -at_once, 0.0), context.axes.node), factor)


def _ways(context: Context) -> pd.DataFrame:
    """(made, node): every node at or below another."""
    return where(context.instance.tree.below(), "made", "node")


def _extended(context: Context, debt: Debt, rights: Rights) -> None:
    model, ledgers, options = context.model, context.ledgers, debt.extensions
    index, extends = rights.extends.index, rights.extends
    most = debt.most_usd[index["loan"], index["node"]] / USD_PER_MUSD
    owed, worth = (ledger.total.take(index, on=list(ON)) for ledger in (ledgers.owed_musd, ledgers.worth_musd))
    share, level = options.fee_share[rights.right], options.most_ltv[rights.right]
    _fee(context, rights, owed * share - (share * most), extends * (share * most), share > 0)
    asks = np.isfinite(level)
    covered = worth * np.where(asks, level, 0.0) - owed - extends * most
    model.rows("LOAN.extension_ltv", covered.keep(asks), lower=-most[asks])


def _fee(context: Context, rights: Rights, charged: Expr, if_used: Expr, costs: Bools) -> None:
    index = rights.extends.index[costs].reset_index(drop=True)
    fee = context.model.variables("extension_fee_musd", index).expr
    due = (charged + if_used).keep(costs)
    context.model.rows("LOAN.extension_fee", fee - due >= 0.0)
    context.earn(fee * -USD_PER_MUSD, context.instance.discount_financing)


def _converted(context: Context, debt: Debt) -> None:
    instance, nodes = context.instance, context.axes.node
    context.earn(Expr.of(-debt.given_usd.sum(axis=0), nodes), instance.discount_financing)
    context.ledgers.cash_usd.add(Expr.of(debt.shares_usd.sum(axis=0), nodes))
    left = debt.given_at_end_usd(instance.tree.leaves).sum(axis=0)
    context.worth(Expr.of(-instance.discount_financing_end * left, nodes))
