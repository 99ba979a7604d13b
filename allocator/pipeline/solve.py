"""The whole run: compile, solve, assemble, measure, write, verify, publish."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.assemble import Assemble, Assembled, assemble
from allocator.pipeline.baselines import Restrict, unrestricted
from allocator.pipeline.errors import (
    BadInputError,
    EngineError,
    ExitCode,
    InfeasibleError,
    NoPlanError,
    NotVerifiedError,
    WriteError,
)
from allocator.pipeline.full_hours import measured
from allocator.pipeline.idle_limits import without_idle_limits
from allocator.pipeline.infeasible import HOURLY_LIMITS, REPAIR_WEIGHTS, conflict_lines, repair_lines
from allocator.pipeline.inputs import copied_inputs, copy_inputs, hours_choice, with_hours
from allocator.pipeline.later import widened, with_late_rows
from allocator.pipeline.machine import machine, peak_memory_mb
from allocator.pipeline.method import DEFAULTS, Answer, SolveRequest, check_request, segment_hours, solve_by
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.repairs import priced_repairs
from allocator.plan.frames import FrameError
from allocator.plan.meta import PlanMeta, RunMeta
from allocator.plan.plan import Plan
from allocator.plan.publish import PublishError, TargetError, check_target, staged
from allocator.plan.reader import PlanReadError, read_meta, read_plan
from allocator.plan.writer import write_certificate, write_meta, write_plan, write_run
from allocator.planning.build import build_monolithic
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.verify import VerificationReport, verify_plan
from allocator.verify import verify_folder as verify_tables
from allocator.work.errors import WorkersLostError
from solvers.conflict import explain
from solvers.options import UnsupportedOptionError
from solvers.result import Limit, Reason, SolverError

FULL_HOURS = "full"

NO_PLAN = "no plan meets every requirement"

MOST_EXPLAINED = 50_000
"""Segment-hours up to which a conflict is sought in the whole model; beyond, in the master, whose hours are bounds."""


@dataclass(frozen=True)
class Outcome:
    """A verified plan.

    Attributes:
        folder: where it was published, None where it was only asked for in memory.
        run: seconds by phase, memory, machine.
    """

    plan: Plan
    run: RunMeta
    folder: Path | None

    @property
    def meta(self) -> PlanMeta:
        return self.plan.meta

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.WITHIN_GAP if self.meta.within_gap else ExitCode.GAP_NOT_REACHED


def solve_scenario(
    loaded: LoadedScenario,
    out: Path | None = None,
    request: SolveRequest = DEFAULTS,
    on_progress: OnEvent = ignore,
    restrict: Restrict = unrestricted,
    assembling: Assemble = assemble,
) -> Outcome:
    """Solve a scenario; publish the verified plan in `out`, a new, empty or plan folder, or keep it in memory.

    `restrict` holds some decisions, as `baselines` does; the bound then is that of plans that keep to it.
    `assembling` makes the plan of the answer, `strike` with other hours.

    Raises:
        PipelineError: of the kind, and with the exit code, that says why there is no plan. `out` is as it was.
    """
    watch = Stopwatch(on_progress)
    check_request(request)
    _check(out)
    chosen = with_hours(loaded, request.hours)
    with watch.phase("compile"):
        instance = restrict(compiled(chosen))
    answer = answered(instance, request, watch, lambda: restrict(compiled(widened(chosen))))
    found = assembling(instance, answer, request, hours_choice(chosen), watch)
    found = _measured(found, chosen, watch)
    if out is None:
        return _kept(instance, found, answer, watch)
    return _published(loaded, instance, found, answer, out, watch)


def verify_folder(folder: Path) -> VerificationReport:
    """Verify a plan folder against the scenario inside it, alone.

    Raises:
        BadInputError: the folder is no plan, or the scenario inside cannot be read.
    """
    try:
        meta = read_meta(folder)
    except PlanReadError as error:
        raise BadInputError(str(error)) from error
    return verify_tables(instance_in(folder, meta), folder)


def plan_in(folder: Path, wanted: str = "") -> Plan:
    """The plan of a folder; BadInputError where it is none, which begins with what it was wanted for."""
    try:
        return read_plan(folder)
    except PlanReadError as error:
        raise BadInputError(f"{wanted}{error}") from error


def demand_best_hours(meta: PlanMeta) -> None:
    """BadInputError for a plan whose hours follow a strike price: a study would run them at their best instead."""
    if meta.strike_usd_per_mwh is not None:
        raise BadInputError(
            f"its hours follow a strike price, {meta.strike_usd_per_mwh:,.2f} USD/MWh: a rule to compare with",
            ["ask it of a plan of the scenario, which allocator solve makes"],
        )


def instance_in(folder: Path, meta: PlanMeta) -> Instance:
    """The instance that the plan of a folder was made for; BadInputError where its scenario cannot be read."""
    return compiled(scenario_in(folder, meta))


def scenario_in(folder: Path, meta: PlanMeta) -> LoadedScenario:
    """The scenario inside a plan folder, with the hours of the plan; BadInputError where it cannot be read."""
    return with_hours(copied_inputs(folder), meta.hours.choice)


def compiled(loaded: LoadedScenario) -> Instance:
    """The instance of a scenario; BadInputError with every fault of its series."""
    try:
        return compile_instance(loaded)
    except ScenarioFaults as error:
        raise BadInputError("the scenario has faults", [str(fault) for fault in error.faults]) from error


def _check(out: Path | None) -> None:
    try:
        if out is not None:
            check_target(out)
    except TargetError as error:
        raise BadInputError(str(error)) from error


def answered(
    instance: Instance, request: SolveRequest, watch: Stopwatch, widen: Callable[[], Instance] | None = None
) -> Answer:
    """An answer that holds a point. `widen` gives the instance with the start windows of promised contracts open.

    Raises:
        PipelineError: of the kind that says why there is none.
    """
    try:
        answer = solve_by(instance, request, watch)
        if answer.reason in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED):
            raise InfeasibleError(NO_PLAN, _conflict(instance, answer, widen) if request.explains else ())
    except UnsupportedOptionError as error:
        raise BadInputError(str(error)) from error
    except SolverError as error:
        raise EngineError(str(error)) from error
    except WorkersLostError as error:
        raise EngineError(str(error), ["nothing was written; run the same command again"]) from error
    if answer.reason is Reason.NO_POINT and answer.limit is Limit.INTERRUPT:
        raise KeyboardInterrupt  # the engine took Ctrl-C to stop early, and has nothing to show for it
    if answer.reason is Reason.NO_POINT:
        limit = answer.limit.value if answer.limit else "unknown"
        advice = "allow more time, ask for fewer representative days, or use another method"
        raise NoPlanError(f"the {limit} limit was reached before any plan was found", [advice])
    if answer.x is None:
        raise EngineError(f"the model is {answer.reason.value}: a limit or a cost of the scenario is missing")
    return answer


def _conflict(instance: Instance, answer: Answer, widen: Callable[[], Instance] | None) -> list[str]:
    """Requirements in conflict, and what would restore them."""
    whole = answer.planning.hours is not None or segment_hours(instance) > MOST_EXPLAINED
    problem = answer.planning.problem if whole else build_monolithic(instance).problem
    conflict = explain(without_idle_limits(instance, problem), weights=REPAIR_WEIGHTS, spared=HOURLY_LIMITS)
    says = [f"in conflict: {line}" for line in conflict_lines(instance, conflict.rows)]
    if widen is not None and segment_hours(instance) <= MOST_EXPLAINED and len(instance.offers.names):
        problem = with_late_rows(build_monolithic(wide := widen()).problem, instance, wide)
    if priced := priced_repairs(instance, problem):
        return [*says, *priced]
    together = "; and ".join(repair_lines(instance, conflict.repairs))
    return [*says, f"to restore: {together}"] if together else says


def _measured(found: Assembled, loaded: LoadedScenario, watch: Stopwatch) -> Assembled:
    """With the error of thinned hours in its head."""
    meta = found.plan.meta
    if meta.hours.full:
        return found
    with watch.phase("full_hours"):
        full = compiled(with_hours(loaded, FULL_HOURS))
        hours = measured(meta.hours, full, found.settled, meta.objective_usd, found.make_dispatch)
    return dataclasses.replace(found, plan=_with_meta(found.plan, dataclasses.replace(meta, hours=hours)))


def _kept(instance: Instance, found: Assembled, answer: Answer, watch: Stopwatch) -> Outcome:
    plan = found.plan
    with watch.phase("verify"):
        _demand(verify_plan(instance, plan.tables, plan.dispatch, plan.meta, found.certificate))
    return Outcome(_verified(plan), _run(watch, answer), None)


def _published(
    loaded: LoadedScenario, instance: Instance, found: Assembled, answer: Answer, out: Path, watch: Stopwatch
) -> Outcome:
    """Write everything beside its place, verify what was written, and only then publish it."""
    try:
        with staged(out) as folder:
            with watch.phase("write"):
                write_plan(found.plan, folder)
                write_certificate(found.certificate, folder)
                copy_inputs(loaded, folder)
            with watch.phase("verify"):
                _demand(verify_tables(instance, folder))
            run = _run(watch, answer)
            write_meta(_verified(found.plan).meta, folder)
            write_run(run, folder)
        return Outcome(read_plan(out), run, out)
    except TargetError as error:
        raise BadInputError(str(error)) from error
    except (PublishError, FrameError, PlanReadError) as error:
        raise WriteError(str(error)) from error


def _demand(report: VerificationReport) -> None:
    if not report.passed:
        lines = [str(violation) for violation in report.violations]
        raise NotVerifiedError("the plan broke a rule when it was derived again; nothing was published", lines)


def _verified(plan: Plan) -> Plan:
    return _with_meta(plan, dataclasses.replace(plan.meta, verified=True))


def _with_meta(plan: Plan, meta: PlanMeta) -> Plan:
    return dataclasses.replace(plan, meta=meta)


def _run(watch: Stopwatch, answer: Answer) -> RunMeta:
    return RunMeta(dict(watch.seconds), peak_memory_mb(), machine(), dict(answer.statistics))
