"""Ancillary services of a scenario: who qualifies, what is paid, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocator.instance.halls import BayOption
from allocator.instance.reserves import Reserves
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats
from allocator.scenario.fit_outs import GPU_KINDS, MINING_KINDS
from allocator.scenario.reserves import Reserve
from allocator.scenario.sites import Site

KINDS = {"mining": MINING_KINDS, "gpu_cloud": GPU_KINDS}
"""Fit-outs in which machines of a use stand."""


def compile_reserves(sites: Sequence[Site], bays: Sequence[BayOption], hall_names: Sequence[str]) -> Reserves:
    """Services in the order of the file, site by site."""
    listed = [(s, service) for s, site in enumerate(sites) for service in site.reserves]
    services = [service for _, service in listed]
    return Reserves(
        names=tuple(service.name for service in services),
        site=np.array([s for s, _ in listed], dtype=np.int64),
        qualifies=np.array(
            [[_qualifies(s, service, bay, hall_names) for bay in bays] for s, service in listed], dtype=bool
        ).reshape(len(listed), len(bays)),
        most_mw=np.array([np.inf if service.most_mw is None else service.most_mw for service in services]),
        qualifying_share=np.array([service.qualifying_share for service in services]),
        deployment_share=np.array([service.deployment_share for service in services]),
        deployment_usd_per_mwh=np.array([service.deployment_usd_per_mwh for service in services]),
        kept_share=np.array([service.performance_share * _captured(service) for service in services]),
        minimum_usd_per_mw_hour=np.array([service.minimum_usd_per_mw_hour for service in services]),
    )


def reserve_prices(site: Site, book: SeriesBook) -> Floats:
    """Price of each service of the site over every hour of the horizon, (K, T)."""
    hours = len(next(iter(book.hourly.values())))
    prices = [service.price.scale * book.hourly[service.price.series] for service in site.reserves]
    return np.array(prices).reshape(len(prices), hours)


def reserve_remarks(sites: Sequence[Site]) -> Iterator[str]:
    """What a reader must know of offers that see the price of their hour."""
    for site in sites:
        for service in site.reserves:
            here = f"site {site.name}: service {service.name} is offered knowing the prices of every hour"
            if service.capture_share is None:
                yield f"{here}, so what it earns is an upper bound"
            else:
                yield f"{here}; {service.capture_share:.4g} of its price is counted for that"


def _captured(service: Reserve) -> float:
    return 1.0 if service.capture_share is None else service.capture_share


def _qualifies(site: int, service: Reserve, bay: BayOption, hall_names: Sequence[str]) -> bool:
    in_hall = service.halls is None or hall_names[bay.hall] in service.halls
    return bay.site == site and in_hall and any(bay.fit_out.kind in KINDS[use] for use in service.uses)
