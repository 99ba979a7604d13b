"""Expected value against the mean of the worst paths: the best plans as the worst paths weigh more and more.

Each weight is solved for itself, from the plan of the one before. As every plan is possible at every weight, each
weight then takes the best of all plans found: so expected value never rises and the mean of the worst never falls along
the frontier, whatever gaps the solves have left. The bound of a weight is that of its own solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from allocator.instance.risk import RESOLUTION
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import solve_scenario
from allocator.plan.meta import ranked_by_usd
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario
from allocator.scenario.risk import RiskView
from allocator.studies.sample_figures import mean_of_worst


@dataclass(frozen=True)
class Found:
    """A plan, its expected value and its mean of the worst paths, and the price of limits it breaks, USD."""

    plan: Plan
    expected_usd: float
    worst_usd: float
    penalty_usd: float

    def at(self, weight: float) -> float:
        """What it is worth where the worst paths have a weight."""
        return ranked_by_usd(self.expected_usd, weight, self.worst_usd) - self.penalty_usd


@dataclass(frozen=True)
class Point:
    """The best plan at one weight of the worst paths, and what no plan beats there, None while unknown."""

    weight: float
    best: Found
    bound_usd: float | None

    @property
    def relative_gap(self) -> float | None:
        """(bound - value) / max(1, |value|); None while the bound is unknown."""
        value = self.best.at(self.weight)
        return None if self.bound_usd is None else max(0.0, self.bound_usd - value) / max(1.0, abs(value))


def frontier(
    loaded: LoadedScenario, weights: Sequence[float], level: float, request: SolveRequest, on_event: OnEvent = ignore
) -> tuple[Point, ...]:
    """Points at some weights, in rising order; the worst 1 - level of all paths count.

    Raises:
        PipelineError: nothing is uncertain, the level is finer than the paths, or a weight has no plan.
    """
    if loaded.scenario.uncertainty is None:
        raise BadInputError(f"{loaded.scenario.name}: nothing is uncertain; add a section uncertainty")
    bounds, plans = dict[float, float | None](), list[Found]()
    for weight in sorted(set(weights)):
        found = solve_scenario(_weighing(loaded, weight, level), None, request, on_event).plan
        bounds[weight] = found.meta.bound_usd
        plans.append(_found(found, level))
        request = replace(request, start=found)
    return tuple(Point(weight, max(plans, key=lambda one: one.at(weight)), bounds[weight]) for weight in bounds)


def _weighing(loaded: LoadedScenario, weight: float, level: float) -> LoadedScenario:
    risk = RiskView(tail_weight=weight, tail_level=level)
    return replace(loaded, scenario=loaded.scenario.model_copy(update={"risk": risk}))


def _found(plan: Plan, level: float) -> Found:
    paths = plan.tables["paths"]
    chance = paths["probability"].to_numpy(dtype=float)
    if level > 1.0 - chance.min() + RESOLUTION:
        found = f"the worst {1.0 - level:.3g} of all paths is less than the least likely of {len(chance)}"
        raise BadInputError(found, ["lower --level, or ask for more paths"])
    worst = mean_of_worst(paths["npv_usd"].to_numpy(dtype=float), chance, level)
    return Found(plan, plan.meta.objective_usd, worst, plan.meta.penalty_usd)
