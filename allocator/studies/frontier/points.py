"""Points of a frontier: what was asked, the best plan found for it, and what no plan beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from allocator.pipeline.errors import InfeasibleError, NoPlanError
from allocator.pipeline.inputs import with_hours
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent
from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.plan.schema import partition
from allocator.scenario.load import LoadedScenario
from allocator.studies.compared import PLANS, known_plan
from allocator.studies.frontier.knees import knees

ROUNDING = 1e-12


@dataclass(frozen=True)
class Found:
    """A plan by the name it is kept under, its expected value, USD, and its figure of safety."""

    name: str
    plan: Plan
    expected_usd: float
    safety: float


@dataclass(frozen=True)
class Point:
    """The best plan for what was asked.

    Attributes:
        asked: weight of the worst paths, or least headroom.
        value_usd: what plans are ranked by here. bound_usd: what no plan beats in it, None while unknown.
    """

    asked: float
    best: Found
    value_usd: float
    bound_usd: float | None
    is_knee: bool = False

    @property
    def relative_gap(self) -> float | None:
        """(bound - value) / max(1, |value|), a rounding of sums counted as 0; None while the bound is unknown."""
        if self.bound_usd is None:
            return None
        gap = (self.bound_usd - self.value_usd) / max(1.0, abs(self.value_usd))
        return gap if gap > ROUNDING else 0.0


@dataclass(frozen=True)
class Refused:
    """What was asked and has no plan, and why."""

    asked: float
    reason: str


@dataclass(frozen=True)
class Frontier:
    """Points in rising order of what was asked."""

    points: tuple[Point, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Solves:
    """How points are solved, and the folder that keeps their plans; None: they are kept in memory."""

    request: SolveRequest
    home: Path | None
    on_event: OnEvent

    def plan(self, name: str, loaded: LoadedScenario, start: Plan | None) -> Plan | str:
        """The verified plan of a point, from another one as starting point: read again where its inputs are the same;
        in words why there is none."""
        folder = None if self.home is None else self.home / PLANS / partition(name)
        request = replace(self.request, start=start)
        known = None if folder is None else known_plan(folder, with_hours(loaded, request.hours), "", request)
        if known is not None:
            return known
        try:
            return solve_scenario(loaded, folder, request, self.on_event).plan
        except (InfeasibleError, NoPlanError) as error:
            return "; ".join([str(error), *error.details[:2]])


def marked(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points with those that are knees marked."""
    safety = np.array([point.best.safety for point in points])
    value = np.array([point.best.expected_usd for point in points])
    return tuple(replace(one, is_knee=bool(knee)) for one, knee in zip(points, knees(safety, value), strict=True))
