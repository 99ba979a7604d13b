"""Random site-nodes for property tests, nested or crossing by construction."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from allocator.dispatch.interface import Capacity, SiteNode
from allocator.instance.tenants import SiteTenants


@st.composite
def nested_sites(draw: st.DrawFn, most_bays: int = 4) -> SiteNode:
    """Every bay has one heat split; its heat limits may bind in some hours."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return _site(rng, one_split=True, most_bays=most_bays)


@st.composite
def crossing_sites(draw: st.DrawFn, most_bays: int = 4) -> SiteNode:
    """Bays mix heat splits, and heat limits bind in some hours."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return _site(rng, one_split=False, most_bays=most_bays)


@st.composite
def capacities(draw: st.DrawFn, site: SiteNode) -> Capacity:
    """Capacities between nothing and more than the limits allow; bays may be partly fitted."""
    return random_capacity(np.random.default_rng(draw(st.integers(0, 2**32 - 1))), site)


def random_capacity(rng: np.random.Generator, site: SiteNode) -> Capacity:
    """As `capacities`, from a generator."""
    fitted = rng.choice([0.0, 0.5, 1.0], site.bays, p=[0.2, 0.2, 0.6])
    firm = rng.uniform(0, 8, site.tenancies) * rng.integers(0, 2, site.tenancies)
    return Capacity(fitted, firm, rng.uniform(0, 15, site.segments) * rng.integers(0, 2, site.segments))


def _site(rng: np.random.Generator, one_split: bool, most_bays: int = 4) -> SiteNode:
    bays, hours = int(rng.integers(1, most_bays + 1)), int(rng.integers(1, 9))
    per_bay = rng.integers(0, 4, bays)
    segment_bay = np.repeat(np.arange(bays), per_bay)
    firm_air = rng.choice([0.0, 0.15, 1.0], bays)
    air = firm_air[segment_bay] if one_split else rng.choice([0.0, 0.15, 0.5, 1.0], segment_bay.shape[0])
    it_limit = rng.uniform(5, 30, bays)
    return SiteNode(
        weight_h=rng.uniform(0.5, 3.0, hours),
        price_usd_per_mwh=rng.choice([-20.0, 0.0, 35.0, 60.0, 900.0], hours) + rng.uniform(-5, 5, hours),
        site_limit_mw=rng.uniform(5, 60, hours),
        overhead=rng.uniform(0.0, 0.3, (bays, hours)),
        it_limit_mw=it_limit,
        air_limit_mw=it_limit[:, None] * rng.uniform(0.2, 1.5, (bays, hours)),
        liquid_limit_mw=it_limit[:, None] * rng.uniform(0.2, 1.5, (bays, hours)),
        no_load_mw=rng.uniform(0.0, 0.4, bays),
        firm_air_share=firm_air,
        firm_liquid_share=1.0 - firm_air,
        segment_bay=segment_bay,
        segment_air_share=air,
        segment_liquid_share=1.0 - air,
        segment_value_usd_per_mwh=rng.uniform(20, 160, segment_bay.shape[0]),
        shed_usd_per_mwh=float(rng.choice([200.0, 5000.0])),
        tenants=_tenants(rng, bays, hours),
    )


def _tenants(rng: np.random.Generator, bays: int, hours: int) -> SiteTenants:
    """One or two tenancies a bay, of different pass-through; spot is not always near what the site pays."""
    per_bay = rng.integers(1, 3, bays)
    return SiteTenants(
        bay=np.repeat(np.arange(bays), per_bay),
        pass_through_share=rng.choice([0.0, 0.4, 1.0], per_bay.sum()),
        spot_usd_per_mwh=rng.choice([-30.0, 20.0, 50.0, 800.0], hours),
        outage_h=np.zeros(per_bay.sum()),
        outage_usd_per_mwh=np.zeros(per_bay.sum()),
    )
