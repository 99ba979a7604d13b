"""The ways to solve an instance, behind one answer: decisions, both bounds, why it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from allocator.decomposition.benders import Hint, solve_decomposed
from allocator.decomposition.known import KnownCuts
from allocator.decomposition.rounds import DecompositionOptions, Round
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.machine import usable_cores, versions
from allocator.pipeline.progress import OnEvent, Solving, Stopwatch
from allocator.pipeline.start import all_decided_by, starting_point
from allocator.plan.plan import Plan
from allocator.planning.build import PlanningModel, build_monolithic
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.relaxation import Relaxation
from allocator.work.executors import Staff
from solvers.backends.base import Capability, Progress, check_options
from solvers.options import SolveOptions, UnsupportedOptionError
from solvers.problem import Problem
from solvers.registry import UnknownBackendError, get_backend, solve
from solvers.result import Limit, Reason

AUTO = "auto"
IN_PARTS = "decomposed"
"""The method that dispatches hours apart from the decisions."""
LARGEST_GAP = 1.0
"""A relative gap beyond this is a slip, such as 5 for 5 %."""
SMALL = 3_000
"""Segment-hours up to which one model is quicker than a decomposition."""
INTERRUPTED = Limit.INTERRUPT.value
"""Limit in `PlanMeta` of a solve that Ctrl-C ended early."""


@dataclass(frozen=True)
class SolveRequest:
    """What the caller asks for.

    Attributes:
        method: "auto", or one of METHODS. backend: engine, as `solvers` names it.
        relative_gap: proven gap that is enough. gap_usd: proven difference that is enough for a decomposition, where
            the value may be near 0. time_limit_s: seconds of solving; None for none.
        threads, seed: of the engine; None for its own default.
        workers: how many site-nodes a decomposition dispatches side by side; None for one a core. The plan does not
            depend on it.
        staff: who dispatches them instead of threads of this process, such as a cluster.
        hours: "full" or a number of representative days instead of the scenario's choice; None keeps that.
        start: an older plan whose decisions are tried first, and whose relaxation is taken up; a decomposition uses
            it, one whole model does not.
        known: cuts of earlier solves of this or a like scenario, used and added to by a decomposition; None: none.
        explains: say in words why each contract is accepted or refused and, where no plan is possible, which
            requirements are in conflict; the latter takes longer than a solve.
    """

    method: str = AUTO
    backend: str = "highs"
    relative_gap: float = 1e-3
    gap_usd: float = 0.0
    time_limit_s: float | None = None
    threads: int | None = None
    seed: int | None = None
    workers: int | None = None
    staff: Staff | None = None
    hours: str | None = None
    start: Plan | None = None
    known: KnownCuts | None = None
    explains: bool = True

    def remembering(self) -> SolveRequest:
        """The same, whose solves share the cuts that they find from here on."""
        return replace(self, known=KnownCuts())


DEFAULTS = SolveRequest()


@dataclass(frozen=True)
class Answer:
    """What a method found. Objective and bound in USD.

    Attributes:
        planning: the model that was solved. x: its best point (columns,), None without one.
        objective_usd: None without a point. bound_usd: +inf while unknown.
        method: how it was solved, a name in METHODS. engine, engine_version: what solved it.
        statistics: of the engine, for run.json.
        bounded: of a decomposition, the problem that proves the bound: decisions, and cuts that stand for the hours.
        root_duals: prices of the relaxation of `bounded`, (rows,), where the solve had them.
        relaxation: what that relaxation leaves to a later solve.
        master: of a decomposition, `planning.build.build_master` of the instance: whoever needs it again has it.
    """

    planning: PlanningModel
    x: Floats | None
    objective_usd: float | None
    bound_usd: float
    reason: Reason
    limit: Limit | None
    method: str
    engine: str
    engine_version: str
    statistics: Mapping[str, float]
    bounded: Problem | None = None
    root_duals: Floats | None = None
    relaxation: Relaxation | None = None
    master: Problem | None = None

    @property
    def was_interrupted(self) -> bool:
        """Whether Ctrl-C ended the solve early, with what was found till then."""
        return self.limit is Limit.INTERRUPT


Method = Callable[[Instance, SolveRequest, Stopwatch], Answer]


def solve_by(instance: Instance, request: SolveRequest, watch: Stopwatch) -> Answer:
    """Solve by the method asked for, or the one that suits the size of the instance."""
    name = suited(instance, request.backend) if request.method == AUTO else request.method
    return METHODS[name](instance, request, watch)


def check_request(request: SolveRequest) -> None:
    """Refuse what no method or engine can honour, before any work.

    Raises:
        BadInputError: unknown method or backend, an engine that is not installed, an option out of range or
            one that the engine cannot honour.
    """
    if not 0.0 <= request.relative_gap <= LARGEST_GAP:
        raise BadInputError(f"relative_gap is {request.relative_gap}, expected a share from 0 to {LARGEST_GAP:g}")
    if request.method not in (AUTO, *METHODS):
        raise BadInputError(f"method {request.method!r} is unknown; there are {', '.join((AUTO, *METHODS))}")
    if request.method == IN_PARTS and request.backend != DECOMPOSED_BACKEND:
        raise BadInputError(f"method {IN_PARTS} works with backend {DECOMPOSED_BACKEND}, not {request.backend}")
    try:
        backend = get_backend(request.backend)
    except UnknownBackendError as error:
        raise BadInputError(str(error)) from error
    if Capability.MIP not in backend.capabilities or Capability.INTEGER_ONLY in backend.capabilities:
        raise BadInputError(f"backend {request.backend} cannot solve plans, which mix whole numbers with hourly loads")
    try:
        check_options(backend, engine_options(request))
    except (UnsupportedOptionError, ValueError) as error:
        raise BadInputError(str(error)) from error
    if not backend.is_available():
        raise BadInputError(f"backend {request.backend} is not installed here; see allocator solvers")


def versions_behind(request: SolveRequest) -> dict[str, str]:
    """Versions that the answer to a request depends on."""
    return versions(request.backend, get_backend(request.backend).version())


def suited(instance: Instance, backend: str) -> str:
    """One model for small instances and for engines that only know that; a decomposition for the others."""
    if backend != DECOMPOSED_BACKEND or segment_hours(instance) <= SMALL:
        return "monolithic"
    return IN_PARTS


def segment_hours(instance: Instance) -> int:
    """Hourly loads of the whole model: steps of each site times its segments."""
    steps = instance.hours.counts.sum(axis=1)
    return int(steps @ np.bincount(instance.segments.site, minlength=len(steps)))


def engine_options(request: SolveRequest) -> SolveOptions:
    """The request in the terms of an engine; ValueError for a number out of range."""
    return SolveOptions(
        time_limit_s=request.time_limit_s,
        relative_gap=request.relative_gap,
        threads=request.threads,
        seed=request.seed,
    )


def monolithic(instance: Instance, request: SolveRequest, watch: Stopwatch) -> Answer:
    """Everything in one model, any backend."""
    backend = get_backend(request.backend)
    with watch.phase("build"):
        planning = build_monolithic(instance)
    options, relay = engine_options(request), _relay(watch.on_event)
    with watch.phase("solve"):
        result = solve(planning.problem, request.backend, options, on_progress=relay)
    return Answer(
        planning=planning,
        x=result.x,
        objective_usd=None if result.primal_bound is None else result.primal_bound * USD_PER_MUSD,
        bound_usd=result.dual_bound * USD_PER_MUSD,
        reason=result.reason,
        limit=result.limit,
        method="monolithic",
        engine=request.backend,
        engine_version=backend.version(),
        statistics=result.statistics,
    )


def decomposed(instance: Instance, request: SolveRequest, watch: Stopwatch) -> Answer:
    """Decisions in a master, hours dispatched apart, joined by cuts; HiGHS only."""
    options = DecompositionOptions(
        relative_gap=request.relative_gap,
        gap_musd=request.gap_usd / USD_PER_MUSD,
        time_limit_s=request.time_limit_s,
        threads=request.threads,
        seed=0 if request.seed is None else request.seed,
        workers=request.workers or usable_cores(),
        staff=request.staff,
    )
    on_round, hint = _relay_rounds(watch.on_event), _start(instance, request)
    before = None if request.start is None else request.start.relaxation
    with watch.phase("solve"):
        found = solve_decomposed(instance, options, on_round, hint, request.known, before)
    last = found.rounds[-1] if found.rounds else None
    return Answer(
        planning=found.planning,
        x=found.x,
        objective_usd=None if found.objective_musd is None else found.objective_musd * USD_PER_MUSD,
        bound_usd=found.bound_musd * USD_PER_MUSD,
        reason=found.reason,
        limit=found.limit,
        method=IN_PARTS,
        engine=request.backend,
        engine_version=get_backend(request.backend).version(),
        statistics={"rounds": float(len(found.rounds)), "cuts": float(last.cuts if last else 0)},
        bounded=found.bounded,
        root_duals=found.root_duals,
        relaxation=found.relaxation,
        master=found.master,
    )


def _start(instance: Instance, request: SolveRequest) -> Hint | None:
    """The decisions of the plan to start from, once the master they are looked up in is built."""
    plan = request.start
    if plan is None:
        return None
    if instance.decided is not None and not instance.decided.kept_by(all_decided_by(instance, plan.tables)):
        return None  # it would only be tried to be refused
    return lambda planning: starting_point(planning.instance, planning.problem, plan.tables)


METHODS: Mapping[str, Method] = MappingProxyType({"monolithic": monolithic, IN_PARTS: decomposed})
"""Ways to solve, by name."""

DECOMPOSED_BACKEND = "highs"


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
