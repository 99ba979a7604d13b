"""Peaks that tariffs bill, from what the hours draw."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case


def billed_mw(case: Case) -> Floats:
    """Of each demand charge in each node, (D, N): the highest of what is metered, of what stands from before the plan
    begins, and of what a ratchet carries on from earlier nodes; 0 where nothing is billed."""
    demand, metered = case.instance.demand, case.energy.peak_mw
    billed = np.zeros(metered.shape)
    for node, k in np.argwhere(demand.billed.T).tolist():  # parents come first
        earlier = demand.reach[(demand.reach[:, 0] == k) & (demand.reach[:, 2] == node), 1]
        carried = demand.ratchet_share[k] * billed[k, earlier].max(initial=0.0)
        billed[k, node] = np.maximum(metered[k, node], max(demand.least_mw[k, node], carried))
    return billed
