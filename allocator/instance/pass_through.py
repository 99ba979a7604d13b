"""What tenants pass through of the energy they draw."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.instance.tree import Floats


@dataclass(frozen=True)
class PassThrough:
    """Energy cost of one metered critical IT MW over a node, at spot, by (bay, node).

    usd_per_mw[b, n] = sum_t w_t * spot_t * (1 + overhead_bt), to be multiplied by share and metered MW.
    """

    usd_per_mw: Floats
