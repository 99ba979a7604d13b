"""What must hold of every cut of the linear program, whatever takes part in the hours."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode, SiteNodeValue
from allocator.dispatch.linear import LinearDispatch

ROUNDING = 1e-8
"""Relative to the values compared."""


def feasible(site: SiteNode, capacity: Capacity) -> bool:
    """True unless the halls draw more at no load than the site limit."""
    return bool(site.no_load_mw @ capacity.fitted <= site.site_limit_mw.min())


def check_cut(site: SiteNode, here: Capacity, there: Capacity) -> SiteNodeValue | None:
    """A cut is tight at its own capacity and valid at another; the value here, None where one of them is impossible."""
    if not (feasible(site, here) and feasible(site, there)):
        return None
    dispatch = LinearDispatch(site)
    own, other = dispatch.solve(here), dispatch.solve(there)
    scale = 1 + abs(own.value_usd) + abs(other.value_usd)
    assert own.cut.at(here) == pytest.approx(own.value_usd, abs=ROUNDING * scale)
    assert own.cut.at(there) >= other.value_usd - ROUNDING * scale
    return own


def check_bound(site: SiteNode, prices: LimitPrices, capacity: Capacity) -> None:
    """A cut from prices, whatever they are, says no less than the value."""
    if feasible(site, capacity):
        value = LinearDispatch(site).solve(capacity).value_usd
        assert cut_from_prices(site, prices).at(capacity) >= value - ROUNDING * (1 + abs(value))


def any_limits(rng: np.random.Generator, site: SiteNode) -> list[np.ndarray]:
    """Prices of the site limit, the halls and the heat limits, some of them negative."""
    bays = (site.bays, site.hours)
    return [rng.normal(5.0, 30.0, size) for size in (site.hours, bays, bays, bays)]
