"""From many equally likely points to a few with probabilities.

Cells come from k-means, which places k points so that the points of the sample lie closest to them in mean square:
optimal quantization in the Wasserstein distance of order two (Graf and Luschgy, 2000; for trees Pflug and Pichler,
2015, "Dynamic generation of scenario trees"). A cell's centre would lose the spread inside the cell, and with few
children most of the variance of all but one series; so each cell is stood for by one of its members, and all of them
are stretched to the variance of the sample (moment matching: Hoyland and Wallace, 2001). Of several such draws
the one that best keeps distance, covariance and skewness is taken. Two children cannot show two independent series;
so the covariance that one reduction misses is owed, and the next ones pay it back: over the nodes of a tree it comes
out right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.uncertainty.types import Floats, Ints

DRAWS = 48
ROUNDS = 30
NO_SPREAD = 1e-12
MEASURED = 1000
"""Points of the sample by which draws are told apart."""


@dataclass(frozen=True)
class Reduced:
    """k points and their probabilities, which sum to one; fewer where the sample holds fewer distinct points."""

    probability: Floats
    points: Floats

    @property
    def covariance(self) -> Floats:
        """Of the points, (D, D)."""
        centred = self.points - self.probability @ self.points
        return np.asarray(np.einsum("k,kd,ke->de", self.probability, centred, centred))


class Reducer:
    """Reduces one sample after the other and keeps account of the covariance that few points could not show."""

    def __init__(self, series: int) -> None:
        self._owed = np.zeros((series, series))

    def reduce(self, sample: Floats, children: int, weight: float, rng: np.random.Generator) -> Reduced:
        """Reduce a sample that counts with `weight` in what is owed; see `reduce_sample`."""
        wanted = np.atleast_2d(np.cov(sample, rowvar=False, ddof=0))
        reduced = reduce_sample(sample, children, rng, wanted + self._owed / weight)
        self._owed += weight * (wanted - reduced.covariance)
        return reduced


def reduce_sample(sample: Floats, children: int, rng: np.random.Generator, covariance: Floats) -> Reduced:
    """Reduce equally likely points (S, D) to at most `children` of about the stated covariance.

    Mean and, where the range of the sample allows, variances are the sample's.
    """
    mean = sample.mean(axis=0)
    centred = sample - mean
    cell = cells(centred, children)
    members = [np.flatnonzero(cell == c) for c in np.unique(cell)]
    probability = np.array([len(own) for own in members]) / len(sample)
    if len(members) == 1:
        return Reduced(np.ones(1), mean[None, :])
    drawn = np.stack([own[rng.integers(0, len(own), DRAWS)] for own in members], axis=1)
    candidates = _stretched(centred[drawn], probability, centred)
    best = int(np.argmin(_misfit(candidates, probability, centred, covariance)))
    return Reduced(probability, mean + candidates[best])


def cells(sample: Floats, children: int) -> Ints:
    """Cell of each point by k-means (Lloyd, 1982), begun at quantiles along the widest direction, (S,)."""
    direction = np.linalg.eigh(sample.T @ sample)[1][:, -1]
    rank = np.argsort(np.argsort(sample @ direction, kind="stable"), kind="stable")
    cell: Ints = rank * children // len(sample)
    for _ in range(ROUNDS):
        count = np.bincount(cell, minlength=children)
        total = np.stack([np.bincount(cell, column, children) for column in sample.T], axis=1)
        centre = total / np.maximum(count, 1)[:, None]
        far = np.where(count > 0, 0.0, np.inf)
        nearer = (centre**2).sum(axis=1) - 2.0 * sample @ centre.T + far
        again = np.argmin(nearer, axis=1)
        if (again == cell).all():
            break
        cell = again
    return np.asarray(cell, dtype=np.int64)


def _stretched(points: Floats, probability: Floats, sample: Floats) -> Floats:
    """Each candidate (R, k, D) with mean zero and the sample's variance, but inside the sample's range."""
    points = points - np.einsum("k,rkd->rd", probability, points)[:, None, :]
    spread = np.sqrt(np.einsum("k,rkd->rd", probability, points**2))
    wanted, widest = sample.std(axis=0), np.abs(sample).max(axis=0)
    farthest = np.abs(points).max(axis=1)
    moves = spread > NO_SPREAD
    room = widest / np.where(moves, farthest, 1.0)
    scale = np.minimum(wanted / np.where(moves, spread, 1.0), np.maximum(room, 1.0))
    return np.asarray(points * np.where(moves, scale, 0.0)[:, None, :])


def _misfit(candidates: Floats, probability: Floats, sample: Floats, covariance: Floats) -> Floats:
    """Distance of the sample to each candidate over its own spread, plus mean square errors of covariance and
    skewness in standard deviations, (R,).
    """
    scale = np.maximum(sample.std(axis=0), NO_SPREAD)
    wanted = covariance / np.outer(scale, scale)
    scaled = candidates / scale
    found = np.einsum("k,rkd,rke->rde", probability, scaled, scaled)
    off = np.square(found - wanted).mean(axis=(1, 2))
    skew = np.einsum("k,rkd->rd", probability, scaled**3) - ((sample / scale) ** 3).mean(axis=0)
    near = sample[:MEASURED]
    gap = ((near**2).sum(axis=1)[None, None] - 2.0 * candidates @ near.T) + (candidates**2).sum(axis=2)[..., None]
    distance = np.maximum(gap, 0.0).min(axis=1).mean(axis=1) / np.square(scale).sum()
    return np.asarray(distance + off + np.square(skew).mean(axis=1))
