"""Sites: fixed opex by node, the hours of each site, and the temperatures at which cooling is promised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.hours import Periods, SiteHours
from allocator.instance.months import Monthly
from allocator.instance.reserves_build import reserve_prices
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Sites
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import Site

HOURS_PER_YEAR = 8766.0
"""Of a mean year."""


def fixed_opex_by_month(scenario: Scenario, monthly: Monthly) -> Floats:
    """USD of each month, none of hosted sites, (S, M)."""
    stated = [monthly(site.fixed_opex_usd_per_month) for site in scenario.sites]
    return np.array([*stated, *(monthly(0.0) for _ in scenario.hosting)])


def energy_budget_by_month(scenario: Scenario, monthly: Monthly) -> Floats:
    """Gross MWh of each month, inf where a site has no budget, (S, M)."""
    free = monthly(0.0) + np.inf
    stated = [site.energy_budget_mwh_per_month for site in scenario.sites]
    budgets = [free if budget is None else monthly(budget) for budget in stated]
    return np.array([*budgets, *(free for _ in scenario.hosting)])


def compile_sites(scenario: Scenario, opex_by_month: Floats, budget_by_month: Floats, tree: NodeTree) -> Sites:
    """Sites in the order of the file, then one for each hosting agreement, whose meter is as large as its capacity.

    Fixed opex and energy budget of a node are the sums over its months.
    """
    sites, hosted = scenario.sites, scenario.hosting
    metered = [agreement.capacity_mw * (1.0 + agreement.overhead_share) for agreement in hosted]
    return Sites(
        names=(*(site.name for site in sites), *(agreement.name for agreement in hosted)),
        power_limit_mw=np.array([*(site.power_limit_mw for site in sites), *metered]),
        fixed_opex_usd=_by_node(opex_by_month, tree),
        energy_budget_mwh=_by_node(budget_by_month, tree),
    )


def steady_draw_mw(budget_by_month: Floats) -> Floats:
    """Gross draw that each site could hold all year at the budget of its last month, (S,)."""
    return np.asarray(12.0 * budget_by_month[:, -1] / HOURS_PER_YEAR)


def foresight_remarks(sites: Sequence[Site]) -> list[str]:
    """What a reader must know of terms that see all hours of a node before they run."""
    budgets = [
        f"site {site.name}: the energy budget of a period is spent with foresight of all its hours, so what operation "
        "earns under it is an upper bound"
        for site in sites
        if site.energy_budget_mwh_per_month is not None
    ]
    peaks = [
        f"site {site.name}: peaks of demand charges are kept knowing all hours of a period, so what operation earns "
        "below them is an upper bound; a peak is the highest draw of the hours that are represented"
        for site in sites
        if site.demand_charges
    ]
    ratchets = [
        f"site {site.name}: what the ratchet of demand charge {charge.name} may bill up to {charge.ratchet.months} "
        f"months beyond the horizon, {charge.ratchet.share:g} of a peak at most, is not accrued"
        for site in sites
        for charge in site.demand_charges
        if charge.ratchet is not None
    ]
    return [*budgets, *peaks, *ratchets]


def site_hours(site: Site, book: SeriesBook) -> SiteHours:
    """Spot = scale * series; price = spot + adder. Tenants that pass power through pay spot."""
    spot = site.price.scale * book.hourly[site.price.series]
    return SiteHours(
        spot_usd_per_mwh=spot,
        price_usd_per_mwh=spot + site.price.adder_usd_per_mwh,
        ambient_c=book.hourly[site.ambient.series],
        shed_usd_per_mwh=site.sla_shed_usd_per_mwh,
        reserve_usd_per_mw_hour=reserve_prices(site, book),
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
