"""EQUITY: shares sold, what buyers pay and what they hold."""

from __future__ import annotations

import pulp

from tests.reference.draft import FAR_BEYOND, USD_PER_MUSD, Draft


def write(d: Draft) -> None:
    """EQUITY.year[n], EQUITY.total[leaf]; flows and claims."""
    equity = d.given.equity
    if equity is None:
        return
    issued = d.add("issued", [(n,) for n in d.nodes if equity.may_issue[n]])
    rate = 1 + d.given.finance.risk_free_per_year
    factor = [rate**-year for year in d.given.tree.mid_years]
    for (n,), paid in issued.items():
        if equity.most_usd < FAR_BEYOND:
            paid.upBound = equity.most_usd / USD_PER_MUSD
        same = [issued[(m,)] for m in d.way_to(n) if (m,) in issued and equity.year[m] == equity.year[n]]
        if equity.most_usd_per_year < FAR_BEYOND:
            paid_before = equity.paid_this_year_usd if equity.year[n] == equity.year[0] else 0.0
            left_musd = max(0.0, equity.most_usd_per_year - paid_before) / USD_PER_MUSD
            d.row("EQUITY.year", (n,), pulp.lpSum(same) <= left_musd)
        d.earn(n, factor, USD_PER_MUSD * (1 - equity.fee_share) * paid)
    for leaf, way in d.paths.items():
        along = [(n, issued[(n,)]) for n in way if (n,) in issued]
        most_musd = equity.most_usd_in_all / USD_PER_MUSD
        if most_musd < FAR_BEYOND:
            d.row("EQUITY.total", (leaf,), pulp.lpSum(paid for _, paid in along) <= most_musd)
        d.at_horizon(leaf, -equity.opening_claim_usd)
        for n, paid in along:
            d.at_horizon(leaf, -USD_PER_MUSD * equity.claim_per_usd * factor[n] * paid)
