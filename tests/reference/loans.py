"""LOAN: principal, what it costs, Bitcoin behind it, and its tests; money in MUSD, as in the model."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft

MOST_BTC = 1e4
"""More than any toy holds."""


def columns(d: Draft) -> None:
    """Principal and collateral of every loan and node; draws and releases are events."""
    if d.given.debt is None:
        return
    loans, secured = d.given.debt.loans, d.given.debt.collateral
    every = [(loan, n) for loan in range(len(loans.names)) for n in d.nodes]
    own = [(loan, n) for loan in secured.loan for n in d.nodes]
    for name in ("loan", "repay", "early"):
        d.add(name, every)
    d.add("draw", [(loan, n) for loan, n in every if loans.may_draw[loan][n]])
    for name in ("pledged", "pledge", "post"):
        d.add(name, own)
    d.add("uncured", [(loan, n) for loan, n in own if d.parent(n) is None])
    d.add("release", [(loan, n) for loan, n in own if n in d.decisions])
    d.add("draws", [(loan, n) for loan, n in own if loans.may_draw[loan][n]], upper=1, whole=True)
    d.add("releases", [(loan, n) for loan, n in own if n in d.decisions], upper=1, whole=True)
    for (loan, n), repay in d.columns["repay"].items():
        if not loans.may_prepay[loan]:
            repay.upBound = max(0.0, loans.falls_due_usd[loan][n]) / USD_PER_MUSD


def principal(d: Draft) -> None:
    """LOAN.balance, LOAN.schedule, LOAN.early [l,n]."""
    for loan, n in d.columns.get("loan", ()):
        loans, owed = d.given.debt.loans, d.columns["loan"]
        drawn, repaid = d.columns["draw"].get((loan, n), 0.0), d.columns["repay"][loan, n]
        d.row("LOAN.balance", (loan, n), owed[loan, n] == _owed_before(d, loan, n) + drawn - repaid)
        d.row("LOAN.schedule", (loan, n), owed[loan, n] <= loans.limit_usd[loan][n] / USD_PER_MUSD)
        due = loans.falls_due_usd[loan][n] / USD_PER_MUSD
        d.row("LOAN.early", (loan, n), d.columns["early"][loan, n] >= repaid - due)


def collateral(d: Draft) -> None:
    """LOAN.collateral[l,n]; BTC.pledged, BTC.postable [n] over all loans."""
    if d.given.debt is None or d.given.treasury is None:
        return
    secured = d.given.debt.collateral
    for loan, n in d.columns["pledged"]:
        moved = d.columns["pledge"][loan, n] - d.columns["release"].get((loan, n), 0.0)
        d.row("LOAN.collateral", (loan, n), d.columns["pledged"][loan, n] == _pledged_before(d, loan, n) + moved)
    for k, loan in enumerate(secured.loan):
        for n in d.nodes:
            if secured.postable_share[k] == 0 or d.parent(n) is None:
                d.columns["post"][loan, n].upBound = 0.0
    for n in d.nodes:
        pledged = pulp.lpSum(d.columns["pledged"][loan, n] for loan in secured.loan)
        d.row("BTC.pledged", (n,), pledged <= d.columns["btc"][(n,)])
        shares = [share if share > 0 else 1.0 for share in secured.postable_share]
        claimed = [(1 / share) * d.columns["post"][loan, n] for loan, share in zip(secured.loan, shares, strict=True)]
        before = d.parent(n)
        held = d.columns["btc"][(before,)] if before is not None else d.given.treasury.opening_btc
        free = held - pulp.lpSum(_pledged_before(d, loan, n) for loan in secured.loan)
        d.row("BTC.postable", (n,), pulp.lpSum(claimed) <= free)


def tests(d: Draft) -> None:
    """LOAN.call before acting; LOAN.cured, LOAN.initial_ltv, LOAN.draw, LOAN.release_ltv, LOAN.release after it."""
    if d.given.debt is None or d.given.treasury is None:
        return
    loans, terms, price = d.given.debt.loans, d.given.debt.collateral, d.given.market.network.btc_price_usd
    for k, loan in enumerate(terms.loan):
        for n in d.nodes:
            musd = price[n] / USD_PER_MUSD
            owed, worth = d.columns["loan"][loan, n], musd * d.columns["pledged"][loan, n]
            if d.parent(n) is not None:
                backed = _pledged_before(d, loan, n) + d.columns["post"][loan, n]
                lowest = musd * (1 - terms.stress_share[n])
                due = (1 + loans.interest_share[loan][n]) * _owed_before(d, loan, n)
                d.row("LOAN.call", (loan, n), due <= terms.call_ltv[k] * lowest * backed)
            above = d.columns["uncured"].get((loan, n), 0.0)
            d.row("LOAN.cured", (loan, n), owed <= terms.call_ltv[k] * worth + above)
            d.penalty_usd.append(terms.uncured_penalty * d.given.tree.probability[n] * USD_PER_MUSD * above)
            most = loans.limit_usd[loan][n] / USD_PER_MUSD
            if (loan, n) in d.columns["draws"]:
                event = d.columns["draws"][loan, n]
                d.row("LOAN.initial_ltv", (loan, n), owed <= terms.initial_ltv[k] * worth + most * (1 - event))
                d.row("LOAN.draw", (loan, n), d.columns["draw"][loan, n] <= most * event)
            if (loan, n) in d.columns["releases"]:
                event = d.columns["releases"][loan, n]
                d.row("LOAN.release_ltv", (loan, n), owed <= terms.release_ltv[k] * worth + most * (1 - event))
                d.row("LOAN.release", (loan, n), d.columns["release"][loan, n] <= MOST_BTC * event)


def money(d: Draft) -> None:
    """Every flow at the risk-free rate; what is owed at a leaf is deducted with interest to the end."""
    years, rate = d.given.tree.mid_years, 1 + d.given.finance.risk_free_per_year
    factor = [rate**-year for year in years]
    for loan, n in d.columns.get("loan", ()):
        loans, before = d.given.debt.loans, _owed_before(d, loan, n)
        limit = (loans.limit_usd[loan][n] + loans.falls_due_usd[loan][n]) / USD_PER_MUSD
        flow = d.columns["draw"].get((loan, n), 0.0) - d.columns["repay"][loan, n]
        flow -= loans.prepayment_fee_share[loan] * d.columns["early"][loan, n]
        flow -= loans.interest_share[loan][n] * before + loans.undrawn_share[loan][n] * (limit - before)
        d.earn(n, factor, USD_PER_MUSD * flow)
        if n in d.paths:
            left = (1 + loans.interest_to_end_share[loan][n]) * d.columns["loan"][loan, n]
            d.at_horizon(n, -USD_PER_MUSD * rate**-d.given.tree.horizon_years * left)


def _owed_before(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    before = d.parent(node)
    if before is None:
        return pulp.LpAffineExpression(constant=d.given.debt.loans.opening_usd[loan] / USD_PER_MUSD)
    return pulp.LpAffineExpression(d.columns["loan"][loan, before])


def _pledged_before(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    before, secured = d.parent(node), d.given.debt.collateral
    if before is None:
        return pulp.LpAffineExpression(constant=secured.opening_pledged_btc[secured.loan.index(loan)])
    return pulp.LpAffineExpression(d.columns["pledged"][loan, before])
