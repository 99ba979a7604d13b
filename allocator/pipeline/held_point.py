"""The point left of an instance whose whole decisions are all held: machines moved as decided, hours not looked at."""

from __future__ import annotations

from allocator.instance.types import Instance
from allocator.pipeline.errors import EngineError
from allocator.planning.build import build_master
from allocator.planning.point import PlanPoint, plan_point
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions

EXACT = SolveOptions(feasibility_tolerance=1e-9, relative_gap=0.0)


def held_point(instance: Instance) -> PlanPoint:
    """Decisions to be settled; treasury, production and tail are those of hours that earn what they could at most.

    Raises:
        EngineError: what is held leaves nothing.
    """
    problem = build_master(instance).problem
    result = HighsSession(problem, EXACT).solve()
    if not result.has_point:
        raise EngineError("the decisions in the tables of the plan are no point of its scenario")
    return plan_point(instance, problem, result.point())
