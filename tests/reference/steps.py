"""The steps of every site in every node."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.draft import Draft


@dataclass(frozen=True)
class Hour:
    """One hour of one site in one node.

    `at` numbers the hours of all site-nodes, `stored` those of the store, `step` those of the site in the store.
    """

    site: int
    node: int
    at: int
    stored: int
    step: int


def price_usd_per_mwh(d: Draft, hour: Hour) -> float:
    """What a MWh costs: spot times the factor of the node, and adders; less the relief of a host."""
    hosting = d.given.hosting
    relief = sum(hosting.relief_usd_per_mwh[g][hour.node] for g, s in enumerate(hosting.site) if s == hour.site)
    more = d.given.hours.spot_factor[hour.site][hour.node] - 1.0
    return d.given.hours.price_usd_per_mwh[hour.stored] + more * d.given.hours.spot_usd_per_mwh[hour.stored] - relief


def marginal_usd_per_mwh(d: Draft, hour: Hour) -> float:
    """The same with what a MWh adds to charges of coincident peaks, at what that is worth when it is drawn."""
    given, hours, later = d.given.coincident, d.given.hours, 0.0
    periods = (len(hours.offset) - 1) // len(d.given.sites.names)
    step = hour.stored - hours.offset[hour.site * periods + hours.period[hour.node]]
    for e, (peak, node) in enumerate(zip(given.peak, given.node, strict=True)):
        if (given.site[peak], node) == (hour.site, hour.node):
            later += given.put_off_share[e] * given.due_usd_per_mw[e][step] / hours.weight_h[hour.stored]
    return price_usd_per_mwh(d, hour) + float(later)
