"""TERMINAL: mining beyond the horizon; CASH: the balance, its minimum and the budget."""

from __future__ import annotations

import pulp

from tests.reference.draft import FAR_BEYOND, USD_PER_MUSD, Draft, Member


def fixed_opex(d: Draft) -> None:
    """Fixed opex of the sites, within the horizon and beyond it."""
    for n in d.nodes:
        for s, by_node in enumerate(d.given.sites.fixed_opex_usd):
            d.operate(s, n, pulp.LpAffineExpression(constant=-by_node[n]))
    for leaf in d.paths:
        d.beyond(leaf, pulp.LpAffineExpression(constant=-sum(d.given.terminal.fixed_opex_usd)))


def tail_hall(d: Draft) -> None:
    """TERMINAL.hall[b,y,leaf]: tail_mw[b,y,leaf] <= it_limit[b] * fitted[b,leaf]; mining fit-outs only. Its worth."""
    bays, terminal = d.given.bays, d.given.terminal
    mining = [b for b, kind in enumerate(bays.kind) if kind in ("air_mining", "hydro_mining", "immersion_mining")]
    members: list[Member] = [(b, y, leaf) for b in mining for y in range(terminal.years) for leaf in d.paths]
    for (b, y, leaf), tail_mw in d.add("tail_mw", members).items():
        d.row("TERMINAL.hall", (b, y, leaf), tail_mw <= bays.it_limit_mw[b] * d.columns["fitted"][b, leaf])
        d.beyond(leaf, terminal.mining_usd_per_mw[b][y][leaf] * tail_mw)


def tail_site(d: Draft) -> None:
    """TERMINAL.site[s,y,leaf]: (1 + overhead) of mining and of metered contracts still in term <= the site's limit."""
    for s, limit_mw in enumerate(d.given.sites.power_limit_mw):
        least_mw = min(limit_mw, d.given.terminal.energy_limit_mw[s])
        _tail_gross(d, "TERMINAL.site", s, d.bays_of_site(s), least_mw)


def tail_feeder(d: Draft) -> None:
    """TERMINAL.feeder[g,y,leaf]: the same behind a feeder <= its limit."""
    feeders = d.given.feeders
    for g, limit_mw in enumerate(feeders.limit_mw):
        behind = [b for f, b in zip(feeders.feeder, feeders.bay, strict=True) if f == g]
        _tail_gross(d, "TERMINAL.feeder", g, behind, limit_mw)


def _tail_gross(d: Draft, family: str, group: int, bays: list[int], limit_mw: float) -> None:
    for y, leaf in _ends(d):
        drawn = [(1 + d.given.terminal.overhead[b]) * mw for b in bays for mw in _tail_loads(d, b, y, leaf)]
        if drawn:
            d.row(family, (group, y, leaf), pulp.lpSum(drawn) <= limit_mw)


def tail_plant(d: Draft) -> None:
    """TERMINAL.plant[k,y,leaf]: heat of mining, all of it to the fit-out's loop, and of tenants <= the plant's mean."""
    bays, plants = d.given.bays, d.given.plants
    for k, loop in enumerate(plants.loop):
        served = [b for p, b in zip(plants.plant, plants.bay, strict=True) if p == k]
        share = bays.firm_air_share if loop == "air" else bays.firm_liquid_share
        for y, leaf in _ends(d):
            heat = [share[b] * mw for b in served for mw in _tenants_tail(d, b, y, leaf)]
            mined = [b for b in served if (bays.kind[b] == "air_mining") == (loop == "air")]
            heat += [mw for b in mined for mw in _mining_tail(d, b, y, leaf)]
            if heat:
                d.row("TERMINAL.plant", (k, y, leaf), pulp.lpSum(heat) <= plants.tail_limit_mw[k])


def _ends(d: Draft) -> list[tuple[int, int]]:
    return [(y, leaf) for y in range(d.given.terminal.years) for leaf in d.paths]


def _tail_loads(d: Draft, bay: int, year: int, leaf: int) -> list[pulp.LpAffineExpression]:
    return [*_mining_tail(d, bay, year, leaf), *_tenants_tail(d, bay, year, leaf)]


def _mining_tail(d: Draft, bay: int, year: int, leaf: int) -> list[pulp.LpAffineExpression]:
    return [1 * d.columns["tail_mw"][bay, year, leaf]] if (bay, year, leaf) in d.columns["tail_mw"] else []


def _tenants_tail(d: Draft, bay: int, year: int, leaf: int) -> list[pulp.LpAffineExpression]:
    """Metered load of contracts in the bay that are still in term, IT MW."""
    terminal, offers = d.given.terminal, d.given.offers
    return [
        terminal.contract_mw[c][m][year] / offers.tranches[c] * offers.load_factor[c] * place
        for (c, b, m), place in d.columns["place"].items()
        if b == bay and m in d.paths[leaf]
    ]


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
