"""From a scenario and a plan of it to the site of a backtest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.pipeline.errors import BadInputError
from allocator.scenario.load import LoadedScenario
from allocator.scenario.sites import Site as StatedSite
from allocator.studies.backtest.carried import paid_pieces, pieces
from allocator.studies.backtest.demand import site_bills
from allocator.studies.backtest.history import hashprice, market, service_prices
from allocator.studies.backtest.knowledge import Market
from allocator.studies.backtest.services import Services, offered_to, priced
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.windows import Windows
from allocator.week.interface import Structure


def make_site(loaded: LoadedScenario, windows: Windows, first: np.datetime64, end: np.datetime64) -> Site:
    """The hours from `first` to `end` (UTC) of one site of the company.

    Raises:
        BadInputError: prices cannot be read or are missing.
    """
    hours = int((end - first) // np.timedelta64(1, "h"))
    found = windows.structure(first, hours)
    stated = next(site for site in loaded.scenario.sites if site.name == windows.site)
    known = market(loaded, stated, first, end)
    offers = _services(loaded, stated, found, known, first, end)
    found = found if offers is None else offered_to(found, offers.terms)
    parts = found.parts
    planned = np.concatenate([np.full(p.here.hours, windows.planned_hashprice[p.node]) for p in parts])
    site = Site(
        structure=found,
        market=known,
        first=known.position(first),
        services=offers,
        bills=site_bills(windows.instance, found, ~np.isnan(known.real_time[known.position(first) :][:hours])),
        hashprice=hashprice(loaded, found.utc, planned),
        mined_usd_per_mwh=found.over_steps([windows.mined_usd_per_mwh[part.node] for part in parts]),
        mines=windows.mines,
        carried=np.zeros(0, dtype=np.int64) if windows.pieces is None else windows.pieces.carried,
        adder_usd_per_mwh=found.price_usd_per_mwh - np.concatenate([p.here.tenants.spot_usd_per_mwh for p in parts]),
    )
    if not site.counted.any():
        raise BadInputError(
            f"site {windows.site}: no hour of these days has a real-time price", ["replay days that the series covers"]
        )
    return site


def _services(
    loaded: LoadedScenario,
    stated: StatedSite,
    found: Structure,
    known: Market,
    first: np.datetime64,
    end: np.datetime64,
) -> Services | None:
    """Services at the prices that came, all of them kept but for performance, in hours that count."""
    terms = found.parts[0].here.reserves
    if terms is None:
        return None
    price, start = service_prices(loaded, stated, first, end), known.position(first)
    came = slice(start, start + found.hours)
    least = np.array([service.minimum_usd_per_mw_hour for service in stated.reserves])
    kept = replace(terms, kept_share=np.array([service.performance_share for service in stated.reserves]))
    counted = np.where(np.isnan(known.real_time[came]), np.nan, price[:, came])
    return Services(priced(kept, counted, least), price, least, start)


def in_pieces(windows: Windows, first: np.datetime64, end: np.datetime64) -> Windows:
    """The same with fleets cut where the power of the site's battery ends, or else what its services take; unchanged
    where it has neither."""
    found = windows.structure(first, int((end - first) // np.timedelta64(1, "h")))
    owned = [part.here.battery for part in found.parts if part.here.battery is not None]
    terms = found.parts[0].here.reserves
    if owned:
        return replace(windows, pieces=pieces(found, owned[0].battery))
    return windows if terms is None else replace(windows, pieces=paid_pieces(found, terms))
