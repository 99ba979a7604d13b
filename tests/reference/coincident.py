"""COINCIDENT.due: what the draw causes at peaks of the system is part of the price today, and paid in a later month."""

from __future__ import annotations

from collections.abc import Callable

import pulp

from tests.reference.draft import Draft
from tests.reference.steps import Hour


def peaks(d: Draft, everything: list[Hour], gross_mw: Callable[[Draft, Hour], pulp.LpAffineExpression]) -> None:
    """due = sum of (charge of a MW in the hour) x draw; an expense when caused, put off, and paid or owed later."""
    given, tree = d.given.coincident, d.given.tree
    factor = d.given.finance.discount_operations
    for e, (peak, n) in enumerate(zip(given.peak, given.node, strict=True)):
        site = int(given.site[peak])
        drawn = [hour for hour in everything if (hour.site, hour.node) == (site, n)]
        due = d.add("later_musd", [(e,)])[(e,)] * 1e6
        caused = pulp.lpSum(float(given.due_usd_per_mw[e][k]) * gross_mw(d, hour) for k, hour in enumerate(drawn))
        d.row("COINCIDENT.due", (e,), due == caused)
        later = [m for cause, m in given.paid if cause == e]
        ends = [leaf for cause, leaf in given.left if cause == e]
        worth = sum(tree.probability[m] * factor[m] for m in later)
        worth += sum(tree.probability[leaf] * given.late_discount[e] for leaf in ends)
        share = float(worth / (tree.probability[n] * factor[n]))
        d.operate(site, n, -share * due)
        d.earn(n, factor, share * due)
        for m in later:
            d.earn(m, factor, -1.0 * due)
        for leaf in ends:
            d.at_horizon(leaf, -float(given.late_discount[e]) * due)
    for peak, n in given.opening_paid:
        d.earn(n, factor, pulp.LpAffineExpression(constant=-float(given.opening_usd[peak])))
