"""LOAN: what is owed, what it costs, the collateral behind it, and what is asked of it.

Purpose
    Loans are drawn, paid back and charged; Bitcoin behind them is pledged and released. A loan secured by Bitcoin is
    tested twice at a node: before the company acts, on what the parent owed and pledged, at the lowest price of the
    period, and after it has acted, at the price of the node. Financing is discounted at the risk-free rate, so that a
    loan costs its spread, and a loan at that rate costs nothing.

Sets
    n nodes, a(n) parent; leaf nodes; l loans; secured: loans that are secured by Bitcoin; called: nodes after the root
    of secured loans whose calls are priced. The opening state stands for the parent of a root.

Parameters
    D0[l]   | owed at the start | USD
    U[l,n]  | most that is owed at the end of the node | USD
    E[l,n]  | what of U, or of what an extension adds to it, ends in the node | USD
    V[l,n]  | most that is owed where it is extended; U[l,n] where it cannot be | USD
    i[l,n]  | interest on what the parent owed, from the middle of the parent to that of the node | share
    e[l,n]  | interest from the middle of a leaf to the end of the horizon | share
    c[l,n]  | fee on what is not drawn | share
    m[l]    | fee on principal paid back before it is due | share
    B0[l]   | pledged at the start | BTC
    M[n]    | most that the company can hold by then, or needs to pledge where it may buy | BTC
    p[n]    | price; p'[n] = p[n] (1 - stress share), the lowest of the period | USD/BTC
    LI[l], LC[l], LQ[l], LR[l] | loan to value after drawing, of a call, of liquidation, after releasing | share
    q[l]    | what a sale by the lender brings less than p' | share
    s[l]    | share of free Bitcoin that can be posted when a call comes | share
    h[l] | least that loan to value before acting stays below the call level; 0: not asked for | share
    k[l], u | price of one USD above the call level before, and after the company has acted | USD/USD
    D[n]    | risk-free factor at the middle of the node; DT: at the end of the horizon | share

Variables
    loan_musd[l,n]     | owed at the end of the node | MUSD | >= 0 | every node
    draw_musd[l,n]     | drawn | MUSD | >= 0 | decision nodes of loans with room
    repay_musd[l,n]    | paid back | MUSD | >= 0; E[l,n] at most, if not to be prepaid nor seized | every node
    early_musd[l,n]    | paid back before it is due | MUSD | >= 0 | every node, where it costs a fee
    pledged_btc[l,n]   | pledged at the end of the node | BTC | 0 .. M[n] | every node, secured
    pledge_btc[l,n]    | newly pledged | BTC | >= 0 | every node, secured
    release_btc[l,n]   | released | BTC | >= 0 | decision nodes, secured
    post_btc[l,n]      | free Bitcoin counted on in the test | BTC | >= 0 | after the root, secured, where s > 0
    call_musd[l,n]     | owed above the call level before acting | MUSD | >= 0 | called
    seized_btc[l,n]    | sold by the lender | BTC | >= 0 | called
    uncured_musd[l,n]  | owed above the call level after acting | MUSD | >= 0 | root and called, secured
    draws[l,n]         | money is drawn | binary | 0 .. 1 | where it may be, secured
    releases[l,n]      | collateral is released | binary | 0 .. 1 | where it may be
    liquidates[l,n]    | the lender sells | binary | 0 .. 1 | called
    exhausts[l,n]      | it sells everything | binary | 0 .. 1 | called

Constraints
    LOAN.balance[l,n] | loan_musd[l,n] = loan_musd[l,a(n)] + draw_musd[l,n] - repay_musd[l,n]
        | Principal. | design 5
    LOAN.schedule[l,n] | loan_musd[l,n] <= 1e-6 U[l,n] + credit_musd[l,n]
        | Limit, repayment schedule and maturity; credit is added by OPTION. | design 5
    LOAN.early[l,n] | early_musd[l,n] >= repay_musd[l,n] - 1e-6 E[l,n] - 1e-6 (1 - q) p' seized_btc[l,n]
        | Paid back before it is due; where that costs a fee, or is out and the lender may sell. | issue 4
    LOAN.collateral[l,n] | pledged_btc[l,n] = pledged_btc[l,a(n)] + pledge_btc[l,n] - release_btc[l,n] - seized_btc[l,n]
        | Collateral. | design 5
    LOAN.call[l,n] | call_musd[l,n] >= (1 + i) loan_musd[l,a(n)] - 1e-6 LC p' (pledged_btc[l,a(n)] + post_btc[l,n])
        | Before acting, after the root: what the collateral and what is posted do not carry. | design 5
    LOAN.headroom[l,n] | (1 + i) loan_musd[l,a(n)] <= 1e-6 (LC - h) p' pledged_btc[l,a(n)]
        | Before acting, after the root, where h > 0: the headroom that the company wants to keep. | issue 5
    LOAN.liquidation[l,n] | 1e-6 (1 - q - LQ) p' seized_btc[l,n] >= need_musd[l,n]
        - 1e-6 (1 + i) V[l,a(n)] exhausts[l,n], where need_musd[l,n] = (1 + i) loan_musd[l,a(n)]
        - 1e-6 LQ p' (pledged_btc[l,a(n)] + post_btc[l,n])
        | Beyond the liquidation level the lender sells until the loan stands at it, or all. | design 5
    LOAN.liquidated[l,n] | 1e-6 (1 - q - LQ) p' seized_btc[l,n] <= need_musd[l,n]
        + 1e-6 LQ p' M[n] (1 - liquidates[l,n])
        | And no more. | design 5
    LOAN.seized[l,n] | seized_btc[l,n] <= M[n] liquidates[l,n]
        | A liquidation is an event. | design 5
    LOAN.held[l,n] | seized_btc[l,n] <= pledged_btc[l,a(n)] + post_btc[l,n]
        | The lender sells what it has. | design 5
    LOAN.exhausted[l,n] | seized_btc[l,n] >= pledged_btc[l,a(n)] + post_btc[l,n] - M[n] (1 - exhausts[l,n])
        | It sells too little only where it sells everything. | design 5
    LOAN.proceeds[l,n] | repay_musd[l,n] >= 1e-6 (1 - q) p' seized_btc[l,n] - i loan_musd[l,a(n)]
        | What the sale brings pays interest and principal. | design 5
    LOAN.cured[l,n] | loan_musd[l,n] <= 1e-6 LC p pledged_btc[l,n] + uncured_musd[l,n]
        | After acting the call is met; an opening breach that cannot be met is a state, and priced. | design 5
    LOAN.initial_ltv[l,n] | loan_musd[l,n] <= 1e-6 LI p pledged_btc[l,n] + 1e-6 V (1 - draws[l,n])
        | Money is drawn at the initial level. | design 5
    LOAN.draw[l,n] | draw_musd[l,n] <= 1e-6 V draws[l,n]
        | Drawing is an event. | design 5
    LOAN.release_ltv[l,n] | loan_musd[l,n] <= 1e-6 LR p pledged_btc[l,n] + 1e-6 V (1 - releases[l,n])
        | Collateral is released at the release level. | design 5
    LOAN.release[l,n] | release_btc[l,n] <= M[n] releases[l,n]
        | Releasing is an event. | design 5
    adds to draw_musd[l,n], owed_musd[l,n], worth_musd[l,n]
        | draw_musd[l,n], loan_musd[l,n], 1e-6 p pledged_btc[l,n]
        | Read by OPTION and PROJECT. | issue 4
    adds to seized_btc[n], pledged_btc[n] | sum_l seized_btc[l,n], sum_l pledged_btc[l,n]
        | Closed by BTC. | design 5
    adds to postable_btc[n] | sum_l post_btc[l,n] / s[l]
        | Closed by BTC. | design 5
    adds to called_musd[l,n] | call_musd[l,n]
        | Closed by CHANCE. | design 10
    adds to cash_usd[n] | 1e6 sum_l ( draw_musd[l,n] - repay_musd[l,n] - m early_musd[l,n] - i loan_musd[l,a(n)]
        - c ( 1e-6 U[l,a(n)] - loan_musd[l,a(n)] ) )
        | Class of financing, D[n]. | design 5
    adds to cash_usd[n] | sum_l (1 - q) p' seized_btc[l,n]
        | What the lender's sale brings; class of Bitcoin. | design 5
    adds to npv_usd[leaf] | - DT sum_l (1 + e) 1e6 loan_musd[l,leaf]
        | Debt and its interest are deducted at the end. | design 5
    adds to penalty_usd | 1e6 sum_n prob[n] sum_l ( k call_musd[l,n] + u uncured_musd[l,n] )
        | Calls and what is not cured are priced and reported; no part of the value. | design 10
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Bools, Floats, Ints
from allocator.planning.axes import frame, most_mined_btc
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr, lag

ON = ("loan", "node")


@dataclass(frozen=True)
class _Money:
    """Expressions over all (loan, node), MUSD; 0 where a column does not exist."""

    loan: Expr
    before: Expr
    draw: Expr
    repay: Expr
    early: Expr


@dataclass(frozen=True)
class _Pledge:
    """Expressions over (loan, node) of the secured loans; columns and events are 0 where they cannot be."""

    pledged: Expr
    before: Expr
    pledge: Expr
    release: Expr
    post: Expr
    call: Expr
    seized: Expr
    uncured: Expr
    draws: Expr
    releases: Expr
    liquidates: Expr
    exhausts: Expr


@dataclass(frozen=True)
class _Terms:
    """Numbers of the secured loans over their (loan, node) table, one a row; `at` picks those rows of all loans."""

    index: pd.DataFrame
    at: Ints
    root: Bools
    called: Bools
    uncured: Bools
    initial: Floats
    call: Floats
    headroom: Floats
    liquidation: Floats
    release: Floats
    price: Floats
    lowest: Floats
    brings: Floats
    limit: Floats
    before_limit: Floats
    most_btc: Floats


def add(context: Context) -> None:
    """Columns, rows and flows of the loans, if there are any; what is pledged goes to the treasury's ledgers."""
    debt = context.instance.debt
    if debt is not None:
        terms = _terms(context, debt)
        money, pledge = _money(context, debt, terms), _pledge(context, debt, terms)
        _balance(context, debt, terms, money, pledge)
        _before_acting(context, debt, terms, money, pledge)
        _liquidation(context, debt, terms, money, pledge)
        _after_acting(context, debt, terms, money, pledge)
        _flows(context, debt, money)
        _seizures(context, terms, pledge)
        _publish(context, debt, terms, money, pledge)


