"""The same instance in another market: what machines earn and energy costs, everything else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from allocator.instance.hosting_share import shared
from allocator.instance.hours import pass_through
from allocator.instance.machine import Resolved, unit_steps
from allocator.instance.market_state import MarketState
from allocator.instance.tree import Floats
from allocator.instance.types import Instance


def at_market(
    instance: Instance, machines: Mapping[str, Resolved], market: MarketState, spot_factor: Floats
) -> Instance:
    """Earnings of segments, spot and pass-through of another market at every node.

    Prices of machines, relief of hosts and values beyond the horizon stay those of the instance.

    Args:
        machines: by name, in the order of the models. market: by node, (N,).
        spot_factor: spot of each site at each node over that of its period, (S, N).
    """
    steps = [unit_steps(machine, market) for machine in machines.values()]
    segments, hours = instance.segments, replace(instance.hours, spot_factor=spot_factor)
    models = instance.placements.model[segments.placement]
    earned = [steps[model][step].usd_per_mwh for model, step in zip(models, segments.step, strict=True)]
    values = np.array(earned, dtype=float).reshape(segments.value_usd_per_mwh.shape)
    return replace(
        instance,
        market=market,
        segments=shared(replace(segments, value_usd_per_mwh=values), instance.hosting, market),
        hours=hours,
        pass_through=pass_through(hours),
    )
