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
