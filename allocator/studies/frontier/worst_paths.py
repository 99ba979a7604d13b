"""Expected value against the mean of the worst paths: the best plans as the worst paths weigh more and more.

Each weight is solved for itself, from the plan of the one before. As every plan is possible at every weight, each
weight then takes the best of all plans found: so expected value never rises and the mean of the worst never falls along
the frontier, whatever gaps the solves have left. The bound of a weight is that of its own solve.
"""

from __future__ import annotations

from collections.abc import Sequence

from allocator.instance.risk import RESOLUTION
from allocator.pipeline.errors import BadInputError, NoPlanError
from allocator.plan.meta import ranked_by_usd
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.frontier.points import Found, Frontier, Point, Solves, marked
from allocator.studies.sample_figures import mean_of_worst


def frontier(loaded: LoadedScenario, weights: Sequence[float], level: float, solves: Solves) -> Frontier:
    """Points at some weights; the worst 1 - level of all paths count.

    Raises:
        PipelineError: nothing is uncertain, the level is finer than the paths, or a weight has no plan.
    """
    if loaded.scenario.uncertainty is None:
        raise BadInputError(f"{loaded.scenario.name}: nothing is uncertain; add a section uncertainty")
    bounds, found = dict[float, float | None](), list[Found]()
    for weight in sorted(set(weights)):
        name = f"weight {weight:g}"
        plan = solves.plan(name, _weighing(loaded, weight, level), found[-1].plan if found else None)
        if isinstance(plan, str):
            raise NoPlanError(f"{name} of the worst paths has no plan", [plan])
        bounds[weight] = plan.meta.bound_usd
        found.append(_found(name, plan, level))
    return Frontier(marked([_best(found, weight, bound) for weight, bound in bounds.items()]))


def _best(found: Sequence[Found], weight: float, bound: float | None) -> Point:
    best = max(found, key=lambda one: _value(one, weight))
    return Point(weight, best, _value(best, weight), bound)


def _value(one: Found, weight: float) -> float:
    """What it is worth where the worst paths have a weight."""
    return ranked_by_usd(one.expected_usd, weight, one.safety) - one.plan.meta.penalty_usd


def _weighing(loaded: LoadedScenario, weight: float, level: float) -> LoadedScenario:
    view: dict[str, object] = {"tail_weight": weight, "tail_level": level}
    if loaded.scenario.risk is None:
        return with_settings(loaded, [Setting("risk", view)])
    if loaded.scenario.risk.nested:
        view["nested"] = False
    return with_settings(loaded, [Setting(f"risk.{name}", value) for name, value in view.items()])


def _found(name: str, plan: Plan, level: float) -> Found:
    paths = plan.tables["paths"]
    chance = paths["probability"].to_numpy(dtype=float)
    if level > 1.0 - chance.min() + RESOLUTION:
        found = f"the worst {1.0 - level:.3g} of all paths is less than the least likely of {len(chance)}"
        raise BadInputError(found, ["lower --level, or ask for more paths"])
    worst = mean_of_worst(paths["npv_usd"].to_numpy(dtype=float), chance, level)
    return Found(name, plan, plan.meta.objective_usd, worst)