def _terms(context: Context, debt: Debt) -> _Terms:
    secured, tree, nodes = debt.collateral, context.instance.tree, len(context.instance.tree)
    index = frame(loan=np.repeat(secured.loan, nodes), node=np.tile(np.arange(nodes), len(secured.loan)))
    price = np.tile(context.instance.btc_price_usd if len(index) else np.zeros(nodes), len(secured.loan))
    lowest = price * (1.0 - np.tile(secured.stress_share, len(secured.loan))) / USD_PER_MUSD
    at = index["loan"].to_numpy(), index["node"].to_numpy()
    return _Terms(
        index=index,
        at=at[0] * nodes + at[1],
        root=tree.parent[at[1]] < 0,
        called=secured.may_be_called(tree.parent).ravel(),
        uncured=secured.may_stay_uncured(tree.parent).ravel(),
        initial=np.repeat(secured.initial_ltv, nodes),
        call=np.repeat(secured.call_ltv, nodes),
        headroom=np.repeat(secured.least_headroom, nodes),
        liquidation=np.repeat(secured.liquidation_ltv, nodes),
        release=np.repeat(secured.release_ltv, nodes),
        price=price / USD_PER_MUSD,
        lowest=lowest,
        brings=lowest * np.repeat(1.0 - secured.penalty_share, nodes),
        limit=debt.most_usd[at] / USD_PER_MUSD,
        before_limit=debt.most_before_usd(tree.parent)[at] / USD_PER_MUSD,
        most_btc=_most_btc(context, debt)[index["node"]],
    )


