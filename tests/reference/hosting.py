"""HOSTING: agreements with hosts, one at a time."""

from __future__ import annotations

import pulp

from tests.reference.draft import Draft


def columns(d: Draft) -> None:
    """terminate[g,m] where notice can end the agreement; hosted[g,n] within the term."""
    given = range(len(d.given.hosting.names))
    d.add("terminate", [(g, m) for g in given for m in d.decisions if _ends(d, g, m)], upper=1, whole=True)
    d.add("hosted", [(g, n) for g in given for n in d.nodes if d.given.hosting.in_term[g][n]], upper=1)


def agreement_of(d: Draft, hall: int) -> int | None:
    """The agreement that a hall belongs to, None where it is the company's own."""
    return d.given.hosting.hall.index(hall) if hall in d.given.hosting.hall else None


def is_over(d: Draft, hall: int, node: int) -> bool:
    """Whether the node is the first one outside the term of the hall's agreement."""
    g = agreement_of(d, hall)
    return g is not None and not d.given.hosting.in_term[g][node] and _was_in_term(d, g, node)


def _was_in_term(d: Draft, g: int, node: int) -> bool:
    before = d.parent(node)
    return d.given.hosting.begun[g] if before is None else d.given.hosting.in_term[g][before]


def _ends(d: Draft, g: int, made: int) -> list[int]:
    """Nodes with whose start notice at `made` ends the agreement: on each way, the first decision after the notice."""
    tree, hosting, found = d.given.tree, d.given.hosting, []
    for way in d.paths.values():
        if made in way:
            due = tree.first_month[made] + hosting.notice_months[g]
            late = [n for n in way[way.index(made) :] if n in d.decisions and tree.first_month[n] >= due]
            if late and hosting.may_end[g][late[0]] and late[0] not in found:
                found.append(late[0])
    return found


def _ended(d: Draft, g: int, node: int) -> pulp.LpAffineExpression:
    """Notices that end the agreement with the start of the node."""
    notices = d.columns["terminate"]
    return pulp.lpSum(notices[g, m] for m in d.way_to(node) if (g, m) in notices and node in _ends(d, g, m))


def term(d: Draft) -> None:
    """HOSTING.term[g,n]: hosted = hosted at the parent, 1 before the term, less notices that end it at n."""
    for g, n in d.columns["hosted"]:
        before = d.parent(n)
        inside = before is not None and (g, before) in d.columns["hosted"]
        was = d.columns["hosted"][g, before] if inside else 1.0
        d.row("HOSTING.term", (g, n), d.columns["hosted"][g, n] == was - _ended(d, g, n))


def capacity(d: Draft) -> None:
    """HOSTING.capacity[g,n]: nameplate power of the machines there <= capacity * hosted; only where some may stand."""
    placements, models, hosting = d.given.placements, d.given.models, d.given.hosting
    for g, n in d.columns["hosted"]:
        drawn = []
        for p, b in enumerate(placements.bay):
            if b == hosting.bay[g]:
                e = placements.model[p]
                drawn.append(models.power_kw[e] / 1e3 * models.block_units[e] * d.columns["installed"][p, n])
        if drawn:
            limit = hosting.capacity_mw[g] * d.columns["hosted"][g, n]
            d.row("HOSTING.capacity", (g, n), pulp.lpSum(drawn) <= limit)


def money(d: Draft) -> None:
    """Fees, the deposit paid and given back, and machines taken out."""
    hosting, factor = d.given.hosting, d.given.finance.discount_operations
    for g in range(len(hosting.names)):
        deposit = hosting.deposit_usd[g]
        for n in d.nodes:
            if hosting.in_term[g][n]:
                here, ended = d.columns["hosted"][g, n], _ended(d, g, n)
                fees = hosting.management_usd[g][n] * here + hosting.end_fee_usd[g][n] * ended
                d.operate(_site(d, g), n, -1.0 * fees)
                d.earn(n, factor, deposit * ended if _was_in_term(d, g, n) else -deposit * here)
            elif _was_in_term(d, g, n):
                before = d.parent(n)
                d.earn(n, factor, deposit * (1.0 if before is None else d.columns["hosted"][g, before]))
    for (e, h, n), remove in d.columns["remove"].items():
        g = agreement_of(d, h)
        if g is not None:
            d.operate(_site(d, g), n, -hosting.removal_usd_per_unit[g] * d.given.models.block_units[e] * remove)


def _site(d: Draft, agreement: int) -> int:
    return d.given.bays.site[d.given.hosting.bay[agreement]]


def horizon(d: Draft) -> None:
    """What is left of the agreement at a leaf, and the way home of what stands there."""
    hosting, placements = d.given.hosting, d.given.placements
    for leaf in d.paths:
        for g, bay in enumerate(hosting.bay):
            if hosting.in_term[g][leaf]:
                here = d.columns["hosted"][g, leaf]
                d.beyond(leaf, hosting.tail_usd[g][leaf] * here)
                d.at_horizon(leaf, hosting.tail_deposit_usd[g][leaf] * here)
            for p, b in enumerate(placements.bay):
                if b == bay:
                    units = d.given.models.block_units[placements.model[p]] * d.columns["installed"][p, leaf]
                    cost = d.given.finance.discount_horizon * hosting.removal_usd_per_unit[g]
                    d.beyond(leaf, -cost * units)
