"""When is filling in merit order exact? A test on the data of one site-node.

Filling is exact when all active limits form one nested family with proportional weights. Segments nest in their bay and
bays in the site by construction. What can cross are, first, the limits *inside* a bay: electrical, air heat and liquid
heat limit the same load with different weights when its members split their heat differently. So, bay by bay, either
every member has the same heat split (the three limits then are one, the smallest), or the heat limits can never bind
before the electrical one. Second, limits that several bays share: feeders and plants that can bind must hold each other
or have no bay in common, and a plant's heat must be proportional to gross draw in all its bays. Anything else goes to
the linear program. So do hours that compete with each other for an energy budget that can bind, for an outage
allowance of tenants that can run out or for what a host asks to be taken, or that a battery or deferrable work joins,
and loads that compete for what ancillary services take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.nest import Nest, crossing, nest_of
from allocator.dispatch.reserve_value import takes_all
from allocator.dispatch.shared_limits import feeder_groups, plant_groups
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
class CrossingGroups:
    """Why a site-node needs the linear program: limits that several bays share do not nest on one measure."""

    reason: str


@dataclass(frozen=True)
class CoupledHours:
    """Why a site-node needs the linear program: its hours cannot be solved one by one."""

    reason: str


@dataclass(frozen=True)
class OfferedLoad:
    """Why a site-node needs the linear program: what a load earns depends on what else is offered."""

    reason: str


NotNested = CrossingLimits | CrossingGroups | CoupledHours | OfferedLoad
"""Why a site-node needs the linear program."""


def nested_limits(node: SiteNode, tenant_bay: Bools) -> NestedLimits | NotNested:
    """Reduce every bay to one limit and nest what bays share, or say what couples hours or loads, crosses or mixes.

    `tenant_bay` (B,) is True where firm load may ever stand.
    """
    coupled = _coupled(node)
    if coupled is not None:
        return coupled
    limit, share = np.empty((node.bays, node.hours)), np.zeros((node.bays, 2))
    by_bay = [_splits(node, bay, bool(tenant_bay[bay])) for bay in range(node.bays)]
    for bay, splits in enumerate(by_bay):
        reduced = _one_limit(node, bay, splits)
        if reduced is None:
            return CrossingLimits(bay, f"{len(splits)} heat splits share one hall whose heat limits can bind")
        limit[bay] = reduced
        if len(splits) == 1:
            share[bay] = splits[0]
    nest = _nest(node, by_bay)
    return nest if isinstance(nest, CrossingGroups) else NestedLimits(nest, limit, share[:, 0], share[:, 1])


def _coupled(node: SiteNode) -> NotNested | None:
    """Why hours or loads cannot be looked at one by one; None where they can."""
    if node.budget_binds:
        return CoupledHours("hours share an energy budget that can bind")
    if node.battery is not None:
        return CoupledHours("a battery carries energy from hour to hour")
    if node.outage_runs_out.any():
        return CoupledHours("hours share an outage allowance of tenants that can run out")
    if node.block is not None:
        return OfferedLoad("a block of power is used before spot is bought")
    if node.take is not None:
        return CoupledHours("a host is paid for energy whether it is drawn or not")
    if node.jobs is not None:
        return CoupledHours("deferrable work may be done in any hour of the period")
    if not takes_all(node):
        return OfferedLoad("loads compete for what ancillary services take")
    return None


def _nest(node: SiteNode, splits: Sequence[Floats]) -> Nest | CrossingGroups:
    groups = feeder_groups(node)
    for plant in plant_groups(node, splits):
        if isinstance(plant, str):
            return CrossingGroups(f"plant {plant} serves halls that draw different power for the same heat")
        groups.append(plant)
    if (both := crossing(groups)) is not None:
        return CrossingGroups(f"{both[0].name} and {both[1].name} share halls, and neither holds the other")
    return nest_of(groups, node.bays, node.hours)


def _splits(node: SiteNode, bay: int, tenants: bool) -> Floats:
    """Distinct (air share, liquid share) of the bay's members, (K, 2)."""
    members = node.segment_bay == bay
    splits = np.column_stack([node.segment_air_share[members], node.segment_liquid_share[members]])
    if tenants:
        firm = [[node.firm_air_share[bay], node.firm_liquid_share[bay]]]
        splits = np.concatenate([splits, firm])
    rounded = np.round(splits / SAME_SHARE) * SAME_SHARE
    if (rounded == rounded[:1]).all():
        return np.asarray(rounded[:1])  # nearly always, and much quicker found than sorted
    return np.unique(rounded, axis=0)


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
