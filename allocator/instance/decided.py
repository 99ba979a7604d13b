"""Decisions that are taken already, so that a plan can only be made around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats, Ints


@dataclass(frozen=True)
class Decided:
    """What holds at some nodes.

    Attributes:
        nodes: positions, (K,).
        axes: names of the axes of each family of decisions, the last one "node".
        values: of each family, whole, of shape (..., K) over the other axes and the nodes; NaN where it is left open.
    """

    nodes: Ints
    axes: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Floats]

    def kept_by(self, other: Decided) -> bool:
        """Whether decisions of all nodes keep to every one that holds here."""
        theirs = other.values.items()
        found = {name: whole[..., self.nodes] for name, whole in theirs}
        return all(bool(np.all(np.isnan(own) | (found[name] == own))) for name, own in self.values.items())
