"""Figures of a sample, each with how far it can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats

NORMAL_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


def share(hits: int, count: int) -> Interval:
    """A share of independent draws, with Wilson's interval (1927), which stays inside 0..1 and holds for no hits."""
    found, squared = hits / count, NORMAL_95**2
    centre = (found + squared / (2 * count)) / (1 + squared / count)
    half = NORMAL_95 / (1 + squared / count) * math.sqrt(found * (1 - found) / count + squared / (4 * count**2))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(found, low if hits else 0.0, high if hits < count else 1.0)


def mean(values: Floats) -> Interval:
    """The mean of independent draws (K,), with the normal interval."""
    found = float(values.mean())
    half = NORMAL_95 * float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.inf
    return Interval(found, found - half, found + half)


def mean_of_worst(values: Floats, probability: Floats, level: float) -> float:
    """Mean of the worst 1 - level of weighted values, the last one counted in part: conditional value at risk."""
    order = np.argsort(values, kind="stable")
    left = np.clip(1.0 - level - (np.cumsum(probability[order]) - probability[order]), 0.0, probability[order])
    return float(left @ values[order] / left.sum())


def worst(values: Floats, level: float) -> Interval:
    """Mean of the worst 1 - level of independent draws (K,), with the normal interval.

    The variance is that of quantile - (quantile - value)+ / (1 - level), the function whose mean it is (Rockafellar and
    Uryasev, 2000), at the quantile of the sample.
    """
    found = mean_of_worst(values, np.full(len(values), 1.0 / len(values)), level)
    quantile = float(np.quantile(values, 1.0 - level))
    spread = mean(quantile - np.maximum(quantile - values, 0.0) / (1.0 - level))
    half = (spread.high - spread.low) / 2.0
    return Interval(found, found - half, found + half)
