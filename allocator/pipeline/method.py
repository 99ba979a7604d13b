"""The ways to solve an instance, behind one answer: decisions, both bounds, why it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import DecompositionOptions, Round
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.progress import OnEvent, Solving, Stopwatch
from allocator.planning.build import PlanningModel, build_monolithic
from allocator.planning.context import USD_PER_MUSD
from solvers.backends.base import Progress
from solvers.options import SolveOptions
from solvers.registry import get_backend, solve
from solvers.result import Limit, Reason


@dataclass(frozen=True)
class SolveRequest:
    """What the caller asks for.

    Attributes:
        method: one of METHODS. backend: engine, as `solvers` names it.
        relative_gap: proven gap that is enough. time_limit_s: seconds of solving; None for none.
        threads, seed: of the engine; None for its own default.
        hours: "full" or a number of representative days instead of the scenario's choice; None keeps that.
    """

    method: str = "monolithic"
    backend: str = "highs"
    relative_gap: float = 1e-3
    time_limit_s: float | None = None
    threads: int | None = None
    seed: int | None = None
    hours: str | None = None


DEFAULTS = SolveRequest()


@dataclass(frozen=True)
class Answer:
    """What a method found. Objective and bound in USD.

    Attributes:
        planning: the model that was solved. x: its best point (columns,), None without one.
        objective_usd: None without a point. bound_usd: +inf while unknown.
        engine, engine_version: what solved it. statistics: of the engine, for run.json.
        certificate: evidence of the bound, for certificate.json; None where the method has none.
    """

    planning: PlanningModel
    x: Floats | None
    objective_usd: float | None
    bound_usd: float
    reason: Reason
    limit: Limit | None
    engine: str
    engine_version: str
    statistics: Mapping[str, float]
    certificate: Mapping[str, object] | None = None


Method = Callable[[Instance, SolveRequest, Stopwatch], Answer]


def find_method(name: str) -> Method:
    """The method of that name; BadInputError names those there are."""
    if name not in METHODS:
        raise BadInputError(f"method {name!r} is unknown; there are {', '.join(METHODS)}")
    return METHODS[name]


def monolithic(instance: Instance, request: SolveRequest, watch: Stopwatch) -> Answer:
    """Everything in one model, any backend."""
    backend = get_backend(request.backend)
    with watch.phase("build"):
        planning = build_monolithic(instance)
    options = SolveOptions(
        time_limit_s=request.time_limit_s,
        relative_gap=request.relative_gap,
        threads=request.threads,
        seed=request.seed,
    )
    with watch.phase("solve"):
        result = solve(planning.problem, request.backend, options, on_progress=_relay(watch.on_event))
    return Answer(
        planning=planning,
        x=result.x,
        objective_usd=None if result.primal_bound is None else result.primal_bound * USD_PER_MUSD,
        bound_usd=result.dual_bound * USD_PER_MUSD,
        reason=result.reason,
        limit=result.limit,
        engine=request.backend,
        engine_version=backend.version(),
        statistics=result.statistics,
    )


def decomposed(instance: Instance, request: SolveRequest, watch: Stopwatch) -> Answer:
    """Decisions in a master, hours dispatched apart, joined by cuts; HiGHS only."""
    if request.backend != "highs":
        raise BadInputError(f"method decomposed works with backend highs, not {request.backend}")
    options = DecompositionOptions(
        relative_gap=request.relative_gap,
        time_limit_s=request.time_limit_s,
        threads=request.threads,
        seed=0 if request.seed is None else request.seed,
    )
    with watch.phase("solve"):
        found = solve_decomposed(instance, options, _relay_rounds(watch.on_event))
    last = found.rounds[-1] if found.rounds else None
    return Answer(
        planning=found.planning,
        x=found.x,
        objective_usd=None if found.objective_musd is None else found.objective_musd * USD_PER_MUSD,
        bound_usd=found.bound_musd * USD_PER_MUSD,
        reason=found.reason,
        limit=found.limit,
        engine=request.backend,
        engine_version=get_backend(request.backend).version(),
        statistics={"rounds": float(len(found.rounds)), "cuts": float(last.cuts if last else 0)},
    )


METHODS: Mapping[str, Method] = MappingProxyType({"monolithic": monolithic, "decomposed": decomposed})
"""Ways to solve, the default first."""


def _relay(on_event: OnEvent) -> Callable[[Progress], None]:
    """Progress of an engine, in MUSD, as events in USD."""
    return lambda now: on_event(_solving(now.seconds, now.incumbent, now.bound, now.gap))


def _relay_rounds(on_event: OnEvent) -> Callable[[Round], None]:
    return lambda now: on_event(_solving(now.seconds, now.incumbent_musd, now.bound_musd, now.gap))


def _solving(seconds: float, incumbent_musd: float | None, bound_musd: float, gap: float) -> Solving:
    return Solving(
        seconds=seconds,
        incumbent_usd=None if incumbent_musd is None else incumbent_musd * USD_PER_MUSD,
        bound_usd=bound_musd * USD_PER_MUSD if np.isfinite(bound_musd) else None,
        gap=gap if np.isfinite(gap) else None,
    )
