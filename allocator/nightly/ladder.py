"""From the best plan down to the one of yesterday: never an unverified plan, never nothing once there was one.

1. `solved`: the scenario solved from the decisions of the last plan, committed ones held, within the deadline.
2. `reprojected`: every decision of the last plan held, its hours and money on today's data. Also where a plan was
   solved but not proven in time, and the last decisions are worth more.
3. Neither: the published plan stays what it is.

Each plan is verified before it counts; what went wrong on a rung is an alert.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.pipeline.baselines import Restrict
from allocator.pipeline.errors import ExitCode, PipelineError
from allocator.pipeline.forced import both
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.pipeline.start import decided_by
from allocator.plan.meta import PlanMeta
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario

SOLVED, REPROJECTED, KEPT = "solved", "reprojected", "kept"


@dataclass(frozen=True)
class Rung:
    """A verified plan in a folder, and where it comes from."""

    name: str
    folder: Path
    outcome: Outcome


@dataclass(frozen=True)
class Task:
    """What a night solves.

    Attributes:
        held: keeps to what is committed. last: the published plan, None before the first. home: a folder to work in.
    """

    loaded: LoadedScenario
    request: SolveRequest
    held: Restrict
    last: Plan | None
    home: Path
    on_event: OnEvent


def climb_down(task: Task, alerts: list[Alert]) -> Rung | None:
    """The first rung that holds; None where none does. Alerts say why higher ones do not.

    Raises:
        PipelineError: there is no rung, and no older plan either.
    """
    errors: list[Exception] = []
    solved = _tried(SOLVED, _solved, task, alerts, errors)
    proven = solved is not None and solved.outcome.meta.within_gap
    if task.last is None or proven:
        if solved is None:
            raise errors[0]
        return _told(solved, alerts)
    projected = _tried(REPROJECTED, _reprojected, task, alerts, errors)
    return _told(_better(solved, projected), alerts)


def exit_code(rung: str, meta: PlanMeta) -> ExitCode:
    """What a night ends with that publishes a plan of a rung."""
    if rung == REPROJECTED:
        return ExitCode.FALLBACK_PUBLISHED
    return ExitCode.WITHIN_GAP if meta.within_gap else ExitCode.GAP_NOT_REACHED


def _better(one: Rung | None, other: Rung | None) -> Rung | None:
    if one is None or other is None:
        return one or other
    return other if other.outcome.meta.maximised_usd > one.outcome.meta.maximised_usd else one


def _told(rung: Rung | None, alerts: list[Alert]) -> Rung | None:
    if rung is not None and rung.name == SOLVED and not rung.outcome.meta.within_gap:
        gap = rung.outcome.meta.relative_gap
        known = "unknown" if gap is None else f"{100 * gap:.3g} %"
        alerts.append(Alert(Severity.WARNING, "gap_not_reached", f"the plan is verified, its gap is {known}", "gap"))
    if rung is not None and rung.name == REPROJECTED:
        words = "the decisions of the plan before are published, on today's data"
        alerts.append(Alert(Severity.CRITICAL, "fallback_published", words))
    return rung


def _solved(task: Task) -> Rung:
    request = replace(task.request, start=task.last)
    folder = task.home / SOLVED
    return Rung(SOLVED, folder, solve_scenario(task.loaded, folder, request, task.on_event, task.held))


def _reprojected(task: Task) -> Rung:
    assert task.last is not None
    tables = task.last.tables

    def hold(instance: Instance) -> Instance:
        return replace(instance, decided=decided_by(instance, tables))

    request = replace(task.request, start=None, explains=False, time_limit_s=None)
    folder = task.home / REPROJECTED
    outcome = solve_scenario(task.loaded, folder, request, task.on_event, both(task.held, hold))
    return Rung(REPROJECTED, folder, outcome)


def _tried(
    name: str, rung: Callable[[Task], Rung], task: Task, alerts: list[Alert], errors: list[Exception]
) -> Rung | None:  # fmt: skip
    """A rung, or None and an alert: whatever fails here, a night has others left."""
    try:
        return rung(task)
    except PipelineError as error:
        errors.append(error)
        words = "; ".join((error.message, *error.details[:5]))
        alerts.append(Alert(Severity.CRITICAL, f"{name}_failed", words))
    except Exception as error:
        errors.append(error)
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        alerts.append(Alert(Severity.CRITICAL, f"{name}_crashed", words))
    return None
