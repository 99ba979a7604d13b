"""A tree in which something beside the market becomes known: every node splits into its outcomes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.uncertainty.generate import StateTree
from allocator.uncertainty.types import Floats, Ints


def split(tree: StateTree, period: int, probability: Sequence[float]) -> tuple[StateTree, Ints]:
    """Every node from `period` on once for each outcome, and which outcome it stands for, (N',); -1 before it.

    Outcomes are independent of the market, so every copy is alike but for its probability. Copies of a node stand side
    by side, periods stay together, and parents come before children.
    """
    outcomes = len(probability)
    late = tree.period >= period
    copies = np.where(late, outcomes, 1)
    first = np.cumsum(copies) - copies
    old = np.repeat(np.arange(len(tree)), copies)
    own = np.arange(len(old)) - first[old]

    def moved(of: Ints) -> Ints:
        """New positions of nodes named by old ones, in the same outcome where they have outcomes."""
        there = of[old]
        return np.asarray(np.where(there < 0, -1, first[there] + np.where(late[there], own, 0)), dtype=np.int64)

    weight: Floats = np.where(late[old], np.asarray(probability)[np.where(late[old], own, 0)], 1.0)
    made = StateTree(
        names=tree.names,
        period=tree.period[old],
        parent=moved(tree.parent),
        probability=tree.probability[old] * weight,
        known=moved(tree.known),
        state=tree.state[old],
        factor=tree.factor[old],
    )
    return made, np.asarray(np.where(late[old], own, -1), dtype=np.int64)
