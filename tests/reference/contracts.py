"""CONTRACT: what is signed, and where its tranches stand; POWER: what they reserve and draw."""

from __future__ import annotations

from collections.abc import Iterator

import pulp

from tests.reference.draft import FAR_BEYOND, Draft


def columns(d: Draft) -> None:
    """sign[c,m] where the contract, signed at m, is served; place[c,b,m] in the bays it allows."""
    signed = sorted({(c, m) for c, m, *_ in _service(d)})
    d.add("sign", signed, upper=1, whole=True)
    for c, m in signed:
        d.add("place", [(c, b, m) for b in _allowed(d, c)], upper=d.given.offers.tranches[c], whole=True)
    stands = d.given.opening
    for c, b, tranches in zip(stands.contract, stands.bay, stands.tranches, strict=True):
        for m in d.nodes:
            if (c, b, m) in d.columns.get("place", {}):
                d.columns["place"][c, b, m].upBound = tranches
    d.columns.setdefault("place", {})


def _service(d: Draft) -> Iterator[tuple[int, int, int, float, float, float]]:
    """(contract, signed, node, contracted MW, metered MW, rent) for decisions that may be taken, or were before."""
    s = d.given.service
    for row in zip(s.contract, s.signed, s.node, s.contracted_mw, s.metered_mw, s.rent_usd, strict=True):
        if row[1] in d.decisions or row[0] in d.given.opening.signed:
            yield row


def _allowed(d: Draft, contract: int) -> list[int]:
    pairs = zip(d.given.compatibility.contract, d.given.compatibility.bay, strict=True)
    return [b for c, b in pairs if c == contract]


def tenant_bays(d: Draft) -> list[int]:
    return sorted({b for _, b, _ in d.columns["place"]})


Terms = tuple[float, float, float]
"""Share of energy passed through, hours of outage allowed in a month, credit for a MWh of it."""


def terms(d: Draft, contract: int) -> Terms:
    """What decides who goes short."""
    offers = d.given.offers
    share, hours = offers.pass_through_share[contract], offers.outage_h_per_month[contract]
    return share, hours, offers.outage_usd_per_mwh[contract]


def tenancies(d: Draft) -> list[tuple[int, Terms]]:
    """Bay and terms of all contracts that may stand there, each once."""
    pairs = zip(d.given.compatibility.contract, d.given.compatibility.bay, strict=True)
    return sorted({(b, terms(d, c)) for c, b in pairs})


def standing(d: Draft, bay: int, node: int) -> Iterator[tuple[int, pulp.LpVariable, float, float]]:
    """(contract, tranches in the bay, contracted MW and metered MW of one tranche) that are served at the node."""
    for c, m, n, contracted_mw, metered_mw, _ in _service(d):
        if n == node and (c, bay, m) in d.columns["place"]:
            tranches = d.given.offers.tranches[c]
            yield c, d.columns["place"][c, bay, m], contracted_mw / tranches, metered_mw / tranches


def _signatures(d: Draft, contract: int, way: list[int]) -> list[pulp.LpVariable]:
    return [d.columns["sign"][contract, m] for m in way if (contract, m) in d.columns["sign"]]


def once(d: Draft) -> None:
    """CONTRACT.once[c,leaf]: signed at most once on the way to the leaf, exactly once where it must be accepted."""
    for c, must in enumerate(d.given.offers.must_accept):
        for leaf, way in d.paths.items():
            signed = _signatures(d, c, way)
            if must:
                d.row("CONTRACT.once", (c, leaf), pulp.lpSum(signed) == 1)
            elif signed:
                d.row("CONTRACT.once", (c, leaf), pulp.lpSum(signed) <= 1)


def exclusive(d: Draft) -> None:
    """CONTRACT.exclusive[g,leaf]: at most one of a group, exactly one where the group is required."""
    groups = d.given.compatibility
    for g, (members, required) in enumerate(zip(groups.exclusive, groups.group_required, strict=True)):
        for leaf, way in d.paths.items():
            signed = pulp.lpSum(v for c in members for v in _signatures(d, c, way))
            d.row("CONTRACT.exclusive", (g, leaf), signed == 1 if required else signed <= 1)


def placed(d: Draft) -> None:
    """CONTRACT.placed[c,m]: sum_b place[c,b,m] = tranches[c] * sign[c,m]."""
    for c, m in d.columns["sign"]:
        standing = pulp.lpSum(d.columns["place"][c, b, m] for b in _allowed(d, c))
        d.row("CONTRACT.placed", (c, m), standing == d.given.offers.tranches[c] * d.columns["sign"][c, m])


def fitted(d: Draft) -> None:
    """CONTRACT.fitted[c,b,n]: tranches of c served in b at n <= tranches[c] * fitted[b,n]."""
    for c, tranches in enumerate(d.given.offers.tranches):
        for b in _allowed(d, c):
            for n in d.nodes:
                served = [place for contract, place, *_ in standing(d, b, n) if contract == c]
                if served:
                    d.row("CONTRACT.fitted", (c, b, n), pulp.lpSum(served) <= tranches * d.columns["fitted"][b, n])


def _fits(d: Draft, family: str, share: list[float], limit: list[list[float]]) -> None:
    """share * contracted MW in the bay <= limit * fitted, at every node; only where the limit is finite."""
    for b in tenant_bays(d):
        for n in d.nodes:
            claimed = pulp.lpSum(share[b] * mw * place for _, place, mw, _ in standing(d, b, n))
            if limit[b][n] < FAR_BEYOND:
                d.row(family, (b, n), claimed <= limit[b][n] * d.columns["fitted"][b, n])


