"""When limits that several bays share can bind, and what they are on the measure of the site, gross MW.

A feeder limits gross draw as the site does. A plant limits heat: on the measure of the site its limit of H MW of heat
stands for H (1 + o) / a MW of gross draw, a the share of a bay's heat that goes to the plant's loop and o its overhead.
That is one number only where a / (1 + o) is the same in all bays that heat the loop: the weights are proportional.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.dispatch.nest import Group
from allocator.instance.shared_limits import SiteFeeder, SitePlant
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats

SAME_WEIGHT = 1e-12
"""Largest relative difference of weights that count as proportional."""


def feeder_binds(node: SiteNode, feeder: SiteFeeder) -> Bools:
    """Steps in which the halls behind a feeder could draw more than it carries, one bay of each hall fitted, (T,)."""
    most = (1.0 + node.overhead) * node.it_limit_mw[:, None] + node.no_load_mw[:, None]
    return _most_by_hall(node, most, feeder.inside) > feeder.limit_mw


def plant_binds(node: SiteNode, plant: SitePlant) -> Bools:
    """Steps in which the halls of a plant could reject more heat than it takes, one bay of each hall fitted, (T,)."""
    share, limit = _loop(node, plant)
    most = np.minimum(limit, (share * node.it_limit_mw)[:, None])
    return np.asarray(_most_by_hall(node, most, plant.inside) > plant.limit_mw)


def feeder_groups(node: SiteNode) -> list[Group]:
    """Feeders that can bind."""
    return [
        Group(
            name=f"feeder {feeder.name}",
            kind="feeder",
            position=k,
            inside=feeder.inside,
            limit_mw=np.full(node.hours, feeder.limit_mw),
            fixed_mw=node.no_load_mw * feeder.inside,
            gross_per_unit=np.ones(node.hours),
        )
        for k, feeder in enumerate(node.feeders)
        if feeder_binds(node, feeder).any()
    ]


def plant_groups(node: SiteNode, splits: Sequence[Floats]) -> list[Group | str]:
    """Plants that can bind: as groups, or the name of one whose weights are not proportional.

    `splits` are the distinct (air share, liquid share) of what may run in each bay, (K, 2) by bay.
    """
    binding = [(k, plant) for k, plant in enumerate(node.plants) if plant_binds(node, plant).any()]
    return [_plant_group(node, plant, k, splits) for k, plant in binding]


def _plant_group(node: SiteNode, plant: SitePlant, position: int, splits: Sequence[Floats]) -> Group | str:
    column = 0 if plant.loop == "air" else 1
    shares = [np.unique(split[:, column]) for split in splits]
    inside = plant.inside & np.array([bool((share > 0).any()) for share in shares])
    members = np.flatnonzero(inside)
    if any(len(shares[bay]) > 1 for bay in members):
        return plant.name
    gross = np.array([(1.0 + node.overhead[bay]) / shares[bay][0] for bay in members]).reshape(-1, node.hours)
    if len(members) and not np.allclose(gross, gross[0], rtol=SAME_WEIGHT, atol=0.0):
        return plant.name
    per_unit = gross[0] if len(members) else np.ones(node.hours)
    return Group(
        name=f"plant {plant.name}",
        kind="plant",
        position=position,
        inside=inside,
        limit_mw=plant.limit_mw * per_unit,
        fixed_mw=np.zeros(node.bays),
        gross_per_unit=per_unit,
    )


def _loop(node: SiteNode, plant: SitePlant) -> tuple[Floats, Floats]:
    """Largest share of any load's heat that goes to the plant's loop, (B,), and the bays' own limits of it, (B, T)."""
    air = plant.loop == "air"
    share = (node.firm_air_share if air else node.firm_liquid_share).copy()
    np.maximum.at(share, node.segment_bay, node.segment_air_share if air else node.segment_liquid_share)
    return share, node.air_limit_mw if air else node.liquid_limit_mw


def _most_by_hall(node: SiteNode, most_mw: Floats, inside: Bools) -> Floats:
    """Sum over halls of the largest of their bays inside, (T,)."""
    halls, hall = np.unique(node.bay_hall, return_inverse=True)
    largest = np.zeros((len(halls), node.hours))
    np.maximum.at(largest, hall[inside], most_mw[inside])
    return np.asarray(largest.sum(axis=0))
