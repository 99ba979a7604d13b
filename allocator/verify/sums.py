"""Sums by group."""

from __future__ import annotations

import math

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance


def sum_by(values: Floats, group: Ints, groups: int, axis: int) -> Floats:
    """Values summed over `axis` by the group (0..groups-1) of each position; the axis then has length `groups`."""
    moved = np.moveaxis(values, axis, 0)
    total = np.zeros((groups, *moved.shape[1:]))
    np.add.at(total, group, moved)
    return np.moveaxis(total, 0, axis)


def sum_exactly(values: Floats, group: Ints, groups: int) -> Floats:
    """Sum of the values (R,) of each group, without rounding on the way, (groups,); a group of -1 stays out."""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(groups + 1)).tolist()
    ranked = values[order].tolist()
    return np.array([math.fsum(ranked[ends[g] : ends[g + 1]]) for g in range(groups)])


def by_hall(instance: Instance, by_bay: Floats) -> Floats:
    """Sum of (B, ...) over the bays of each hall, (H, ...)."""
    return sum_by(by_bay, instance.bays.hall, len(instance.halls.names), axis=0)


def by_site(instance: Instance, by_bay: Floats) -> Floats:
    """Sum of (B, ...) over the bays of each site, (S, ...)."""
    return sum_by(by_bay, instance.bays.site, len(instance.sites.names), axis=0)


def in_halls(instance: Instance, by_placement: Floats) -> Floats:
    """Sum of (P, K) by model and hall, (M, H, K)."""
    placements = instance.placements
    total = np.zeros((len(instance.models.names), len(instance.halls.names), by_placement.shape[1]))
    np.add.at(total, (placements.model, instance.bays.hall[placements.bay]), by_placement)
    return total
