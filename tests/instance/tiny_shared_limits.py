"""Feeders and plants of a hand-made instance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.shared_limits import Feeders, Plants
from allocator.instance.tree import Ints
from allocator.instance.types import Bays
from tests.instance.specs import FeederSpec, HallSpec, PlantSpec


def tiny_feeders(feeders: Sequence[FeederSpec], halls: Sequence[HallSpec], bays: Bays) -> Feeders:
    """Feeders over the bays of the halls they name."""
    feeder, bay = _members([spec.halls for spec in feeders], halls, bays)
    return Feeders(
        names=tuple(spec.name for spec in feeders),
        site=_sites(feeders, halls),
        limit_mw=np.array([spec.limit_mw for spec in feeders], float),
        feeder=feeder,
        bay=bay,
    )


def tiny_plants(
    plants: Sequence[PlantSpec], halls: Sequence[HallSpec], bays: Bays, sites: int, shape: tuple[int, int]
) -> Plants:
    """Plants over the bays of the halls they name; `shape` is (nodes, steps). Beyond the horizon: the mean limit."""
    plant, bay = _members([spec.halls for spec in plants], halls, bays)
    limit = np.array([np.broadcast_to(np.asarray(p.limit_mw, float), np.prod(shape)) for p in plants])
    limit, site = limit.reshape(len(plants), *shape), _sites(plants, halls)
    return Plants(
        names=tuple(spec.name for spec in plants),
        site=site,
        loop=tuple(spec.loop for spec in plants),
        limit_mw=tuple(limit[site == s].reshape(-1, shape[0] * shape[1]) for s in range(sites)),
        firm_limit_mw=limit.min(axis=2),
        tail_limit_mw=limit.mean(axis=(1, 2)),
        plant=plant,
        bay=bay,
    )


def _sites(specs: Sequence[FeederSpec] | Sequence[PlantSpec], halls: Sequence[HallSpec]) -> Ints:
    site = {hall.name: hall.site for hall in halls}
    return np.array([site[spec.halls[0]] for spec in specs], int)


def _members(groups: Sequence[Sequence[str]], halls: Sequence[HallSpec], bays: Bays) -> tuple[Ints, Ints]:
    names = [halls[h].name for h in bays.hall]
    rows = [(g, b) for g, group in enumerate(groups) for b, name in enumerate(names) if name in group]
    table = np.array(rows, int).reshape(-1, 2)
    return table[:, 0], table[:, 1]