def _most_btc(context: Context, debt: Debt) -> Floats:
    """What the company can hold at each node, (N,): what it opens with, and all that it may keep and buy on the way;
    where it may buy without limit, four times what the lowest level asks for."""
    instance, secured = context.instance, debt.collateral
    treasury, held = instance.treasury, np.zeros(len(instance.tree))
    if treasury is None or not len(secured.loan):
        return held
    added = most_mined_btc(instance).sum(axis=0) * treasury.keep_most_share
    bounded = bool(np.isfinite(treasury.buy_most_btc).all())
    added = added + (treasury.buy_most_btc if bounded else 0.0)
    for node, parent in enumerate(instance.tree.parent):  # parents precede children
        held[node] = added[node] + (held[parent] if parent >= 0 else treasury.opening_btc)
    if bounded:
        return held
    most = debt.most_usd[secured.loan].max(axis=1) / secured.initial_ltv
    return held + 4.0 * float(most.sum()) / float(instance.btc_price_usd.min())


def _money(context: Context, debt: Debt, terms: _Terms) -> _Money:
    model, loans, nodes = context.model, debt.loans, len(context.instance.tree)
    everywhere, due = context.axes.loan_node, debt.due_usd(context.instance.tree.parent).ravel() / USD_PER_MUSD
    free = np.repeat(loans.may_prepay, nodes)
    charged = free & np.repeat(loans.prepayment_fee_share > 0, nodes)
    seized = np.zeros(len(everywhere), dtype=bool)
    seized[terms.at] = terms.called
    loan = model.variables("loan_musd", everywhere).expr
    opening = np.repeat(loans.opening_usd, nodes) / USD_PER_MUSD
    return _Money(
        loan=loan,
        before=lag(loan, "node", context.instance.tree.parent, initial=opening),
        draw=_where(context, "draw_musd", everywhere, loans.may_draw.ravel()),
        repay=model.variables("repay_musd", everywhere, upper=np.where(free | seized, np.inf, due)).expr,
        early=_where(context, "early_musd", everywhere, charged),
    )


