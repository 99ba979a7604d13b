"""The hours of a site-node as a linear program over dense matrices, written apart from the rows of the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from allocator.dispatch.interface import Capacity, SiteNode
from allocator.dispatch.nest import Group
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem

Rows = list[tuple[np.ndarray, float]]
"""Coefficients of the columns, and the upper side."""


def plain_value(site: SiteNode, capacity: Capacity, groups: Sequence[Group] = ()) -> float:
    """Most that the hours can earn, USD, hour by hour; hours must not be coupled."""
    return sum(
        float(site.weight_h[t]) * _hour(site, capacity, [(g.inside, g.limit_mw[t], g.fixed_mw) for g in groups], t)
        for t in range(site.hours)
    )


def _shared(site: SiteNode, capacity: Capacity, gross: np.ndarray, of_bay: np.ndarray, t: int) -> Rows:
    """The feeders and plants of the site-node."""
    standing = site.no_load_mw * capacity.fitted
    heat = {
        "air": np.concatenate([site.segment_air_share, site.firm_air_share[site.tenants.bay]]),
        "liquid": np.concatenate([site.segment_liquid_share, site.firm_liquid_share[site.tenants.bay]]),
    }
    feeders = [(gross * f.inside[of_bay], f.limit_mw - (standing * f.inside).sum()) for f in site.feeders]
    return [*feeders, *((heat[p.loop] * p.inside[of_bay], p.limit_mw[t]) for p in site.plants)]


def _hour(site: SiteNode, capacity: Capacity, groups: Sequence[tuple[np.ndarray, float, np.ndarray]], t: int) -> float:
    """Columns: load of every segment, then tenant load served of every tenancy."""
    of_bay = np.concatenate([site.segment_bay, site.tenants.bay])
    member = (of_bay == np.arange(site.bays)[:, None]).astype(float)
    gross, price = (1.0 + site.overhead[of_bay, t]), site.price_usd_per_mwh[t]
    air = np.concatenate([site.segment_air_share, site.firm_air_share[site.tenants.bay]])
    liquid = np.concatenate([site.segment_liquid_share, site.firm_liquid_share[site.tenants.bay]])
    standing = site.no_load_mw * capacity.fitted
    rows = [
        *zip(member, site.it_limit_mw * capacity.fitted, strict=True),
        *zip(member * air, site.air_limit_mw[:, t] * capacity.fitted, strict=True),
        *zip(member * liquid, site.liquid_limit_mw[:, t] * capacity.fitted, strict=True),
        (gross, site.site_limit_mw[t] - standing.sum()),
        *((gross * inside[of_bay], limit - fixed @ capacity.fitted) for inside, limit, fixed in groups),
        *_shared(site, capacity, gross, of_bay, t),
    ]
    unserved = site.unserved_usd_per_mwh()[:, t]
    earn = np.concatenate([site.segment_value_usd_per_mwh, unserved])
    most = np.concatenate([capacity.segment_mw, capacity.firm_mw])
    return _largest(earn - price * gross, rows, most) - price * standing.sum() - unserved @ capacity.firm_mw


def _largest(profit: np.ndarray, rows: Rows, most: np.ndarray) -> float:
    matrix, upper = sp.csc_matrix(np.array([row for row, _ in rows])), np.array([limit for _, limit in rows])
    problem = Problem(
        sense="max",
        cost=profit,
        offset=0.0,
        matrix=matrix,
        row_lower=np.full(len(upper), -np.inf),
        row_upper=upper,
        lower=np.zeros(len(most)),
        upper=most,
        integer=np.zeros(len(most), dtype=bool),
        rows={},
        columns={},
        name="plain",
    )
    result = HighsSession(problem, SolveOptions(feasibility_tolerance=1e-9)).solve()
    assert result.primal_bound is not None
    return result.primal_bound
