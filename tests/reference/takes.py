"""HOSTING.take: energy at hosts that is paid for whether it is drawn or not."""

from __future__ import annotations

from collections.abc import Callable

import pulp

from tests.reference.draft import Draft
from tests.reference.steps import Hour


def take(d: Draft, everything: list[Hour], gross_mw: Callable[[Draft, Hour], pulp.LpAffineExpression]) -> None:
    """HOSTING.take[s,n]: untaken >= asked while in force - drawn; every MWh of it is paid for."""
    hosting = d.given.hosting
    for g, s in enumerate(hosting.site):
        for n in d.nodes:
            if hosting.take_mwh[g][n] <= 0 or (hosting.bay[g], n) not in d.columns["fitted"]:
                continue
            untaken = d.add("untaken_mwh", [(s, n)])[s, n]
            own = [hour for hour in everything if (hour.site, hour.node) == (s, n)]
            drawn = pulp.lpSum(d.given.hours.weight_h[hour.stored] * gross_mw(d, hour) for hour in own)
            asked = hosting.take_mwh[g][n] * d.columns["fitted"][hosting.bay[g], n]
            d.row("HOSTING.take", (s, n), untaken + drawn >= asked)
            owed = -hosting.untaken_usd_per_mwh[g][n] * untaken
            d.operate(s, n, owed)
