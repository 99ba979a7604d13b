"""When is filling in merit order exact? A test on the data of one site-node.

Filling is exact when all active limits form one nested family with proportional weights. Segments nest in
their bay and bays in the site by construction; what can cross are the limits *inside* a bay: electrical,
air heat and liquid heat limit the same load with different weights when its members split their heat
differently. So, bay by bay, either every member has the same heat split (the three limits then are one,
the smallest), or the heat limits can never bind before the electrical one. Anything else goes to the
linear program. So do hours that compete with each other for an energy budget that can bind, or that a battery joins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.dispatch.nest import Nest, nest_of
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats

SAME_SHARE = 1e-12


@dataclass(frozen=True)
class NestedLimits:
    """The single limit each bay is left with, and the groups above the bays.

    Attributes:
        nest: limits on what several bays draw together.
        limit_mw: critical IT MW of a fitted bay, (B, T).
        air_share, liquid_share: heat of one MW of the bay's load where it counts against that limit, (B,); 0 where
            the heat limit cannot bind.
    """

    nest: Nest
    limit_mw: Floats
    air_share: Floats
    liquid_share: Floats


@dataclass(frozen=True)
class CrossingLimits:
    """Why a site-node needs the linear program: the first bay whose limits cross."""

    bay: int
    reason: str


@dataclass(frozen=True)
class CoupledHours:
    """Why a site-node needs the linear program: its hours cannot be solved one by one."""

    reason: str


def nested_limits(node: SiteNode, tenant_bay: Bools) -> NestedLimits | CrossingLimits | CoupledHours:
    """Reduce every bay to one limit, or say what couples the hours, or which bay cannot be reduced.

    `tenant_bay` (B,) is True where firm load may ever stand.
    """
    if node.budget_binds:
        return CoupledHours("hours share an energy budget that can bind")
    if node.battery is not None:
        return CoupledHours("a battery carries energy from hour to hour")
    limit, share = np.empty((node.bays, node.hours)), np.zeros((node.bays, 2))
    for bay in range(node.bays):
        splits = _splits(node, bay, bool(tenant_bay[bay]))
        reduced = _one_limit(node, bay, splits)
        if reduced is None:
            return CrossingLimits(bay, f"{len(splits)} heat splits share one hall whose heat limits can bind")
        limit[bay] = reduced
        if len(splits) == 1:
            share[bay] = splits[0]
    return NestedLimits(nest_of((), node.bays, node.hours), limit, share[:, 0], share[:, 1])


def _splits(node: SiteNode, bay: int, tenants: bool) -> Floats:
    """Distinct (air share, liquid share) of the bay's members, (K, 2)."""
    members = node.segment_bay == bay
    splits = np.column_stack([node.segment_air_share[members], node.segment_liquid_share[members]])
    if tenants:
        firm = [[node.firm_air_share[bay], node.firm_liquid_share[bay]]]
        splits = np.concatenate([splits, firm])
    return np.unique(np.round(splits / SAME_SHARE) * SAME_SHARE, axis=0)


def _one_limit(node: SiteNode, bay: int, splits: Floats) -> Floats | None:
    electrical = np.full(node.hours, node.it_limit_mw[bay])
    if len(splits) == 0:
        return electrical
    heat = np.minimum(
        _per_it_mw(node.air_limit_mw[bay], splits[:, 0].max()),
        _per_it_mw(node.liquid_limit_mw[bay], splits[:, 1].max()),
    )
    if len(splits) == 1:
        one: Floats = np.minimum(electrical, heat)
        return one
    return electrical if bool((heat >= electrical).all()) else None


def _per_it_mw(limit_mw: Floats, share: float) -> Floats:
    per_it: Floats = limit_mw / share if share > 0 else np.full(limit_mw.shape, np.inf)
    return per_it
