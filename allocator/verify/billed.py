"""Peaks that tariffs bill, from what the hours draw."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case


def billed_mw(case: Case) -> Floats:
    """Of each demand charge in each node, (D, N): the metered peak, or one set before the plan begins; 0 elsewhere."""
    demand, tree, metered = case.instance.demand, case.instance.tree, case.energy.peak_mw
    billed = np.zeros(metered.shape)
    for k, node in np.argwhere(demand.billed).tolist():
        opening = demand.opening_mw[k] if tree.parent[node] < 0 else 0.0
        billed[k, node] = np.maximum(metered[k, node], opening)
    return billed
