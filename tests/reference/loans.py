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
    called = [(loan, n) for loan, n in own if _may_be_called(d, loan, n)]
    d.add("uncured", [(loan, n) for loan, n in own if d.parent(n) is None or (loan, n) in called])
    d.add("call", called)
    d.add("seized", called)
    d.add("liquidates", called, upper=1, whole=True)
    d.add("exhausts", called, upper=1, whole=True)
    d.add("release", [(loan, n) for loan, n in own if n in d.decisions])
    d.add("draws", [(loan, n) for loan, n in own if loans.may_draw[loan][n]], upper=1, whole=True)
    d.add("releases", [(loan, n) for loan, n in own if n in d.decisions], upper=1, whole=True)
    for (loan, n), repay in d.columns["repay"].items():
        if not loans.may_prepay[loan] and (loan, n) not in called:
            repay.upBound = _due(d, loan, n)


def options(d: Draft) -> None:
    """Columns of rights; LOAN.opened, LOAN.extension_fee, LOAN.extension_ltv."""
    if d.given.debt is None:
        return
    loans, rights = d.given.debt.loans, d.given.debt.extensions
    openable = [loan for loan, fee in enumerate(loans.upfront_usd) if fee > 0 and loans.opening_usd[loan] == 0]
    d.add("opens", [(loan, n) for loan, n in d.columns["draw"] if loan in openable], upper=1, whole=True)
    made = [(loan, n) for k, loan in enumerate(rights.loan) for n in sorted(set(rights.decided[k]) - {-1})]
    d.add("extends", made, upper=1, whole=True)
    d.add("extension_fee", [(loan, n) for loan, n in made if rights.fee_share[rights.loan.index(loan)] > 0])
    for loan, n in d.columns["opens"]:
        opened = pulp.lpSum(d.columns["opens"][loan, m] for m in d.way_to(n) if (loan, m) in d.columns["opens"])
        d.row("LOAN.opened", (loan, n), d.columns["draw"][loan, n] <= _most(d, loan, n) * opened)
        d.earn(n, _financing(d), -loans.upfront_usd[loan] * d.columns["opens"][loan, n])
    for loan, fee in enumerate(loans.upfront_usd):
        for n in d.nodes:
            if d.parent(n) is None and loans.opening_usd[loan] > 0:
                d.earn(n, _financing(d), pulp.LpAffineExpression(constant=-fee))


def extensions(d: Draft) -> None:
    """What is charged and asked where a right to extend is used."""
    if d.given.debt is None or "pledged" not in d.columns:
        return
    rights, secured = d.given.debt.extensions, d.given.debt.collateral
    for loan, n in d.columns["extends"]:
        k, owed, unused = rights.loan.index(loan), d.columns["loan"][loan, n], 1 - d.columns["extends"][loan, n]
        most = _most(d, loan, n)
        if (loan, n) in d.columns["extension_fee"]:
            fee = d.columns["extension_fee"][loan, n]
            d.row("LOAN.extension_fee", (loan, n), fee >= rights.fee_share[k] * (owed - most * unused))
            d.earn(n, _financing(d), -USD_PER_MUSD * fee)
        if rights.most_ltv[k] < float("inf") and loan in secured.loan:
            price = d.given.market.network.btc_price_usd[n] / USD_PER_MUSD
            worth = rights.most_ltv[k] * price * d.columns["pledged"][loan, n]
            d.row("LOAN.extension_ltv", (loan, n), owed <= worth + most * unused)


def projects(d: Draft) -> None:
    """PROJECT.cost and PROJECT.draw [l,n], over every conversion."""
    if d.given.debt is None:
        return
    rows, convert = d.given.debt.projects, d.columns["convert"]
    members = list(zip(rows.loan, rows.bay, rows.made, rows.node, rows.owed_usd, rows.drawn_usd, strict=True))
    for loan, n in d.columns["loan"]:
        if d.given.debt.loans.kind[loan] == "project":
            own = [(convert.get((bay, m), 0.0), w, z) for own, bay, m, at, w, z in members if (own, at) == (loan, n)]
            owed, drawn = (pulp.lpSum(x * row[k] / USD_PER_MUSD for x, *row in own) for k in (0, 1))
            d.row("PROJECT.cost", (loan, n), d.columns["loan"][loan, n] <= owed)
            d.row("PROJECT.draw", (loan, n), d.columns["draw"][loan, n] <= drawn)


