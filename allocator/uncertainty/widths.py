"""How many nodes a tree may have side by side, and which of them branch, when it must not outgrow a limit."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from allocator.uncertainty.types import Floats, Ints

STEPS = 60
"""Halvings of the search for the exponent."""


def widths(children: Sequence[int], max_nodes: int, copies: Sequence[int] | None = None) -> Ints:
    """Nodes side by side in each period, (P,): the products of `children`, thinned evenly to fit `max_nodes` in all.

    Thinned, they are product ** a, rounded, with the largest a <= 1 that fits: each branching loses the same share of
    its logarithm, so that late uncertainty is not given up for early one. Where each node of a period stands for
    several (`copies`, one by default), all of them count.

    Raises:
        ValueError: more periods than nodes.
    """
    product = np.cumsum(np.log(np.asarray(children, dtype=float)))
    weight = np.ones(len(product), dtype=np.int64) if copies is None else np.asarray(copies, dtype=np.int64)
    if weight.sum() > max_nodes:
        raise ValueError(f"{weight.sum()} nodes of a tree that never branches do not fit {max_nodes}")

    def fit(exponent: float) -> Ints:
        return np.rint(np.exp(exponent * product)).astype(np.int64)

    def fits(exponent: float) -> bool:
        return int(fit(exponent) @ weight) <= max_nodes

    if fits(1.0):
        return fit(1.0)
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if fits(middle) else (low, middle)
    return fit(low)


def share_out(width: int, probability: Floats, most: int) -> Ints:
    """Children of each parent, from 1 to `most`, `width` of them in all: one more always where it helps most.

    A parent's error falls with the square of its children (Zador, 1982, in one dimension), weighted by its
    probability; ties go to the parent that comes first.
    """
    count = np.ones(len(probability), dtype=np.int64)
    queue = [(-_gain(p, 1), parent) for parent, p in enumerate(probability.tolist()) if most > 1]
    heapq.heapify(queue)
    for _ in range(min(width, most * len(probability)) - len(probability)):
        _, parent = heapq.heappop(queue)
        count[parent] += 1
        if count[parent] < most:
            heapq.heappush(queue, (-_gain(float(probability[parent]), int(count[parent])), parent))
    return count


def _gain(probability: float, children: int) -> float:
    return probability * (1.0 / children**2 - 1.0 / (children + 1) ** 2)
