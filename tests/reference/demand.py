"""PEAK.metered, DEMAND.billed: what tariffs bill on the highest draw."""

from __future__ import annotations

from collections.abc import Callable

import pulp

from tests.reference.draft import Draft
from tests.reference.steps import Hour


def charges(d: Draft, everything: list[Hour], gross_mw: Callable[[Draft, Hour], pulp.LpAffineExpression]) -> None:
    """PEAK.metered[k,t]: draw <= peak in hours that count; DEMAND.billed: peak <= billed >= least; DEMAND.ratchet."""
    given = d.given.demand
    for k, site in enumerate(given.site):
        for n in d.nodes:
            if not given.billed[k][n]:
                continue
            peak = d.add("peak_mw", [(k, n)], upper=d.given.sites.power_limit_mw[site])[k, n]
            billed = d.add("billed_mw", [(k, n)])[k, n]
            d.row("DEMAND.billed", (k, n), peak <= billed)
            billed.lowBound = given.least_mw[k][n]
            d.operate(site, n, -given.usd_per_mw[k][n] * billed)
            for hour in everything:
                if (hour.site, hour.node) == (site, n) and given.counts[k][hour.step]:
                    d.row("PEAK.metered", (k, hour.at), gross_mw(d, hour) <= peak)
    for k, m, n in given.reach:
        now, before = d.columns["billed_mw"][k, n], d.columns["billed_mw"][k, m]
        d.row("DEMAND.ratchet", (k, m, n), given.ratchet_share[k] * before <= now)
