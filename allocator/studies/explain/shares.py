"""In what share of the futures a plan takes each decision: contracts, conversions, and notices to hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.pipeline.forced import CONTRACT, CONVERT, NOTICE, Decision, taken_at
from allocator.planning.point import PlanPoint

Shares = Mapping[Decision, float]
"""Share of futures, above 0; a decision that is not named is not taken."""


def shares_at(instance: Instance, point: PlanPoint) -> Shares:
    """Of a point of the planning problem."""
    taken = [
        *((Decision(CONTRACT, instance.offers.names[row]), node) for row, node in np.argwhere(point.sign > 0.5)),
        *((Decision(CONVERT, instance.bays.names[row]), node) for row, node in np.argwhere(point.convert > 0.5)),
        *((Decision(NOTICE, instance.hosting.names[row]), node) for row, node in np.argwhere(point.terminate > 0.5)),
    ]
    return _added((decision, float(instance.tree.probability[node])) for decision, node in taken)


def shares_in(tables: Mapping[str, pd.DataFrame]) -> Shares:
    """Of the tables of a plan."""
    chance = dict(zip(tables["nodes"]["node"], tables["nodes"]["probability"], strict=True))
    return _added((decision, float(chance[node])) for decision, node in taken_at(tables))


def _added(taken: Iterable[tuple[Decision, float]]) -> Shares:
    total: dict[Decision, float] = {}
    for decision, chance in taken:
        total[decision] = min(1.0, total.get(decision, 0.0) + chance)
    return total
