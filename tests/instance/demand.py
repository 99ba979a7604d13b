"""Demand charges put on small instances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.demand import Demand
from allocator.instance.types import Instance


def with_demand(instance: Instance, usd_per_mw: float = 2e4, opening_mw: float = 0.5) -> Instance:
    """Two charges at the first site: on every step at the stated rate with a ratchet of all nodes before, and on every
    other step at half of it."""
    hours, nodes = instance.hours, len(instance.tree)
    steps = int(hours.offset[hours.periods])
    every = np.ones(steps, dtype=bool)
    before = [(0, m, n) for n in range(nodes) for m in instance.tree.path(n)[:-1]]
    demand = Demand(
        names=("any_hour", "on_peak"),
        site=np.zeros(2, dtype=np.int64),
        usd_per_mw=np.outer([usd_per_mw, usd_per_mw / 2], np.ones(nodes)),
        billed=np.ones((2, nodes), dtype=bool),
        counts=(every, np.arange(steps) % 2 == 0),
        least_mw=np.outer([opening_mw, 0.0], instance.tree.parent < 0),
        ratchet_share=np.array([0.8, 0.0]),
        reach=np.array(before, dtype=np.int64).reshape(-1, 3),
        beyond_usd_per_mw_year=np.zeros(len(instance.sites.names)),
    )
    return replace(instance, demand=demand)
