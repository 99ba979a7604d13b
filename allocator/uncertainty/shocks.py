"""Sources of monthly shocks: how they are drawn, and the exact mean of the exponential of what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from allocator.uncertainty.types import Floats


class Shocks(Protocol):
    """Shocks of D logarithms over a stage of consecutive months; stages are independent of each other."""

    def draw(self, rng: np.random.Generator, count: int, months: int) -> Floats:
        """`count` independent stages, (count, months, D)."""
        ...

    def log_mean(self, weights: Floats) -> float:
        """log E[exp(sum over months and logarithms of weights * shocks)]; weights (months, D)."""
        ...


@dataclass(frozen=True)
class GaussianShocks:
    """Independent from month to month, jointly normal with a covariance, (D, D)."""

    covariance: Floats

    def draw(self, rng: np.random.Generator, count: int, months: int) -> Floats:
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(rng.standard_normal((count, months, len(root))) @ root.T)

    def log_mean(self, weights: Floats) -> float:
        return float(0.5 * np.einsum("md,de,me->", weights, self.covariance, weights))


@dataclass(frozen=True)
class JumpShocks:
    """Compound Poisson: jumps of normal size, each times `loading` (D,)."""

    per_month: float
    mean: float
    volatility: float
    loading: Floats

    def draw(self, rng: np.random.Generator, count: int, months: int) -> Floats:
        arrived = rng.poisson(self.per_month, (count, months))
        size = arrived * self.mean + np.sqrt(arrived) * self.volatility * rng.standard_normal((count, months))
        return np.asarray(size[..., None] * self.loading)

    def log_mean(self, weights: Floats) -> float:
        size = weights @ self.loading
        return float(self.per_month * np.expm1(size * self.mean + 0.5 * (size * self.volatility) ** 2).sum())


@dataclass(frozen=True)
class HistoricalShocks:
    """Blocks of consecutive months of a history (K, D), begun at any of its months with equal chance; after the last
    month comes the first. The last block of a stage is cut where the stage ends.
    """

    history: Floats
    block_months: int

    def draw(self, rng: np.random.Generator, count: int, months: int) -> Floats:
        blocks = -(-months // self.block_months)
        starts = rng.integers(0, len(self.history), (count, blocks))
        month = starts[:, :, None] + np.arange(self.block_months)
        return np.asarray(self.history[month.reshape(count, -1)[:, :months] % len(self.history)])

    def log_mean(self, weights: Floats) -> float:
        return sum(
            self._log_mean_of_block(weights[first : first + self.block_months])
            for first in range(0, len(weights), self.block_months)
        )

    def _log_mean_of_block(self, weights: Floats) -> float:
        month = (np.arange(len(self.history))[:, None] + np.arange(len(weights))) % len(self.history)
        exponent = np.einsum("kmd,md->k", self.history[month], weights)
        largest = exponent.max()
        return float(largest + np.log(np.exp(exponent - largest).mean()))