def _financing(d: Draft) -> list[float]:
    return [(1 + d.given.finance.risk_free_per_year) ** -year for year in d.given.tree.mid_years]


def _extra(d: Draft, loan: int, node: int | None) -> float:
    """What may be owed beyond the limit, if extended, USD."""
    rights = d.given.debt.extensions
    return rights.extra_usd[rights.loan.index(loan)][node] if node is not None and loan in rights.loan else 0.0


def _most(d: Draft, loan: int, node: int) -> float:
    return (d.given.debt.loans.limit_usd[loan][node] + _extra(d, loan, node)) / USD_PER_MUSD


def _due(d: Draft, loan: int, node: int) -> float:
    """What may be paid back and is no prepayment, MUSD."""
    ends = max(0.0, _extra(d, loan, d.parent(node)) - _extra(d, loan, node))
    return (max(0.0, d.given.debt.loans.falls_due_usd[loan][node]) + ends) / USD_PER_MUSD


def _credit(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    """What an extension lets be owed, MUSD."""
    rights = d.given.debt.extensions
    made = rights.decided[rights.loan.index(loan)][node] if loan in rights.loan else -1
    if made < 0:
        return pulp.LpAffineExpression()
    return _extra(d, loan, node) / USD_PER_MUSD * pulp.LpAffineExpression(d.columns["extends"][loan, made])


def principal(d: Draft) -> None:
    """LOAN.balance, LOAN.schedule, LOAN.early [l,n]."""
    for loan, n in d.columns.get("loan", ()):
        loans, owed = d.given.debt.loans, d.columns["loan"]
        drawn, repaid = d.columns["draw"].get((loan, n), 0.0), d.columns["repay"][loan, n]
        d.row("LOAN.balance", (loan, n), owed[loan, n] == _owed_before(d, loan, n) + drawn - repaid)
        d.row(
            "LOAN.schedule", (loan, n), owed[loan, n] <= loans.limit_usd[loan][n] / USD_PER_MUSD + _credit(d, loan, n)
        )
        due = _due(d, loan, n)
        if not loans.may_prepay[loan]:
            d.columns["early"][loan, n].upBound = 0.0
        d.row("LOAN.early", (loan, n), d.columns["early"][loan, n] >= repaid - due - _proceeds(d, loan, n))


def collateral(d: Draft) -> None:
    """LOAN.collateral[l,n]; BTC.pledged, BTC.postable [n] over all loans."""
    if d.given.debt is None or d.given.treasury is None:
        return
    secured = d.given.debt.collateral
    for loan, n in d.columns["pledged"]:
        moved = d.columns["pledge"][loan, n] - d.columns["release"].get((loan, n), 0.0) - _seized(d, loan, n)
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
    """LOAN.call and LOAN.headroom before acting; LOAN.cured, LOAN.initial_ltv, LOAN.draw, LOAN.release_ltv and
    LOAN.release after it."""
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
                call = d.columns["call"].get((loan, n), 0.0)
                d.row("LOAN.call", (loan, n), due <= terms.call_ltv[k] * lowest * backed + call)
                if terms.least_headroom[k] > 0:
                    level = (terms.call_ltv[k] - terms.least_headroom[k]) * lowest
                    d.row("LOAN.headroom", (loan, n), due <= level * _pledged_before(d, loan, n))
                if (loan, n) in d.columns["call"]:
                    d.penalty_usd.append(terms.call_penalty[k] * d.given.tree.probability[n] * USD_PER_MUSD * call)
            above = d.columns["uncured"].get((loan, n), 0.0)
            d.row("LOAN.cured", (loan, n), owed <= terms.call_ltv[k] * worth + above)
            d.penalty_usd.append(terms.uncured_penalty * d.given.tree.probability[n] * USD_PER_MUSD * above)
            most = _most(d, loan, n)
            if (loan, n) in d.columns["draws"]:
                event = d.columns["draws"][loan, n]
                d.row("LOAN.initial_ltv", (loan, n), owed <= terms.initial_ltv[k] * worth + most * (1 - event))
                d.row("LOAN.draw", (loan, n), d.columns["draw"][loan, n] <= most * event)
            if (loan, n) in d.columns["releases"]:
                event = d.columns["releases"][loan, n]
                d.row("LOAN.release_ltv", (loan, n), owed <= terms.release_ltv[k] * worth + most * (1 - event))
                d.row("LOAN.release", (loan, n), d.columns["release"][loan, n] <= MOST_BTC * event)


def liquidations(d: Draft) -> None:
    """LOAN.liquidation, LOAN.liquidated, LOAN.seized, LOAN.held, LOAN.exhausted, LOAN.proceeds, where calls may be."""
    for loan, n in d.columns.get("seized", ()):
        loans, terms = d.given.debt.loans, d.given.debt.collateral
        k, price = terms.loan.index(loan), d.given.market.network.btc_price_usd
        lowest = price[n] * (1 - terms.stress_share[n]) / USD_PER_MUSD
        level, brings = terms.liquidation_ltv[k] * lowest, (1 - terms.penalty_share[k]) * lowest
        had = _pledged_before(d, loan, n) + d.columns["post"][loan, n]
        due = (1 + loans.interest_share[loan][n]) * _owed_before(d, loan, n)
        sold, sells = d.columns["seized"][loan, n], d.columns["liquidates"][loan, n]
        everything = d.columns["exhausts"][loan, n]
        ever = loans.limit_usd[loan][n] + loans.falls_due_usd[loan][n] + _extra(d, loan, d.parent(n))
        most = (1 + loans.interest_share[loan][n]) * ever / USD_PER_MUSD
        d.row("LOAN.liquidation", (loan, n), (brings - level) * sold >= due - level * had - most * everything)
        whole = level * MOST_BTC * (1 - sells)
        d.row("LOAN.liquidated", (loan, n), (brings - level) * sold <= due - level * had + whole)
        d.row("LOAN.seized", (loan, n), sold <= MOST_BTC * sells)
        d.row("LOAN.held", (loan, n), sold <= had)
        d.row("LOAN.exhausted", (loan, n), sold >= had - MOST_BTC * (1 - everything))
        interest = loans.interest_share[loan][n] * _owed_before(d, loan, n)
        d.row("LOAN.proceeds", (loan, n), d.columns["repay"][loan, n] >= brings * sold - interest)
        d.earn(n, d.given.treasury.discount, USD_PER_MUSD * brings * sold)


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
        _shares(d, loan, n, factor)
        if n in d.paths:
            left = (1 + loans.interest_to_end_share[loan][n]) * d.columns["loan"][loan, n]
            d.at_horizon(n, -USD_PER_MUSD * rate**-d.given.tree.horizon_years * left)


def _shares(d: Draft, loan: int, n: int, factor: list[float]) -> None:
    """Notes settled in shares: these cost what they are worth, and no cash moves; left at the end they do too."""
    notes, loans = d.given.debt.notes, d.given.debt.loans
    if notes is None or notes.conversion_usd[loan] == 0:
        return
    ratio = notes.share_usd[loan][n] / notes.conversion_usd[loan]
    if notes.paid_in_shares[loan][n]:
        due = loans.falls_due_usd[loan][n]
        d.earn(n, factor, pulp.LpAffineExpression(constant=-(ratio - 1) * due))
        d.cash_usd[n].append(pulp.LpAffineExpression(constant=ratio * due))
    if n in d.paths:
        end = (1 + d.given.finance.risk_free_per_year) ** -d.given.tree.horizon_years
        left = loans.limit_usd[loan][n]
        d.at_horizon(n, pulp.LpAffineExpression(constant=-end * max(0.0, ratio * left - left)))


def _may_be_called(d: Draft, loan: int, node: int) -> bool:
    terms = d.given.debt.collateral
    return d.parent(node) is not None and terms.call_penalty[terms.loan.index(loan)] < float("inf")


def _seized(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    return pulp.LpAffineExpression(d.columns["seized"].get((loan, node), 0.0))


def _proceeds(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    """What the lender's sale brings, MUSD."""
    terms = d.given.debt.collateral
    if (loan, node) not in d.columns["seized"]:
        return pulp.LpAffineExpression()
    lowest = d.given.market.network.btc_price_usd[node] * (1 - terms.stress_share[node])
    return (1 - terms.penalty_share[terms.loan.index(loan)]) * lowest / USD_PER_MUSD * _seized(d, loan, node)


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