def _pledge(context: Context, debt: Debt, terms: _Terms) -> _Pledge:
    model, tree, secured, index = context.model, context.instance.tree, debt.collateral, terms.index
    decides, nodes = tree.decision[index["node"]], len(tree)
    may_draw = debt.loans.may_draw.ravel()[terms.at]
    pledged = model.variables("pledged_btc", index, upper=terms.most_btc).expr
    return _Pledge(
        pledged=pledged,
        before=lag(pledged, "node", tree.parent, initial=np.repeat(secured.opening_pledged_btc, nodes)),
        pledge=model.variables("pledge_btc", index).expr,
        release=_where(context, "release_btc", index, decides),
        post=_where(context, "post_btc", index, ~terms.root & np.repeat(secured.postable_share > 0, nodes)),
        call=_where(context, "call_musd", index, terms.called),
        seized=_where(context, "seized_btc", index, terms.called),
        uncured=_where(context, "uncured_musd", index, terms.uncured),
        draws=_where(context, "draws", index, may_draw, binary=True),
        releases=_where(context, "releases", index, decides, binary=True),
        liquidates=_where(context, "liquidates", index, terms.called, binary=True),
        exhausts=_where(context, "exhausts", index, terms.called, binary=True),
    )


def _where(context: Context, name: str, index: pd.DataFrame, mask: Bools, binary: bool = False) -> Expr:
    """A family of columns at some rows of a table, as an expression over all of them."""
    rows = index[mask].reset_index(drop=True)
    upper = 1.0 if binary else np.inf
    made = context.model.variables(name, rows, upper=upper, integer=binary).expr
    return made.take(index, on=list(ON), absent="zero")


def _balance(context: Context, debt: Debt, terms: _Terms, money: _Money, pledge: _Pledge) -> None:
    model, loans = context.model, debt.loans
    model.rows("LOAN.balance", money.loan - money.before - money.draw + money.repay == 0.0)
    credit = context.ledgers.credit_musd.total
    model.rows("LOAN.schedule", money.loan - credit, upper=loans.limit_usd.ravel() / USD_PER_MUSD)
    sold = (pledge.seized * terms.brings).take(money.loan.index, on=list(ON), absent="zero")
    bound = np.repeat(~loans.may_prepay, len(context.instance.tree)) & sold.has_terms
    judged, due = money.early.has_terms | bound, debt.due_usd(context.instance.tree.parent).ravel() / USD_PER_MUSD
    model.rows("LOAN.early", (money.early - money.repay + sold).keep(judged), lower=0.0 - due[judged])
    moved = pledge.pledge - pledge.release - pledge.seized
    model.rows("LOAN.collateral", pledge.pledged - pledge.before - moved == 0.0)


def _before_acting(context: Context, debt: Debt, terms: _Terms, money: _Money, pledge: _Pledge) -> None:
    """On what the parent owed and pledged, at the lowest price of the period."""
    owed = (money.before * (1.0 + debt.loans.interest_share.ravel())).pick(terms.at, terms.index)
    backed = (pledge.before + pledge.post) * (terms.call * terms.lowest)
    context.model.rows("LOAN.call", (backed - owed + pledge.call).keep(~terms.root) >= 0.0)
    kept = pledge.before * ((terms.call - terms.headroom) * terms.lowest) - owed
    context.model.rows("LOAN.headroom", kept.keep(~terms.root & (terms.headroom > 0)) >= 0.0)
    weight = USD_PER_MUSD * context.instance.tree.probability[terms.index["node"]]
    priced = np.repeat(debt.collateral.call_penalty, len(context.instance.tree))
    context.penalise(pledge.call * (weight * np.where(terms.called, priced, 0.0)))


