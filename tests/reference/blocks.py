"""BLOCK.used: power bought at a fixed price, used before spot is bought."""

from __future__ import annotations

from collections.abc import Callable

import pulp

from tests.reference.draft import Draft
from tests.reference.steps import Hour


def blocks(d: Draft, everything: list[Hour], gross_mw: Callable[[Draft, Hour], pulp.LpAffineExpression]) -> None:
    """BLOCK.used[t]: used <= draw, and <= what is delivered; each MWh replaces spot where that is above zero."""
    given = d.given.blocks
    for hour in everything if given.mw else ():
        spot = d.given.hours.spot_factor[hour.site][hour.node] * d.given.hours.spot_usd_per_mwh[hour.stored]
        mw = given.mw[hour.site][hour.step]
        if mw > 0 and spot > 0:
            used = d.add("block_mw", [(hour.at,)], upper=mw)[(hour.at,)]
            d.row("BLOCK.used", (hour.at,), used <= gross_mw(d, hour))
            d.operate(hour.site, hour.node, d.given.hours.weight_h[hour.stored] * spot * used)
    for site, paid in enumerate(given.paid_usd if given.mw else ()):
        for n in d.nodes:
            d.operate(site, n, pulp.LpAffineExpression(constant=-paid[n]))
