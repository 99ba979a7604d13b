"""From horizon and period grid to the node tree: a deterministic plan is a chain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.months import MonthGrid
from allocator.instance.tree import NodeTree


def chain(grid: MonthGrid, period_months: Sequence[int], decision_every_months: int) -> NodeTree:
    """A chain with one node a period; the periods cover the grid.

    A node takes decisions when it begins on a multiple of `decision_every_months` from the start; the root does.
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
        decision=first % decision_every_months == 0,
        horizon_years=float(months.sum() / 12),
        start_month=str(grid.month[0]),
    )
