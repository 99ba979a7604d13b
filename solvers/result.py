"""What a solve returns: why it stopped, which limit, both bounds, a point, duals, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from solvers.problem import Problem


class Reason(Enum):
    """Why the solver stopped. A status never stands without bounds."""

    OPTIMAL = "optimal"
    """Proven within the requested gap."""
    FEASIBLE = "feasible"
    """A limit was reached with a point in hand; see `limit` and the bounds."""
    NO_POINT = "no_point"
    """A limit was reached with no point."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"


class Limit(Enum):
    """Which limit stopped a solve that ended early."""

    TIME = "time"
    WORK = "work"
    MEMORY = "memory"
    INTERRUPT = "interrupt"
    OTHER = "other"


class SolverError(RuntimeError):
    """The engine failed: crash, hang, or a status it could not explain. The message says the next step."""


@dataclass(frozen=True)
class Duals:
    """Prices of a linear program: d(objective)/d(row bound), d(objective)/d(column bound).

    For a problem with integers these belong to `fixed_integers=True`: the linear program left after
    the integers are fixed at the returned point. Signs follow the problem's own sense: for "max", a
    binding upper row bound has a dual >= 0.
    """

    row: NDArray[np.float64]
    column: NDArray[np.float64]
    fixed_integers: bool


@dataclass(frozen=True)
class Result:
    """Outcome of one solve.

    `primal_bound` is the objective of `x` (None without a point); `dual_bound` is what no point can
    beat (+-inf when unknown). Both in the problem's own sense.
    """

    reason: Reason
    limit: Limit | None
    primal_bound: float | None
    dual_bound: float
    x: NDArray[np.float64] | None
    duals: Duals | None = None
    backend: str = ""
    statistics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        early = self.reason in (Reason.FEASIBLE, Reason.NO_POINT)
        if early != (self.limit is not None):
            raise ValueError(f"reason {self.reason} and limit {self.limit} contradict each other")
        has_point = self.reason in (Reason.OPTIMAL, Reason.FEASIBLE)
        if has_point != (self.x is not None) or has_point != (self.primal_bound is not None):
            raise ValueError(f"reason {self.reason} does not fit the point it carries")

    @property
    def has_point(self) -> bool:
        return self.x is not None

    def point(self) -> NDArray[np.float64]:
        """The point, or SolverError when there is none."""
        if self.x is None:
            raise SolverError(f"{self.backend} returned no point: {self.reason.value}")
        return self.x

    def relative_gap(self) -> float:
        """|dual_bound - primal_bound| / max(1e-9, |primal_bound|); inf without a point."""
        return relative_gap(self.primal_bound, self.dual_bound)


def relative_gap(primal_bound: float | None, dual_bound: float) -> float:
    """|dual - primal| / max(1e-9, |primal|); inf without a point or a finite bound."""
    if primal_bound is None or not np.isfinite(dual_bound):
        return float("inf")
    return abs(dual_bound - primal_bound) / max(1e-9, abs(primal_bound))


def values(result: Result, problem: Problem, family: str) -> NDArray[np.float64]:
    """The part of the point that belongs to one variable family, shape (len(family.index),)."""
    return result.point()[problem.columns[family].slice]