def fits_hall(d: Draft) -> None:
    """CONTRACT.fits_hall[b,n]: contracted MW within the electrical limit."""
    bays = d.given.bays
    _fits(d, "CONTRACT.fits_hall", [1.0] * len(bays.names), [[mw for _ in d.nodes] for mw in bays.it_limit_mw])


def fits_air(d: Draft) -> None:
    """CONTRACT.fits_air[b,n]: contracted heat within what the air loop may promise."""
    _fits(d, "CONTRACT.fits_air", d.given.bays.firm_air_share, d.given.bays.firm_air_limit_mw)


def fits_liquid(d: Draft) -> None:
    """CONTRACT.fits_liquid[b,n]: the same for the liquid loop."""
    _fits(d, "CONTRACT.fits_liquid", d.given.bays.firm_liquid_share, d.given.bays.firm_liquid_limit_mw)


def fits_feeder(d: Draft) -> None:
    """CONTRACT.fits_feeder[g,n]: (1 + overhead) * contracted MW and no-load draws behind the feeder <= its limit."""
    bays, feeders = d.given.bays, d.given.feeders
    for g, limit_mw in enumerate(feeders.limit_mw):
        behind = [b for f, b in zip(feeders.feeder, feeders.bay, strict=True) if f == g]
        for n in d.nodes:
            claims = [(1 + bays.firm_overhead[b][n]) * mw * v for b in behind for _, v, mw, _ in standing(d, b, n)]
            own = [bays.no_load_mw[b] * d.columns["fitted"][b, n] for b in behind]
            if claims:
                d.row("CONTRACT.fits_feeder", (g, n), pulp.lpSum(claims + own) <= limit_mw)


def fits_plant(d: Draft) -> None:
    """CONTRACT.fits_plant[k,n]: contracted heat of the plant's loop <= what it may promise."""
    bays, plants = d.given.bays, d.given.plants
    for k, loop in enumerate(plants.loop):
        share = bays.firm_air_share if loop == "air" else bays.firm_liquid_share
        served = [b for p, b in zip(plants.plant, plants.bay, strict=True) if p == k]
        for n in d.nodes:
            heat = [share[b] * mw * place for b in served for _, place, mw, _ in standing(d, b, n)]
            if heat:
                d.row("CONTRACT.fits_plant", (k, n), pulp.lpSum(heat) <= plants.firm_limit_mw[k][n])


def money(d: Draft) -> None:
    """Rent and passed-through power at the contracted rate; capex at signature."""
    discount, offers = d.given.finance.discount_contracted, d.given.offers
    for c, m, n, _, metered_mw, rent_usd in _service(d):
        d.earn(n, discount, rent_usd * d.columns["sign"][c, m])
        for b in _allowed(d, c):
            usd_per_mw = offers.pass_through_share[c] * d.given.pass_through.usd_per_mw[b][n]
            passed = usd_per_mw * metered_mw / offers.tranches[c]
            d.earn(n, discount, passed * d.columns["place"][c, b, m])
            tranche_usd = passed + rent_usd / offers.tranches[c]
            d.income_usd[d.given.bays.site[b], n].append(tranche_usd * d.columns["place"][c, b, m])
    _paid_ahead(d)
    for (c, m), sign in d.columns["sign"].items():
        d.pay_capital(m, offers.signing_capex_usd[c] * sign)


def _paid_ahead(d: Draft) -> None:
    """Money paid ahead moves cash and no value; a penalty is paid at the risk-free rate."""
    ahead = d.given.prepayments
    financing = [(1 + d.given.finance.risk_free_per_year) ** -year for year in d.given.tree.mid_years]
    rows = zip(ahead.contract, ahead.signed, ahead.node, ahead.received_usd, ahead.earned_usd, strict=True)
    for (c, m, n, received, earned), refund, penalty in zip(rows, ahead.refunded_usd, ahead.penalty_usd, strict=True):
        if (c, m) in d.columns["sign"]:
            d.cash_usd[n].append((received - earned - refund) * d.columns["sign"][c, m])
            d.earn(n, financing, -penalty * d.columns["sign"][c, m])


def horizon(d: Draft) -> None:
    """Rent beyond the horizon, less the net energy cost of the tranches where they stand."""
    terminal, offers = d.given.terminal, d.given.offers
    for leaf, way in d.paths.items():
        for (c, m), sign in d.columns["sign"].items():
            if m in way:
                d.beyond(leaf, terminal.contract_usd[c][m] * sign)
        for (c, b, m), place in d.columns["place"].items():
            if m in way:
                tranche_mw = offers.critical_it_mw[c] / offers.tranches[c]
                d.beyond(leaf, -terminal.contract_energy_usd_per_mw[c][m][b] * tranche_mw * place)


def reserved(d: Draft) -> None:
    """POWER.reserved[s,n]: gross-up * contracted MW of all tranches of the site <= its limit."""
    for s, limit_mw in enumerate(d.given.sites.power_limit_mw):
        for n in d.nodes:
            claims = [
                d.given.offers.gross_up[c] * mw * place
                for b in d.bays_of_site(s)
                for c, place, mw, _ in standing(d, b, n)
            ]
            if claims:
                d.row("POWER.reserved", (s, n), pulp.lpSum(claims) <= limit_mw)


def firm(d: Draft) -> None:
    """POWER.firm[k,n]: firm_mw[k,n] = metered MW of the tranches in the bay, of contracts of these terms."""
    every = tenancies(d)
    d.add("firm_mw", [(k, n) for k, (b, _) in enumerate(every) if b in tenant_bays(d) for n in d.nodes])
    for (k, n), firm_mw in d.columns["firm_mw"].items():
        bay, own = every[k]
        served = [(c, mw * place) for c, place, _, mw in standing(d, bay, n)]
        metered = pulp.lpSum(mw for c, mw in served if terms(d, c) == own)
        d.row("POWER.firm", (k, n), firm_mw == metered)
