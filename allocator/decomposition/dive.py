"""Whole numbers near a relaxed optimum: what is nearly whole is held, the rest solved again, until nothing is left.

A relaxed optimum says most of what a plan decides; what it leaves in parts is decided group by group, the half that is
nearest to whole numbers first (diving with relaxation values: Berthold, 2006, "Primal heuristics for mixed integer
programs", section 3). Each step is a linear program that starts from the basis before it, so that a whole dive costs
less than the root of a branch and bound. It proves nothing and may end nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.decomposition.master import Master
from allocator.instance.tree import Floats, Ints

WHOLE = 1e-6
STEPS = 200
"""Most linear programs of a dive; halves are held, so that far fewer do where it ends at all."""


def dive(master: Master, x: Floats, groups: Sequence[Ints]) -> Floats | None:
    """A point (columns,) near x, a relaxed optimum of the master, whole in some groups of its integer columns.

    Groups come in the order in which they are decided. None where rounding leads to no point. The master stays relaxed,
    and keeps the bounds of the dive.
    """
    for _ in range(STEPS):
        parts = next((parts for parts in (_in_parts(x, group) for group in groups) if len(parts)), None)
        if parts is None:
            return x
        nearest = _nearest(x, parts)
        master.hold(nearest, np.round(x[nearest]))
        result = master.solve()
        if not result.has_point:
            return None
        x = result.point()
    return None


def _in_parts(x: Floats, columns: Ints) -> Ints:
    return columns[np.abs(x[columns] - np.round(x[columns])) > WHOLE]


def _nearest(x: Floats, columns: Ints) -> Ints:
    """The half of some columns that is nearest to whole numbers, one at least."""
    away = np.abs(x[columns] - np.round(x[columns]))
    return columns[np.argsort(away, kind="stable")[: max(1, len(columns) // 2)]]
