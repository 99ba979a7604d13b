"""COVENANT: tests of liquidity, coverage and leverage, one at a time; money in MUSD, as in the model."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft

FAR_MUSD = 20.0
"""More than any toy earns or loses."""


def write(d: Draft) -> None:
    """Every test; what operations earn by site is in `income_usd` of the draft."""
    given = d.given.covenants
    if given is None:
        return
    kinds, tested = given.kind, given.tested
    tests = [(c, n) for c in range(len(kinds)) for n in d.nodes if tested[c][n]]
    on_income = [(c, n) for c, n in tests if kinds[c] != "minimum_liquidity"]
    d.add("breach", [(c, n) for c, n in tests if given.may_breach[c][n]])
    for (c, n), breach in d.columns["breach"].items():
        d.penalty_usd.append(given.penalty[c] * d.given.tree.probability[n] * USD_PER_MUSD * breach)
    _income(d, on_income)
    _due(d, [c for c, n in on_income if kinds[c] == "dscr"])
    for c, n in tests:
        missing = d.columns["breach"].get((c, n), 0.0)
        if kinds[c] == "minimum_liquidity":
            d.row("COVENANT.liquidity", (c, n), _liquid(d, c, n) + missing >= given.limit[c] / USD_PER_MUSD)
        elif kinds[c] == "dscr":
            carried = d.columns["counted"][c, n] / given.limit[c]
            d.row("COVENANT.coverage", (c, n), carried + missing >= _service(d, c, n))
        else:
            carried = given.limit[c] * 12 / given.trailing_months[c] * d.columns["counted"][c, n]
            d.row("COVENANT.leverage", (c, n), carried + missing >= _owed(d, n) + _unearned(d, n) - _liquid(d, c, n))


def _income(d: Draft, tests: list[tuple[int, int]]) -> None:
    """COVENANT.earned, COVENANT.income, COVENANT.loss [c,n]."""
    given = d.given.covenants
    inside = sorted({(c, k) for c, n in tests for k, _ in _window(d, c, n)})
    earned = d.add_free("earned", inside)
    for c, k in inside:
        sites = [s for s, counts in enumerate(given.sites[c]) if counts]
        flows = [usd for s in sites for usd in d.income_usd[s, k]]
        d.row("COVENANT.earned", (c, k), earned[c, k] == pulp.lpSum(flows) * (1 / USD_PER_MUSD))
    counted, losing = d.add("counted", tests), d.add("losing", tests, upper=1, whole=True)
    for c, n in tests:
        within = pulp.lpSum(share * earned[c, k] for k, share in _window(d, c, n))
        before = given.earlier_income_usd[c][n] / USD_PER_MUSD
        d.row("COVENANT.income", (c, n), counted[c, n] <= before + within + FAR_MUSD * losing[c, n])
        d.row("COVENANT.loss", (c, n), counted[c, n] <= FAR_MUSD * (1 - losing[c, n]))


def _due(d: Draft, coverages: list[int]) -> None:
    """COVENANT.due[l,n]: what is owed beyond the instalments."""
    if d.given.debt is None or not coverages:
        return
    left, kinds = d.given.covenants.instalment_limit_usd, d.given.debt.loans.kind
    for loan, n in [(loan, n) for loan in range(len(kinds)) for n in d.nodes]:
        if kinds[loan] == "project" or left[loan][n] < float("inf"):
            due, most = d.add("due", [(loan, n)])[loan, n], 0.0 if kinds[loan] == "project" else left[loan][n]
            lent = _lent(d, loan, n)
            d.row("COVENANT.due", (loan, n), due >= _before(d, loan, n) - most / USD_PER_MUSD - lent)


def _lent(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    """What conversions let be owed."""
    given, total = d.given.debt.projects, pulp.LpAffineExpression()
    for of, bay, made, at, owed in zip(given.loan, given.bay, given.made, given.node, given.owed_usd, strict=True):
        if (of, at) == (loan, node) and (bay, made) in d.columns["convert"]:
            total += owed / USD_PER_MUSD * d.columns["convert"][bay, made]
    return total


def _window(d: Draft, covenant: int, node: int) -> list[tuple[int, float]]:
    """Nodes on the way whose last months count, and the share of theirs that does."""
    tree, months = d.given.tree, d.given.covenants.trailing_months[covenant]
    opens = tree.first_month[node] + tree.months[node] - months
    found = []
    for k in d.way_to(node):
        ends = tree.first_month[k] + tree.months[k]
        if ends > opens:
            found.append((k, min(tree.months[k], ends - opens) / tree.months[k]))
    return found


def _service(d: Draft, covenant: int, node: int) -> pulp.LpAffineExpression:
    given, total = d.given.covenants, pulp.LpAffineExpression()
    for k, share in _window(d, covenant, node):
        for loan, counts in enumerate(given.loans[covenant]):
            if counts:
                total += share * d.given.debt.loans.interest_share[loan][k] * _before(d, loan, k)
                total += share * d.columns["due"].get((loan, k), 0.0)
    return total + given.earlier_service_usd[covenant][node] / USD_PER_MUSD


def _liquid(d: Draft, covenant: int, node: int) -> pulp.LpAffineExpression:
    counts, found = d.given.covenants.btc_share[covenant], pulp.LpAffineExpression(d.columns["cash"][(node,)])
    if d.given.treasury is not None and counts:
        pledged = [btc for (_, n), btc in d.columns.get("pledged", {}).items() if n == node]
        price = d.given.market.network.btc_price_usd[node] / USD_PER_MUSD
        found += counts * price * (d.columns["btc"][(node,)] - pulp.lpSum(pledged))
    return found


def _owed(d: Draft, node: int) -> pulp.LpAffineExpression:
    return pulp.lpSum(owed for (_, n), owed in d.columns.get("loan", {}).items() if n == node)


def _before(d: Draft, loan: int, node: int) -> pulp.LpAffineExpression:
    before = d.parent(node)
    if before is None:
        return pulp.LpAffineExpression(constant=d.given.debt.loans.opening_usd[loan] / USD_PER_MUSD)
    return pulp.LpAffineExpression(d.columns["loan"][loan, before])


def _unearned(d: Draft, node: int) -> pulp.LpAffineExpression:
    """Paid ahead by tenants and not earned, MUSD."""
    ahead = d.given.prepayments
    rows = zip(ahead.contract, ahead.signed, ahead.node, ahead.unearned_usd, strict=True)
    signed = [(usd / USD_PER_MUSD) * d.columns["sign"][c, m] for c, m, n, usd in rows if n == node]
    return pulp.lpSum(signed)
