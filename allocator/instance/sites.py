"""Sites: fixed opex by node, the hours of each site, and the temperatures at which cooling is promised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.hours import Periods, SiteHours
from allocator.instance.months import Monthly
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Sites
from allocator.scenario.sites import Site

HOURS_PER_YEAR = 8766.0
"""Of a mean year."""


def fixed_opex_by_month(sites: Sequence[Site], monthly: Monthly) -> Floats:
    """USD of each month, (S, M)."""
    return np.array([monthly(site.fixed_opex_usd_per_month) for site in sites])


def energy_budget_by_month(sites: Sequence[Site], monthly: Monthly) -> Floats:
    """Gross MWh of each month, inf where a site has no budget, (S, M)."""
    free = monthly(0.0) + np.inf
    stated = [site.energy_budget_mwh_per_month for site in sites]
    return np.array([free if budget is None else monthly(budget) for budget in stated])


def compile_sites(sites: Sequence[Site], opex_by_month: Floats, budget_by_month: Floats, tree: NodeTree) -> Sites:
    """Sites in the order of the file; fixed opex and energy budget of a node are the sums over its months."""
    return Sites(
        names=tuple(site.name for site in sites),
        power_limit_mw=np.array([site.power_limit_mw for site in sites]),
        fixed_opex_usd=_by_node(opex_by_month, tree),
        energy_budget_mwh=_by_node(budget_by_month, tree),
    )


def steady_draw_mw(budget_by_month: Floats) -> Floats:
    """Gross draw that each site could hold all year at the budget of its last month, (S,)."""
    return np.asarray(12.0 * budget_by_month[:, -1] / HOURS_PER_YEAR)


def foresight_remarks(sites: Sequence[Site]) -> list[str]:
    """What a reader must know of terms that see all hours of a node before they run."""
    return [
        f"site {site.name}: the energy budget of a period is spent with foresight of all its hours, so what operation "
        "earns under it is an upper bound"
        for site in sites
        if site.energy_budget_mwh_per_month is not None
    ]


def site_hours(site: Site, book: SeriesBook) -> SiteHours:
    """Spot = scale * series; price = spot + adder. Tenants that pass power through pay spot."""
    spot = site.price.scale * book.hourly[site.price.series]
    return SiteHours(
        spot_usd_per_mwh=spot,
        price_usd_per_mwh=spot + site.price.adder_usd_per_mwh,
        ambient_c=book.hourly[site.ambient.series],
        shed_usd_per_mwh=site.sla_shed_usd_per_mwh,
    )


def _by_node(by_month: Floats, tree: NodeTree) -> Floats:
    """Sum over the months of each node, (S, N); inf where a site's months are."""
    endless = np.isinf(by_month)
    total = np.cumsum(np.where(endless, 0.0, by_month), axis=1)
    total = np.concatenate([np.zeros((len(by_month), 1)), total], axis=1)
    summed = total[:, tree.first_month + tree.months] - total[:, tree.first_month]
    return np.where(endless[:, :1], np.inf, summed)


def promised_ambient_c(site: Site, hours: SiteHours, periods: Periods) -> list[Floats]:
    """By period: every hour of it, or the site's design ambient alone."""
    if site.design_ambient_c is not None:
        return [np.array([site.design_ambient_c])] * len(periods.hours)
    return [hours.ambient_c[period] for period in periods.hours]
