"""Structures of the week made by hand: one site, a few fleets, hours whose prices are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.interface import Capacity, SiteNode
from allocator.instance.restarts import Restarts, no_restarts
from allocator.instance.tenants import SiteTenants
from allocator.instance.tree import Floats
from allocator.week.interface import Part, Prices, Structure, Tier, expected

FIRST = np.datetime64("2027-06-01T00:00", "s")


@dataclass(frozen=True)
class Fleet:
    """Machines of one model in a hall of their own: what each power-mode step draws and earns."""

    mw: Sequence[float]
    value_usd_per_mwh: Sequence[float]
    overhead: float = 0.0


def restarts(restart_h: float = 0.0, least_off_h: float = 0.0, least_run_h: float = 0.0, usd: float = 0.0) -> Restarts:
    """Terms of one fleet."""
    return Restarts(*(np.array([term]) for term in (restart_h, least_off_h, least_run_h, usd)))


def stamps(hours: int, step_h: float = 1.0) -> np.ndarray:
    return FIRST + np.arange(hours) * np.timedelta64(round(3600 * step_h), "s")


def node(
    fleets: Sequence[Fleet], hours: int, site_limit_mw: float = np.inf, step_h: float = 1.0, firm_mw: float = 0.0
) -> SiteNode:
    """A bay a fleet, no heat limit; with firm load one more bay, of tenants who pay nothing through."""
    bays = len(fleets) + (firm_mw > 0.0)
    segment_bay = np.repeat(np.arange(len(fleets)), [len(fleet.mw) for fleet in fleets])
    tenants = np.arange(len(fleets), bays)
    none = np.zeros(len(tenants))
    overhead = np.array([*(fleet.overhead for fleet in fleets), *none])
    return SiteNode(
        weight_h=np.full(hours, step_h),
        price_usd_per_mwh=np.zeros(hours),
        site_limit_mw=np.full(hours, min(site_limit_mw, 1000.0)),
        overhead=np.repeat(overhead[:, None], hours, axis=1),
        it_limit_mw=np.full(bays, 500.0),
        air_limit_mw=np.full((bays, hours), np.inf),
        liquid_limit_mw=np.full((bays, hours), np.inf),
        no_load_mw=np.zeros(bays),
        firm_air_share=np.ones(bays),
        firm_liquid_share=np.zeros(bays),
        segment_bay=segment_bay,
        segment_air_share=np.ones(len(segment_bay)),
        segment_liquid_share=np.zeros(len(segment_bay)),
        segment_value_usd_per_mwh=np.concatenate([fleet.value_usd_per_mwh for fleet in fleets]).astype(float),
        shed_usd_per_mwh=5000.0,
        tenants=SiteTenants(tenants, none, np.zeros(hours), none, none),
    )


def site(
    fleets: Sequence[Fleet],
    hours: int,
    terms: Restarts | None = None,
    site_limit_mw: float = np.inf,
    step_h: float = 1.0,
    firm_mw: float = 0.0,
) -> Structure:
    """The structure of such a site; prices are 0 until it stands `at_prices`."""
    here = node(fleets, hours, site_limit_mw, step_h, firm_mw)
    return of_node(here, fleets, stamps(hours, step_h), terms, firm_mw)


def of_node(
    here: SiteNode, fleets: Sequence[Fleet], utc: np.ndarray, terms: Restarts | None = None, firm_mw: float = 0.0
) -> Structure:
    """One part, everything fitted."""
    firm = np.full(here.tenancies, firm_mw)
    capacity = Capacity(np.ones(here.bays), firm, np.concatenate([fleet.mw for fleet in fleets]).astype(float))
    tiers = [Tier(f"hall{f}", "barn", "miner", step) for f, fleet in enumerate(fleets) for step in range(len(fleet.mw))]
    return Structure(
        site="site",
        utc=utc,
        step_h=float(here.weight_h[0]),
        parts=(Part("2027-06", here, capacity),),
        tiers=tuple(tiers),
        fleet=np.repeat(np.arange(len(fleets)), [len(fleet.mw) for fleet in fleets]),
        restarts=no_restarts(len(fleets)) if terms is None else terms,
        tenant_halls=tuple(("tenants", "gpu") for _ in range(here.tenancies)),
        btc_per_mwh=np.zeros((1, here.segments)),
    )


def settling(structure: Structure, spot: Sequence[float] | Floats) -> Prices:
    return expected(structure.utc, np.asarray(spot, dtype=float))