def _liquidation(context: Context, debt: Debt, terms: _Terms, money: _Money, pledge: _Pledge) -> None:
    """What the lender sells: as much as brings the loan back to its level, or all that it has."""
    model, sells, interest = context.model, terms.called, debt.loans.interest_share.ravel()[terms.at]
    before = money.before.pick(terms.at, terms.index)
    had = pledge.before + pledge.post
    need = before * (1.0 + interest) - had * (terms.liquidation * terms.lowest)
    cured = pledge.seized * (terms.brings - terms.liquidation * terms.lowest)
    most, whole = terms.most_btc, terms.liquidation * terms.lowest * terms.most_btc
    short = cured - need + pledge.exhausts * ((1.0 + interest) * terms.before_limit)
    model.rows("LOAN.liquidation", short.keep(sells) >= 0.0)
    room = need - cured - pledge.liquidates * whole
    model.rows("LOAN.liquidated", room.keep(sells), lower=-whole[sells])
    model.rows("LOAN.seized", (pledge.liquidates * most - pledge.seized).keep(sells) >= 0.0)
    model.rows("LOAN.held", (had - pledge.seized).keep(sells) >= 0.0)
    model.rows("LOAN.exhausted", (pledge.seized - had - pledge.exhausts * most).keep(sells), lower=-most[sells])
    repaid = money.repay.pick(terms.at, terms.index) + before * interest
    model.rows("LOAN.proceeds", (repaid - pledge.seized * terms.brings).keep(sells) >= 0.0)


def _after_acting(context: Context, debt: Debt, terms: _Terms, money: _Money, pledge: _Pledge) -> None:
    """At the price of the node; drawing and releasing ask for a lower level than standing still."""
    model, owed = context.model, money.loan.pick(terms.at, terms.index)
    worth = pledge.pledged * terms.price
    model.rows("LOAN.cured", worth * terms.call - owed + pledge.uncured >= 0.0)
    priced = debt.collateral.uncured_penalty * context.instance.tree.probability[terms.index["node"]]
    context.penalise(pledge.uncured * (priced * USD_PER_MUSD))
    may_draw, may_release = pledge.draws.has_terms, pledge.releases.has_terms
    for label, event, level, may in (
        ("LOAN.initial_ltv", pledge.draws, terms.initial, may_draw),
        ("LOAN.release_ltv", pledge.releases, terms.release, may_release),
    ):
        room = (worth * level - owed - event * terms.limit).keep(may)
        model.rows(label, room, lower=-terms.limit[may])
    draw = money.draw.pick(terms.at, terms.index)
    model.rows("LOAN.draw", (pledge.draws * terms.limit - draw).keep(may_draw) >= 0.0)
    model.rows("LOAN.release", (pledge.releases * terms.most_btc - pledge.release).keep(may_release) >= 0.0)


def _flows(context: Context, debt: Debt, money: _Money) -> None:
    instance, loans = context.instance, debt.loans
    tree, factor = instance.tree, instance.discount_financing
    fee = np.repeat(loans.prepayment_fee_share, len(tree))
    undrawn = loans.undrawn_share.ravel()
    room = (loans.limit_usd + loans.falls_due_usd).ravel() / USD_PER_MUSD
    paid = money.repay + money.early * fee + money.before * (loans.interest_share.ravel() - undrawn) + undrawn * room
    context.earn((money.draw - paid) * USD_PER_MUSD, factor)
    ends = np.isin(money.loan.index["node"], tree.leaves)
    owed = 1.0 + loans.interest_to_end_share.ravel()[ends]
    context.worth(money.loan.keep(ends) * (-USD_PER_MUSD * instance.discount_financing_end * owed))


def _seizures(context: Context, terms: _Terms, pledge: _Pledge) -> None:
    treasury = context.instance.treasury
    if treasury is not None:
        context.earn(pledge.seized * (terms.brings * USD_PER_MUSD), treasury.discount)


def _publish(context: Context, debt: Debt, terms: _Terms, money: _Money, pledge: _Pledge) -> None:
    nodes, ledgers, share = context.axes.node, context.ledgers, debt.collateral.postable_share
    ledgers.draw_musd.add(money.draw)
    ledgers.owed_musd.add(money.loan)
    ledgers.worth_musd.add((pledge.pledged * terms.price).take(money.loan.index, on=list(ON), absent="zero"))
    ledgers.seized_btc.add(pledge.seized.sum_by(nodes, empty="zero"))
    ledgers.pledged_btc.add(pledge.pledged.sum_by(nodes, empty="zero"))
    ledgers.called_musd.add(pledge.call.take(context.axes.loan_node, on=list(ON), absent="zero"))
    claimed = pledge.post / np.repeat(np.where(share > 0, share, 1.0), len(nodes))
    ledgers.postable_btc.add(claimed.sum_by(nodes, empty="zero"))
