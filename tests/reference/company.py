"""TERMINAL: mining beyond the horizon; CASH: the balance, its minimum and the budget."""

from __future__ import annotations

import pulp

from tests.reference.draft import FAR_BEYOND, USD_PER_MUSD, Draft, Member


def fixed_opex(d: Draft) -> None:
    """Fixed opex of the sites, within the horizon and beyond it."""
    for n in d.nodes:
        for by_node in d.given.sites.fixed_opex_usd:
            d.earn(n, d.given.finance.discount_operations, pulp.LpAffineExpression(constant=-by_node[n]))
    for leaf in d.paths:
        d.at_horizon(leaf, pulp.LpAffineExpression(constant=-sum(d.given.terminal.fixed_opex_usd)))


def tail_hall(d: Draft) -> None:
    """TERMINAL.hall[b,y,leaf]: tail_mw[b,y,leaf] <= it_limit[b] * fitted[b,leaf]; mining fit-outs only. Its worth."""
    bays, terminal = d.given.bays, d.given.terminal
    mining = [b for b, kind in enumerate(bays.kind) if kind in ("air_mining", "hydro_mining", "immersion_mining")]
    members: list[Member] = [(b, y, leaf) for b in mining for y in range(terminal.years) for leaf in d.paths]
    for (b, y, leaf), tail_mw in d.add("tail_mw", members).items():
        d.row("TERMINAL.hall", (b, y, leaf), tail_mw <= bays.it_limit_mw[b] * d.columns["fitted"][b, leaf])
        d.at_horizon(leaf, terminal.mining_usd_per_mw[b][y][leaf] * tail_mw)


def tail_site(d: Draft) -> None:
    """TERMINAL.site[s,y,leaf]: (1 + overhead) of mining and of metered contracts still in term <= the site's limit."""
    terminal, offers = d.given.terminal, d.given.offers
    for s, limit_mw in enumerate(d.given.sites.power_limit_mw):
        for y in range(terminal.years):
            for leaf, way in d.paths.items():
                drawn = []
                for (b, year, end), tail_mw in d.columns["tail_mw"].items():
                    if d.given.bays.site[b] == s and (year, end) == (y, leaf):
                        drawn.append((1 + terminal.overhead[b]) * tail_mw)
                for (c, b, m), place in d.columns["place"].items():
                    if d.given.bays.site[b] == s and m in way:
                        tranche_mw = terminal.contract_mw[c][m][y] / offers.tranches[c]
                        drawn.append(tranche_mw * offers.load_factor[c] * (1 + terminal.overhead[b]) * place)
                if drawn:
                    least_mw = min(limit_mw, terminal.energy_limit_mw[s])
                    d.row("TERMINAL.site", (s, y, leaf), pulp.lpSum(drawn) <= least_mw)


def cash_balance(d: Draft) -> None:
    """CASH.balance[n], MUSD: cash[n] = cash[a(n)] with interest + undiscounted flows of n; opening cash at a root."""
    cash, years = d.add_free("cash", [(n,) for n in d.nodes]), d.given.tree.mid_years
    for n in d.nodes:
        before = d.parent(n)
        since = years[n] - (years[before] if before is not None else 0.0)
        was = cash[(before,)] if before is not None else d.given.finance.opening_cash_usd / USD_PER_MUSD
        flow = pulp.lpSum(d.cash_usd[n]) * (1 / USD_PER_MUSD)
        d.row("CASH.balance", (n,), cash[(n,)] == was * (1 + d.given.finance.risk_free_per_year) ** since + flow)


def cash_minimum(d: Draft) -> None:
    """CASH.minimum[n], MUSD: cash[n] + shortfall[n] >= minimum; a shortfall has a price, or there is none."""
    finance = d.given.finance
    short = d.add("shortfall", [(n,) for n in d.nodes if finance.shortfall_penalty < float("inf")])
    for n in d.nodes:
        missing = short.get((n,), 0.0)
        d.row("CASH.minimum", (n,), d.columns["cash"][(n,)] + missing >= finance.minimum_cash_usd / USD_PER_MUSD)
    for (n,), missing in short.items():
        price = d.given.tree.probability[n] * finance.shortfall_penalty
        d.penalty_usd.append(price * USD_PER_MUSD * missing)


def budget(d: Draft) -> None:
    """CASH.budget[leaf], MUSD: capital paid on the way to the leaf <= budget; only where one is set."""
    limit_usd = d.given.finance.capex_budget_usd
    for leaf, way in d.paths.items():
        if limit_usd < FAR_BEYOND:
            paid = pulp.lpSum(usd for n in way for usd in d.capex_usd[n]) * (1 / USD_PER_MUSD)
            d.row("CASH.budget", (leaf,), paid <= limit_usd / USD_PER_MUSD)
