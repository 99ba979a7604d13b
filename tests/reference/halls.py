"""HALL: what every hall is fitted as."""

from __future__ import annotations

import pulp

from tests.reference.draft import Draft
from tests.reference.hosting import agreement_of
from tests.reference.relations import months_within, paid_share, ready


def columns(d: Draft) -> None:
    """convert[b,n], fitted[b,n], idle[h,n]; a conversion is offered only if it can be ready within the horizon."""
    bays = range(len(d.given.bays.names))
    d.add("convert", [(b, n) for b in bays for n in d.nodes if _can_convert(d, b, n)], upper=1, whole=True)
    for b, n in d.columns["convert"]:
        if b in d.given.opening.under_way:
            d.columns["convert"][b, n].lowBound = 1
    d.add("fitted", [(b, n) for b in bays for n in d.nodes], upper=1)
    d.add("idle", [(h, n) for h in _own(d) for n in d.nodes], upper=1)
    for g, b in enumerate(d.given.hosting.bay):
        for n in d.nodes:
            if not d.given.hosting.in_term[g][n]:
                d.columns["fitted"][b, n].upBound = 0


def _own(d: Draft) -> list[int]:
    """Halls that belong to the company."""
    return [h for h in range(len(d.given.halls.names)) if agreement_of(d, h) is None]


def _can_convert(d: Draft, bay: int, node: int) -> bool:
    bays, tree = d.given.bays, d.given.tree
    if not bays.convertible[bay] or bay in d.given.halls.opening_bay:
        return False
    if d.parent(node) is not None if bay in d.given.opening.under_way else node not in d.decisions:
        return False
    return any(ready(tree, way, node, bays.lead_months[bay]) is not None for way in d.paths.values() if node in way)


def _ready_conversions(d: Draft, bay: int, node: int) -> list[pulp.LpVariable]:
    """Conversions to the bay that are first ready at the node."""
    way = d.way_to(node)
    lead = d.given.bays.lead_months[bay]
    convert = d.columns["convert"]
    return [convert[bay, m] for m in way if (bay, m) in convert and ready(d.given.tree, way, m, lead) == node]


def one_fitout(d: Draft) -> None:
    """HALL.one_fitout[h,n]: sum_{b in h} fitted[b,n] + idle[h,n] = 1; of a hosted hall: fitted[b,n] = hosted[g,n]."""
    for h, n in d.columns["idle"]:
        fitted = pulp.lpSum(d.columns["fitted"][b, n] for b in d.bays_of_hall(h))
        d.row("HALL.one_fitout", (h, n), fitted + d.columns["idle"][h, n] == 1)
    for (g, n), hosted in d.columns["hosted"].items():
        fitted = d.columns["fitted"][d.given.hosting.bay[g], n]
        d.row("HALL.one_fitout", (d.given.hosting.hall[g], n), fitted == hosted)


def downtime(d: Draft) -> None:
    """HALL.downtime[h,n]: idle[h,n] = conversions of h whose last downtime_months overlap n."""
    tree, bays = d.given.tree, d.given.bays
    for h, n in d.columns["idle"]:
        emptied = []
        for b in d.bays_of_hall(h):
            for m in d.way_to(n):
                end = tree.first_month[m] + bays.lead_months[b]
                down = months_within(tree, n, end - bays.downtime_months[b], end) > 0
                if down and (b, m) in d.columns["convert"]:
                    emptied.append(d.columns["convert"][b, m])
        d.row("HALL.downtime", (h, n), d.columns["idle"][h, n] == pulp.lpSum(emptied))


def lead_time(d: Draft) -> None:
    """HALL.lead_time[b,n]: fitted[b,n] <= fitted[b,a(n)] + conversions ready at n; own halls; the opening bay
    before a root.
    """
    for b, n in d.columns["fitted"]:
        if b in d.given.hosting.bay:
            continue
        before = d.parent(n)
        was = d.columns["fitted"][b, before] if before is not None else float(b in d.given.halls.opening_bay)
        became = pulp.lpSum(_ready_conversions(d, b, n))
        d.row("HALL.lead_time", (b, n), d.columns["fitted"][b, n] - became <= was)


def delivered(d: Draft) -> None:
    """HALL.delivered[b,n]: fitted[b,n] >= conversions ready at n; only where there can be one."""
    for b, n in d.columns["fitted"]:
        due = _ready_conversions(d, b, n)
        if due:
            d.row("HALL.delivered", (b, n), d.columns["fitted"][b, n] >= pulp.lpSum(due))


def once(d: Draft) -> None:
    """HALL.once[h,leaf]: conversions of h on the way to the leaf <= max_conversions; only where there can be one."""
    convert = d.columns["convert"]
    for h, most in enumerate(d.given.halls.max_conversions):
        for leaf, way in d.paths.items():
            made = [convert[b, n] for b in d.bays_of_hall(h) for n in way if (b, n) in convert]
            if made:
                d.row("HALL.once", (h, leaf), pulp.lpSum(made) <= most)


def capex(d: Draft) -> None:
    """Conversions are paid evenly over their lead months, at once where there is no lead."""
    tree, bays = d.given.tree, d.given.bays
    for b, m in d.columns["convert"]:
        for n in d.nodes:
            if m in d.way_to(n):
                share = paid_share(tree, m, n, bays.lead_months[b])
                d.pay_capital(n, share * bays.capex_usd[b][m] * d.columns["convert"][b, m])


def unpaid_capex(d: Draft) -> None:
    """What is still owed at the horizon is deducted."""
    tree, bays, discount = d.given.tree, d.given.bays, d.given.finance.discount_horizon
    for leaf, way in d.paths.items():
        for b, m in d.columns["convert"]:
            if m in way:
                paid = sum(paid_share(tree, m, n, bays.lead_months[b]) for n in way[way.index(m) :])
                owed = (1.0 - paid) * bays.capex_usd[b][m]
                d.beyond(leaf, -discount * owed * d.columns["convert"][b, m])
