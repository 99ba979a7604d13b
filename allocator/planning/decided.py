"""Decisions taken already, as bounds of their columns in any model of the instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from allocator.instance.decided import Decided
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.capacity_map import columns_of
from allocator.planning.point import PlanPoint
from solvers.problem import Problem

AXES: Mapping[str, tuple[str, ...]] = {
    "convert": ("bay", "node"),
    "buy_blocks": ("model", "node"),
    "sell_blocks": ("model", "node"),
    "installed_blocks": ("placement", "node"),
    "terminate": ("agreement", "node"),
    "sign": ("contract", "node"),
    "place": ("contract", "bay", "node"),
}
"""Families of whole decisions that a point states, and their axes."""


def hold(instance: Instance, problem: Problem) -> Problem:
    """The problem with the columns of decided families held at what was decided; the same where nothing was."""
    decided = instance.decided
    if decided is None:
        return problem
    lower, upper = problem.lower.copy(), problem.upper.copy()
    for name, values in decided.values.items():
        shape = (*values.shape[:-1], len(instance.tree))
        columns = columns_of(problem, name, decided.axes[name], shape)[..., decided.nodes]
        exists = (columns >= 0) & ~np.isnan(values)
        lower[columns[exists]] = upper[columns[exists]] = values[exists]
    return replace(problem, lower=lower, upper=upper)


def decided_at(instance: Instance, point: PlanPoint, nodes: Ints, at: Ints) -> Decided:
    """Decisions of a point of an instance at some nodes, as taken at the nodes `at` of another instance, (K,) each."""
    models = instance.models
    blocks, placed = models.block_units.astype(float), models.block_units[instance.placements.model].astype(float)
    values: dict[str, Floats] = {
        "convert": point.convert,
        "buy_blocks": point.buy_units / blocks[:, None],
        "sell_blocks": point.sell_units / blocks[:, None],
        "installed_blocks": point.installed_units / placed[:, None],
        "terminate": point.terminate,
        "sign": point.sign,
        "place": point.place,
    }
    return Decided(at, AXES, {name: np.rint(value[..., nodes]) for name, value in values.items()})
