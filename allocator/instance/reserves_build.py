"""Ancillary services of a scenario: who qualifies, what is paid, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocator.instance.halls import BayOption, bays_within
from allocator.instance.reserves import Reserves
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats
from allocator.scenario.fit_outs import KINDS_OF_USE, FitOutKind
from allocator.scenario.reserves import Reserve
from allocator.scenario.sites import Site


def compile_reserves(sites: Sequence[Site], bays: Sequence[BayOption], hall_names: Sequence[str]) -> Reserves:
    """Services in the order of the file, site by site."""
    listed = [(s, service) for s, site in enumerate(sites) for service in site.reserves]
    services = [service for _, service in listed]
    return Reserves(
        names=tuple(service.name for service in services),
        site=np.array([s for s, _ in listed], dtype=np.int64),
        qualifies=bays_within([(s, service.halls, _kinds(service)) for s, service in listed], bays, hall_names),
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


def _kinds(service: Reserve) -> list[FitOutKind]:
    return [kind for use in service.uses for kind in KINDS_OF_USE[use]]
