"""Solve a planning model to proven optimality, for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel, build_monolithic
from allocator.planning.point import PlanPoint
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Result

EXACT = SolveOptions(relative_gap=0.0, feasibility_tolerance=1e-9)


@dataclass(frozen=True)
class Best:
    """An optimal plan. usd: objective in USD."""

    model: PlanningModel
    x: np.ndarray
    usd: float
    point: PlanPoint

    def load_mw(self, site: int = 0) -> np.ndarray:
        """Total critical IT load of the machines of a site by node and hour, (N, T)."""
        nodes = range(len(self.model.instance.tree))
        return np.array([self.model.schedule(self.x, site, n).load_mw.sum(axis=0) for n in nodes])


def best(instance: Instance) -> Best:
    """The optimum of the whole model."""
    model = build_monolithic(instance)
    result = run(model.problem)
    x = result.point()
    return Best(model, x, 1e6 * model.problem.objective(x), model.point(x))


def run(problem: Problem) -> Result:
    return HighsSession(problem, EXACT).solve()


def relaxed(problem: Problem) -> Problem:
    """The problem without integrality."""
    return replace(problem, integer=np.zeros_like(problem.integer))
