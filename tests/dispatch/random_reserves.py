"""Ancillary services for random site-nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from allocator.dispatch.interface import SiteNode
from allocator.instance.reserves import NodeReserves
from tests.dispatch.random_sites import crossing_sites


def services_of(site: SiteNode, rng: np.random.Generator, capped: bool) -> NodeReserves:
    """One to three services; some take no machine of some halls, some hours pay too little or nothing."""
    count = int(rng.integers(1, 4))
    of_bay = rng.random((count, site.bays)) < 0.7
    return NodeReserves(
        price_usd_per_mw_hour=np.round(rng.gamma(1.0, 25.0, (count, site.hours)), 2),
        open=rng.random((count, site.hours)) < 0.8,
        qualifies=of_bay[:, site.segment_bay],
        most_mw=rng.choice([2.0, 10.0, np.inf], count) if capped else np.full(count, np.inf),
        qualifying_share=rng.choice([0.5, 0.9, 1.0], count),
        deployment_share=rng.choice([0.0, 0.05, 0.3], count),
        deployment_usd_per_mwh=rng.choice([0.0, 40.0], count),
        kept_share=rng.choice([0.6, 1.0], count),
    )


@st.composite
def offering(
    draw: st.DrawFn, sites: Callable[[], st.SearchStrategy[SiteNode]] = crossing_sites, capped: bool = True
) -> SiteNode:
    """A site that may sell reserves; with `capped`, services may take less than there is."""
    site = draw(sites())
    return replace(site, reserves=services_of(site, np.random.default_rng(draw(st.integers(0, 2**32 - 1))), capped))
