"""Seeded paths of a model, drawn apart from any tree: the sample that trees are measured against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.uncertainty.model import LogLinearModel
from allocator.uncertainty.types import Floats


def simulate(model: LogLinearModel, stage_months: Sequence[int], count: int, seed: int) -> Floats:
    """Factors of each series over its stated path at the start of every month, (count, months + 1, D).

    Stages of history blocks begin where `stage_months` says, as they do in a tree. Every month's expectation is one
    in the law, not in the sample. Month 0 is 1.
    """
    rng = np.random.default_rng(seed)
    months = int(sum(stage_months))
    logs = np.zeros((count, months + 1, len(model.names)))
    at = 0
    for stage in stage_months:
        for shock in model.draw(rng, count, stage).swapaxes(0, 1):
            logs[:, at + 1] = logs[:, at] @ model.transition.T + shock
            at += 1
    return np.asarray(np.exp(logs - log_mean_by_month(model, stage_months)))


def log_mean_by_month(model: LogLinearModel, stage_months: Sequence[int]) -> Floats:
    """log E[exp(state)] at the start of every month, from a state of zero, (months + 1, D)."""
    total = int(sum(stage_months))
    means = np.zeros((total + 1, len(model.names)))
    first = 0
    for stage in stage_months:
        for month in range(first + 1, total + 1):
            inside = min(month - first, stage)
            means[month] += model.log_mean(inside, ahead=month - first - inside)
        first += stage
    return means
