"""How far a reduced tree is from the process it stands for, period by period and series by series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.uncertainty.generate import StagePlan, StateTree
from allocator.uncertainty.model import LogLinearModel
from allocator.uncertainty.simulate import simulate
from allocator.uncertainty.types import Floats, Ints

PATHS = 4000
DIRECTIONS = 64
"""Projections of the sliced distance."""


@dataclass(frozen=True)
class Fit:
    """Tree against sample in the periods that begin with a branching.

    Attributes:
        table: one row a (series, first_month): standard deviations of the logarithm in tree and sample, skewness in
            both, error of the mean, and the Wasserstein distance of order one between both logarithms over the
            sample's standard deviation.
        path_distance: sliced Wasserstein distance of order one between whole paths (all those periods and series,
            scaled to standard deviations): the mean over random directions of the exact distance along each
            (Bonneel et al., 2015).
    """

    table: pd.DataFrame
    path_distance: float


def measure_fit(model: LogLinearModel, plan: StagePlan, tree: StateTree, seed: int = 0) -> Fit:
    """Compare a tree with fresh paths of its model; periods without a branching say nothing new and are left out."""
    periods = [p for p, children in enumerate(plan.children) if children > 1]
    starts = [plan.first_month[p] for p in periods]
    stages = [int(month) for month in np.diff([0, *starts])]
    sample = np.log(simulate(model, stages, PATHS, seed))[:, starts]
    leaves, logs = _paths(tree, periods)
    rows = [
        _row(name, start, logs[:, k, d], leaves, sample[:, k, d])
        for d, name in enumerate(tree.names)
        for k, start in enumerate(starts)
    ]
    return Fit(pd.DataFrame(rows), _sliced(logs, leaves, sample, seed))


def _paths(tree: StateTree, periods: list[int]) -> tuple[Floats, Floats]:
    """Probability of each leaf, (L,), and logarithms of the factors on its way at some periods, (L, K, D)."""
    last = np.flatnonzero(tree.period == tree.period.max())
    way, node = np.zeros((tree.period.max() + 1, len(last)), dtype=np.int64), last
    for period in range(int(tree.period.max()), -1, -1):
        way[period] = node
        node = tree.parent[node]
    return tree.probability[last], np.log(tree.factor[way[periods]]).swapaxes(0, 1)


def _row(name: str, start: int, tree: Floats, weight: Floats, sample: Floats) -> dict[str, object]:
    spread = float(sample.std())
    mean = float(weight @ tree)
    deviation = float(np.sqrt(weight @ (tree - mean) ** 2))
    return {
        "series": name,
        "first_month": start,
        "mean_error": float(weight @ np.exp(tree)) - 1.0,
        "deviation_tree": deviation,
        "deviation_sample": spread,
        "skewness_tree": _skewness(tree, weight),
        "skewness_sample": _skewness(sample, np.full(len(sample), 1.0 / len(sample))),
        "distance": wasserstein(tree, weight, sample) / spread if spread > 0 else 0.0,
    }


def _skewness(values: Floats, weight: Floats) -> float:
    centred = values - weight @ values
    variance = float(weight @ centred**2)
    return float(weight @ centred**3) / variance**1.5 if variance > 0 else 0.0


def wasserstein(points: Floats, weight: Floats, sample: Floats) -> float:
    """Distance of order one on the line between weighted points (K,) and equally likely ones (S,).

    The integral of the distance between both distribution functions (Vallender, 1974).
    """
    values = np.concatenate([points, sample])
    share = np.concatenate([weight, np.full(len(sample), -1.0 / len(sample))])
    order: Ints = np.argsort(values, kind="stable")
    return float(np.abs(np.cumsum(share[order])[:-1]) @ np.diff(values[order]))


def _sliced(paths: Floats, weight: Floats, sample: Floats, seed: int) -> float:
    flat = sample.reshape(len(sample), -1)
    spread = flat.std(axis=0)
    used = spread > 0
    if not used.any():
        return 0.0
    scaled, tree = flat[:, used] / spread[used], paths.reshape(len(paths), -1)[:, used] / spread[used]
    direction = np.random.default_rng(seed).standard_normal((DIRECTIONS, int(used.sum())))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return float(np.mean([wasserstein(tree @ d, weight, scaled @ d) for d in direction]))
