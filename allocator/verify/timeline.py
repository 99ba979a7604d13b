"""Who comes after whom on the node tree, by plain month arithmetic.

Written again instead of asking the instance for its lead-time relations: the planning model is built from those.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints, NodeTree


class Timeline:
    """Relations between nodes as (N, N) matrices, the earlier node first."""

    def __init__(self, tree: NodeTree) -> None:
        self._tree = tree
        self._starts = tree.first_month
        self._ends = tree.first_month + tree.months

    @cached_property
    def before(self) -> Bools:
        """[m, n]: m is n or an ancestor of n."""
        before = np.eye(len(self._tree), dtype=bool)
        for node, parent in enumerate(self._tree.parent):
            if parent >= 0:
                before[:, node] |= before[:, parent]
        return before

    def ready(self, lead_months: int) -> Bools:
        """[m, n]: what is decided at m counts from n on: n starts after the lead, its parent did not."""
        due = self._starts + lead_months
        arrived = self.before & (self._starts[None, :] >= due[:, None])
        return arrived & ~self._at_parent(arrived)

    def overlap(self, from_months: int, to_months: int) -> Ints:
        """[m, n]: months of n that lie between `from_months` and `to_months` after the start of m."""
        opens = np.maximum((self._starts + from_months)[:, None], self._starts[None, :])
        closes = np.minimum((self._starts + to_months)[:, None], self._ends[None, :])
        return np.where(self.before, np.maximum(closes - opens, 0), 0)

    def carry(self, values: Floats, opening: Floats | float) -> Floats:
        """Values (..., N) at the parent of each node; `opening` (...) at roots."""
        carried = values[..., self._tree.parent]
        roots = self._tree.parent < 0
        carried[..., roots] = np.asarray(opening, float)[..., None]
        return carried

    def along(self, values: Floats) -> Floats:
        """Sum of values (..., N) over each node's path, itself included."""
        return np.asarray(values @ self.before.astype(float))

    def _at_parent(self, relation: Bools) -> Bools:
        seen = relation[:, self._tree.parent]
        seen[:, self._tree.parent < 0] = False
        return seen
