"""What feeders and plants could still be promised, all decisions kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.shared_limits import tenant_heat_share
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled


@dataclass(frozen=True)
class SharedRoom:
    """Feeders, then plants: G groups of bays.

    Attributes:
        names: in words. claim: what one contracted MW in a bay takes of each, (G, B, N). free_mw: what is left, (G, N).
    """

    names: tuple[str, ...]
    claim: Floats
    free_mw: Floats

    def fits_mw(self, bay: int, nodes: Ints) -> float:
        """Most critical IT MW that could be promised in a bay throughout `nodes`; inf where nothing is shared."""
        claim = self.claim[:, bay, nodes]
        free = np.maximum(self.free_mw[:, nodes], 0.0)
        return float(np.divide(free, claim, out=np.full(claim.shape, np.inf), where=claim > 0).min(initial=np.inf))

    def without(self, bay: int, nodes: Ints, mw: float) -> SharedRoom:
        """The room once `mw` more are promised in a bay."""
        free = self.free_mw.copy()
        free[:, nodes] -= mw * self.claim[:, bay, nodes]
        return replace(self, free_mw=free)

    def tightest(self, bay: int, nodes: Ints) -> tuple[str, float, int]:
        """Of what the bay shares: name, what is left of it in MW of the bay's contracted load, and where."""
        claim = self.claim[:, bay, nodes]
        left = np.divide(self.free_mw[:, nodes], claim, out=np.full(claim.shape, np.inf), where=claim > 0)
        group, at = np.unravel_index(int(left.argmin()), left.shape)
        return self.names[int(group)], max(0.0, float(left[group, at])), int(nodes[int(at)])


def shared_room(settled: Settled) -> SharedRoom:
    """Limits less what the plan promises, and less what fitted halls draw at no load."""
    instance, bays = settled.instance, settled.instance.bays
    feeders, plants = instance.feeders, instance.plants
    behind = feeders.holds(len(bays.names)).astype(float)
    nodes = np.ones(len(instance.tree))
    limits = np.concatenate([np.outer(feeders.limit_mw, nodes), plants.firm_limit_mw.reshape(-1, len(nodes))])
    limits[: len(behind)] -= behind @ (bays.no_load_mw[:, None] * settled.point.fitted)
    claim = np.concatenate([behind[:, :, None] * (1.0 + bays.firm_overhead), _heat(instance)[:, :, None] * nodes])
    names = (*(f"feeder {name}" for name in feeders.names), *(f"plant {name}" for name in plants.names))
    return SharedRoom(names, claim, limits - np.einsum("gbn,bn->gn", claim, settled.contracted_mw))


def _heat(instance: Instance) -> Floats:
    return tenant_heat_share(instance).reshape(-1, len(instance.bays.names))
