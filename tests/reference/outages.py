"""Outage that tenants allow, one tenancy and node at a time."""

from __future__ import annotations

import pulp

from tests.reference.contracts import tenancies
from tests.reference.draft import Draft
from tests.reference.steps import Hour


def credit_usd_per_mwh(d: Draft, tenancy: int) -> float:
    """What a MWh not served costs, as long as the allowance lasts."""
    bay, (_, hours, credit) = tenancies(d)[tenancy]
    owed = d.given.hours.shed_usd_per_mwh[d.given.bays.site[bay]]
    return min(credit, owed) if hours > 0 else owed


def allowance(d: Draft, everything: list[Hour]) -> None:
    """CONTRACT.allowance[i,n]: energy not served - energy beyond the allowance <= hours allowed * firm load.

    Beyond it the site's price is owed. An allowance as long as the node, or dearer than that price, needs no row.
    """
    for i, (bay, (_, hours, credit)) in enumerate(tenancies(d)):
        owed = d.given.hours.shed_usd_per_mwh[d.given.bays.site[bay]]
        for n in d.nodes:
            own = [hour for hour in everything if hour.node == n and (i, hour.at) in d.columns["shed_mw"]]
            allowed_h = hours * d.given.tree.months[n]
            if own and 0 < allowed_h < sum(d.given.hours.weight_h[hour.stored] for hour in own) and credit < owed:
                beyond = d.add("beyond_mwh", [(i, n)])[i, n]
                unserved = pulp.lpSum(d.given.hours.weight_h[h.stored] * d.columns["shed_mw"][i, h.at] for h in own)
                d.row("CONTRACT.allowance", (i, n), unserved - beyond <= allowed_h * d.columns["firm_mw"][i, n])
                d.operate(d.given.bays.site[bay], n, (credit - owed) * beyond)
