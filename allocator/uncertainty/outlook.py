"""What a node expects of months beyond the tree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.uncertainty.generate import StateTree
from allocator.uncertainty.model import LogLinearModel
from allocator.uncertainty.types import Floats, Ints


def expected_factors(
    model: LogLinearModel, tree: StateTree, first_month: Sequence[int], nodes: Ints, months: Sequence[int]
) -> Floats:
    """Expected factor of each series over its stated path in some months from the start, (nodes, months, D).

    Args:
        first_month: of each period. nodes: of one period, whose probabilities sum to one. months: none before theirs.

    As in the tree, every month is scaled so that the expectation over the nodes is one.
    """
    since = np.asarray(first_month)[tree.period[tree.known[nodes]]]
    logs = np.empty((len(nodes), len(months), len(model.names)))
    for k, month in enumerate(months):
        for begun in np.unique(since):
            ahead, own = int(month - begun), since == begun
            logs[own, k] = tree.state[nodes[own]] @ model.after(ahead).T + model.log_mean(ahead)
    factor = np.exp(logs - logs.max(axis=0))
    return np.asarray(factor / np.einsum("n,nmd->md", tree.probability[nodes], factor))
