"""How the worth of mining moves: what a MWh of the same machine earns in each node, over what it earns at the start."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.instance.types import Instance


def hash_index(instance: Instance) -> Floats:
    """Of each node, (N,): all machines earn by hashrate, so any of them tells; 1 where none is, or earns nothing."""
    mines = np.flatnonzero(instance.segments.hash_ph_per_mw > 0)
    same = np.ones(len(instance.tree))
    if not len(mines):
        return same
    earned = instance.segments.value_usd_per_mwh[mines[0]]
    return np.asarray(earned / earned[0]) if earned[0] > 0 and earned.min() > 0 else same
