"""Toy instances whose halls hang on feeders and share plants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.shared_limits import Feeders, Plants
from allocator.instance.types import Instance

Group = tuple[int, set[int]]
"""A site, and halls of it."""


def behind_feeders(instance: Instance, seed: int) -> Instance:
    """Three feeders a site over halls of it, some in others, some across; plants over some of these. Many are small."""
    rng = np.random.default_rng(seed)
    sites, halls = range(len(instance.sites.names)), instance.halls
    names = [(s, {h for h in np.flatnonzero(halls.site == s) if rng.random() < 0.7}) for s in sites for _ in range(3)]
    groups = [(s, held or {int(np.argmax(halls.site == s))}) for s, held in names]
    return replace(instance, feeders=_feeders(instance, groups, rng), plants=_plants(instance, groups[::2], rng))


def _feeders(instance: Instance, groups: Sequence[Group], rng: np.random.Generator) -> Feeders:
    feeder, bay = _held(groups, instance)
    most = _most_mw(groups, instance)
    return Feeders(
        names=tuple(f"feeder{g}" for g in range(len(groups))),
        site=np.array([s for s, _ in groups]),
        limit_mw=most * rng.choice([0.1, 0.3, 0.6, 2.0], len(groups)),
        feeder=feeder,
        bay=bay,
    )


def _plants(instance: Instance, groups: Sequence[Group], rng: np.random.Generator) -> Plants:
    steps = [overhead.shape[1] for overhead in instance.hours.overhead]
    most = _most_mw(groups, instance)
    limit = [mw * rng.choice([0.1, 0.3, 1.5], steps[s]) for mw, (s, _) in zip(most, groups, strict=True)]
    plant, bay = _held(groups, instance)
    return Plants(
        names=tuple(f"plant{k}" for k in range(len(groups))),
        site=np.array([s for s, _ in groups]),
        loop=tuple(rng.choice(["air", "liquid"], len(groups)).tolist()),
        limit_mw=tuple(
            np.array([mw for mw, (at, _) in zip(limit, groups, strict=True) if at == s]).reshape(-1, steps[s])
            for s in range(len(steps))
        ),
        firm_limit_mw=np.array(
            [
                [mw[instance.hours.own_steps(s, n)].min() for n in range(len(instance.tree))]
                for mw, (s, _) in zip(limit, groups, strict=True)
            ]
        ),
        tail_limit_mw=np.array([mw.mean() for mw in limit]),
        plant=plant,
        bay=bay,
    )


def _most_mw(groups: Sequence[Group], instance: Instance) -> np.ndarray:
    """IT limits of all bays of each group."""
    bays = instance.bays
    return np.array([bays.it_limit_mw[np.isin(bays.hall, list(held))].sum() for _, held in groups])


def _held(groups: Sequence[Group], instance: Instance) -> tuple[np.ndarray, np.ndarray]:
    """(group, bay) of the bays of each group's halls."""
    rows = [(g, b) for g, (_, held) in enumerate(groups) for b, h in enumerate(instance.bays.hall) if h in held]
    table = np.array(rows, int).reshape(-1, 2)
    return table[:, 0], table[:, 1]
