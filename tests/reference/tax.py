"""TAX: income by node and calendar year, losses carried along the paths; money in MUSD, as in the model."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft


def write(d: Draft) -> None:
    """Every row, and the tax itself; what operations earn is in `income_usd` of the draft."""
    tax = d.given.tax
    if tax is None:
        return
    taxable = d.add_free("taxable", [(n,) for n in d.nodes])
    for n in d.nodes:
        d.row("TAX.income", (n,), taxable[(n,)] == _income(d, n))
    closing = [(n,) for n in d.nodes if tax.closes[n]]
    profit, loss, used, carried = (d.add(name, closing) for name in ("profit", "loss", "used", "carried"))
    for (n,) in closing:
        first = tax.opening_income_usd / USD_PER_MUSD if tax.year[n] == tax.year[0] else 0.0
        year = pulp.lpSum(taxable[(m,)] for m in d.way_to(n) if tax.year[m] == tax.year[n])
        earlier = [m for m in d.way_to(n)[:-1] if tax.closes[m]]
        before = carried[(earlier[-1],)] if earlier else tax.opening_loss_usd / USD_PER_MUSD
        d.row("TAX.year", (n,), profit[(n,)] - loss[(n,)] == first + year)
        d.row("TAX.capped", (n,), used[(n,)] <= tax.loss_cap_share * profit[(n,)])
        d.row("TAX.held", (n,), used[(n,)] <= before)
        d.row("TAX.carried", (n,), carried[(n,)] == before - used[(n,)] + loss[(n,)])
        owed = -tax.rate_share * USD_PER_MUSD * (profit[(n,)] - used[(n,)])
        if tax.is_paid[n]:
            d.earn(n, d.given.finance.discount_operations, owed)
        else:
            d.at_horizon(n, d.given.finance.discount_horizon * owed)
    for leaf in d.paths:
        left = tax.rate_share * d.given.finance.discount_horizon
        d.at_horizon(leaf, left * (tax.opening_left_usd[leaf] + _left(d, leaf)))
    for n, terms in list(d.beyond_usd.items()):
        d.value_usd[n].append(-tax.rate_share * pulp.lpSum(terms))


def _age(d: Draft, made: int, month: int) -> float:
    """Share of capital paid in `made` that is written off by the start of a month."""
    months = d.given.tax.write_off_months
    return min(1.0, max(0, month - d.given.tree.first_month[made]) / months)


def _ends(d: Draft, node: int) -> int:
    return d.given.tree.first_month[node] + d.given.tree.months[node]


def _left(d: Draft, leaf: int) -> pulp.LpAffineExpression:
    return pulp.lpSum((1 - _age(d, m, _ends(d, leaf))) * usd for m in d.way_to(leaf) for usd in d.capex_usd[m])


def _income(d: Draft, node: int) -> pulp.LpAffineExpression:
    tax, total = d.given.tax, pulp.LpAffineExpression(constant=-d.given.tax.opening_written_off_usd[node])
    for s in range(len(d.given.sites.names)):
        total += pulp.lpSum(d.income_usd[s, node])
    models = d.given.models
    for (e, n), sell in d.columns["sell"].items():
        if n == node:
            total += models.block_units[e] * models.resale_usd[e][n] * sell
    for m in d.way_to(node):
        share = _age(d, m, _ends(d, node)) - _age(d, m, d.given.tree.first_month[node])
        total -= share * pulp.lpSum(d.capex_usd[m])
    total = total * (1 / USD_PER_MUSD)
    before = d.parent(node)
    for loan, _ in [key for key in d.columns.get("loan", {}) if key[1] == node]:
        loans = d.given.debt.loans
        owed = loans.opening_usd[loan] / USD_PER_MUSD if before is None else d.columns["loan"][loan, before]
        total -= loans.interest_share[loan][node] * owed
    assert tax.rate_share >= 0
    return total
