"""From horizon and period grid to the node tree: a deterministic plan is a chain, a tree stands on its periods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.months import MonthGrid
from allocator.instance.tree import Floats, Ints, NodeTree


def chain(
    grid: MonthGrid,
    period_months: Sequence[int],
    decision_every_months: int,
    months_counted: int = 0,
    unsettled_months: float = 0.0,
) -> NodeTree:
    """A chain with one node a period; the periods cover the grid.

    A node takes decisions when it begins on a multiple of `decision_every_months` since `months_counted` before the
    start; the root does where that is 0. Interest of `unsettled_months` before the start is settled at the root.
    Mid-period and horizon years count months, a month being a twelfth of a year.
    """
    months = np.array(period_months, dtype=np.int64)
    first = np.cumsum(months) - months
    hours = np.add.reduceat(grid.hours, first)
    return NodeTree(
        name=tuple(str(label) for label in grid.month[first]),
        parent=np.arange(len(months), dtype=np.int64) - 1,
        probability=np.ones(len(months)),
        first_month=first,
        months=months,
        hours=hours,
        mid_years=(first + months / 2) / 12,
        decision=(first + months_counted) % decision_every_months == 0,
        horizon_years=float(months.sum() / 12),
        start_month=str(grid.month[0]),
        unsettled_years=unsettled_months / 12,
    )


def tree_on(straight: NodeTree, period: Ints, parent: Ints, probability: Floats, name: Sequence[str]) -> NodeTree:
    """A tree whose nodes run through the periods of a chain; all arrays (N,), parents before children."""
    return NodeTree(
        name=tuple(name),
        parent=parent,
        probability=probability,
        first_month=straight.first_month[period],
        months=straight.months[period],
        hours=straight.hours[period],
        mid_years=straight.mid_years[period],
        decision=straight.decision[period],
        horizon_years=straight.horizon_years,
        start_month=straight.start_month,
        unsettled_years=straight.unsettled_years,
    )


def branch_names(straight: NodeTree, period: Ints, parent: Ints) -> list[str]:
    """Label of the period, then which child each branching on the way led to: "2027-04/2.1"; no way, no slash."""
    children = np.bincount(parent[parent >= 0], minlength=len(parent))
    seen, way, names = np.zeros(len(parent), dtype=np.int64), [""] * len(parent), []
    for node, before in enumerate(parent.tolist()):
        if before >= 0:
            seen[before] += 1
            step = str(seen[before]) if children[before] > 1 else ""
            way[node] = ".".join(part for part in (way[before], step) if part)
        label = straight.name[int(period[node])]
        names.append(f"{label}/{way[node]}" if way[node] else label)
    return names
