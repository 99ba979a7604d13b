"""Sites: fixed opex by node, the hours of each site, and the temperatures at which cooling is promised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.hours import SiteHours
from allocator.instance.months import Monthly
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Sites
from allocator.scenario.sites import Site


def fixed_opex_by_month(sites: Sequence[Site], monthly: Monthly) -> Floats:
    """USD of each month, (S, M)."""
    return np.array([monthly(site.fixed_opex_usd_per_month) for site in sites])


def compile_sites(sites: Sequence[Site], opex_by_month: Floats, tree: NodeTree) -> Sites:
    """Sites in the order of the file; the fixed opex of a node is the sum over its months."""
    total = np.concatenate([np.zeros((len(sites), 1)), np.cumsum(opex_by_month, axis=1)], axis=1)
    return Sites(
        names=tuple(site.name for site in sites),
        power_limit_mw=np.array([site.power_limit_mw for site in sites]),
        fixed_opex_usd=total[:, tree.first_month + tree.months] - total[:, tree.first_month],
    )


def site_hours(site: Site, book: SeriesBook) -> SiteHours:
    """Spot = scale * series; price = spot + adder. Tenants that pass power through pay spot."""
    spot = site.price.scale * book.hourly[site.price.series]
    return SiteHours(
        spot_usd_per_mwh=spot,
        price_usd_per_mwh=spot + site.price.adder_usd_per_mwh,
        ambient_c=book.hourly[site.ambient.series],
        shed_usd_per_mwh=site.sla_shed_usd_per_mwh,
    )


def promised_ambient_c(site: Site, hours: SiteHours, nodes: Sequence[slice]) -> list[Floats]:
    """By node: every hour of its full period, or the site's design ambient alone."""
    if site.design_ambient_c is not None:
        return [np.array([site.design_ambient_c])] * len(nodes)
    return [hours.ambient_c[node] for node in nodes]
