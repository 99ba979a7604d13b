"""All series together: logarithms that move linearly from month to month, shocks with exact exponential means.

    z[k+1] = A z[k] + u[k+1],   z[0] = 0

z holds one logarithm a series; the difficulty of the network enters through hashprice, which is what mining earns:
with price x, difficulty y and subsidy and fees on their own paths, hashprice moves with x - y.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.uncertainty.processes import (
    MONTHS_PER_YEAR,
    Historical,
    JumpDiffusion,
    PriceResponse,
    Process,
    kept_share,
)
from allocator.uncertainty.shocks import GaussianShocks, HistoricalShocks, JumpShocks, Shocks
from allocator.uncertainty.types import Bools, Floats

PRICE, DIFFICULTY, HASHPRICE = "btc_price", "difficulty", "hashprice"


@dataclass(frozen=True)
class LogLinearModel:
    """D series.

    Attributes:
        names: of the series; DIFFICULTY never is one, HASHPRICE stands for it.
        transition: A, (D, D). shocks: sources whose sum is u.
    """

    names: tuple[str, ...]
    transition: Floats
    shocks: tuple[Shocks, ...]

    @property
    def wanders(self) -> Bools:
        """Series that keep all that ever moved them and nothing else: no reversion, no response to another, (D,)."""
        return np.asarray((self.transition == np.eye(len(self.names))).all(axis=1))

    def after(self, months: int) -> Floats:
        """What is left of a state after some months, A ** months, (D, D)."""
        return np.linalg.matrix_power(self.transition, months)

    def weights(self, months: int, ahead: int = 0) -> Floats:
        """How the shocks of each month of a stage count in each series at its end or `ahead` months later,
        (D series, months, D shocks).
        """
        return np.stack([self.after(ahead + months - 1 - month) for month in range(months)], axis=1)

    def draw(self, rng: np.random.Generator, count: int, months: int) -> Floats:
        """Shocks of `count` independent stages, (count, months, D)."""
        none = np.zeros((count, months, len(self.names)))
        return np.asarray(none + sum(source.draw(rng, count, months) for source in self.shocks))

    def gather(self, shocks: Floats) -> Floats:
        """What shocks (count, months, D) have come to at the end of their stage, (count, D)."""
        return np.asarray(np.einsum("smd,cmd->cs", self.weights(shocks.shape[1]), shocks))

    def log_mean(self, months: int, ahead: int = 0) -> Floats:
        """log E[exp(what the shocks of a stage come to)] at its end or `ahead` months later, by series, (D,)."""
        return np.array([sum(source.log_mean(own) for source in self.shocks) for own in self.weights(months, ahead)])


def make_model(processes: Mapping[str, Process], correlation: Floats, averaged: Collection[str] = ()) -> LogLinearModel:
    """The model of some processes.

    Args:
        processes: by name; PRICE and DIFFICULTY for the network, any other name for a series of its own.
        correlation: of their monthly shocks, (processes, processes), in the order of `processes`.
        averaged: names whose own shocks are left out: the series follows its mean, given what the others do.

    Raises:
        ValueError: a correlation with a series whose shocks are drawn from history.
    """
    names, loading = _loading(list(processes))
    sources: list[Shocks] = [GaussianShocks(_covariance(processes, correlation, averaged, loading))]
    sources += _jumps(processes, averaged, loading)
    sources += _historical(processes, averaged, loading)
    return LogLinearModel(names, _transition(processes, names), tuple(sources))


def _loading(processes: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Names of the series, and how the shock of each process enters each series, (series, processes)."""
    series = [HASHPRICE if name == DIFFICULTY else name for name in processes]
    if PRICE in series and HASHPRICE not in series:
        series.insert(series.index(PRICE) + 1, HASHPRICE)
    loading = np.zeros((len(series), len(processes)))
    for column, name in enumerate(processes):
        if name == DIFFICULTY:
            loading[series.index(HASHPRICE), column] = -1.0
        else:
            loading[series.index(name), column] = 1.0
        if name == PRICE:
            loading[series.index(HASHPRICE), column] = 1.0
    return tuple(series), loading


def _transition(processes: Mapping[str, Process], names: Sequence[str]) -> Floats:
    transition = np.eye(len(names))
    for name, process in processes.items():
        if isinstance(process, PriceResponse):
            kept, row = kept_share(process.half_life_months), names.index(HASHPRICE)
            transition[row, row] = kept
            if PRICE in names:
                transition[row, names.index(PRICE)] = (1.0 - kept) * (1.0 - process.elasticity)
        elif not isinstance(process, JumpDiffusion | Historical):
            row = names.index(name)
            transition[row, row] = kept_share(process.half_life_months)
    return transition


def _covariance(
    processes: Mapping[str, Process], correlation: Floats, averaged: Collection[str], loading: Floats
) -> Floats:
    volatility = np.array([0.0 if name in averaged else _volatility(p) for name, p in processes.items()])
    monthly = volatility / np.sqrt(MONTHS_PER_YEAR)
    for position, (name, process) in enumerate(processes.items()):
        if isinstance(process, Historical) and np.delete(correlation[position], position).any():
            raise ValueError(f"{name} is drawn from history, which leaves no shock of its own to correlate")
    return np.asarray(loading @ (correlation * np.outer(monthly, monthly)) @ loading.T)


def _volatility(process: Process) -> float:
    return 0.0 if isinstance(process, Historical) else process.volatility_per_year


def _jumps(processes: Mapping[str, Process], averaged: Collection[str], loading: Floats) -> list[Shocks]:
    return [
        JumpShocks(p.jumps.per_year / MONTHS_PER_YEAR, p.jumps.mean_log, p.jumps.volatility_log, loading[:, k])
        for k, (name, p) in enumerate(processes.items())
        if isinstance(p, JumpDiffusion) and p.jumps is not None and name not in averaged
    ]


def _historical(processes: Mapping[str, Process], averaged: Collection[str], loading: Floats) -> list[Shocks]:
    drawn = [
        (p.log_changes[:, None] * loading[:, k], p.block_months)
        for k, (name, p) in enumerate(processes.items())
        if isinstance(p, Historical) and name not in averaged
    ]
    if not drawn:
        return []
    months = min(len(history) for history, _ in drawn)
    history = np.sum([own[len(own) - months :] for own, _ in drawn], axis=0)
    return [HistoricalShocks(history, max(block for _, block in drawn))]
