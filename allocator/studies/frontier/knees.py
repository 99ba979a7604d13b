"""Knees of a frontier: where giving up value begins to buy less safety than before."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Bools, Floats

CLEAR = 0.01
"""Distance from the chord, of the frontier's own extent, under which a bend is a rounding."""


def knees(safety: Floats, value: Floats) -> Bools:
    """Points (P,) at which a frontier bends away from its chord; safety rises and value falls in the order given.

    Both are measured from the first point over the way to the last, the chord joins these two, and a knee is a point
    outside it that lies further away than the points before and after it (Das, 1999, "On characterizing the 'knee' of
    the Pareto curve based on normal-boundary intersection", Structural Optimization 18). Of equal points the first
    counts; where either figure stands still there is none.
    """
    if len(safety) < 3 or safety[-1] <= safety[0] or value[-1] >= value[0]:
        return np.zeros(len(safety), dtype=bool)
    away = (safety - safety[0]) / (safety[-1] - safety[0]) - (value[0] - value) / (value[0] - value[-1])
    away = away / np.sqrt(2.0)
    before, after = np.append(-np.inf, away[:-1]), np.append(away[1:], -np.inf)
    return np.asarray((away > CLEAR) & (away > before + CLEAR) & (away >= after))
