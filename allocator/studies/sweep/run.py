"""Runs a sweep: the plan of the scenario as it stands, then every point from there, and the table.

Every point starts from the plan of the scenario itself and is solved by one thread, so the table is the same whatever
does the work, in whatever order, and however often it was stopped and continued.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from allocator.pipeline.errors import EngineError, InfeasibleError, NoPlanError, WriteError
from allocator.pipeline.inputs import hours_choice, with_hours
from allocator.pipeline.method import SolveRequest, check_request, versions_behind
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_plan
from allocator.scenario.load import LoadedScenario
from allocator.studies.sweep import results
from allocator.studies.sweep.case import Case, packed
from allocator.studies.sweep.checkpoints import BASE, Checkpoints, opened
from allocator.studies.sweep.design import HYPERCUBE, HYPERCUBES, Design
from allocator.studies.sweep.inputs import check_inputs
from allocator.studies.sweep.point import solve_point
from allocator.studies.sweep.points import Finished, Point, lost
from allocator.studies.sweep.record import Record, write_record
from allocator.work.errors import WorkersLostError
from allocator.work.executors import Staff
from allocator.work.schedule import MOST_DEATHS, Schedule


@dataclass(frozen=True)
class Progress:
    """State of a sweep.

    Attributes:
        done, failed: points, of all there are; `before` of the done ones were found finished.
        seconds: since this run began with the points. workers: how many of them are solved side by side.
    """

    done: int
    failed: int
    total: int
    before: int
    seconds: float
    workers: int

    @property
    def remaining_s(self) -> float | None:
        """Seconds that are left at the pace of this run; None before its first point."""
        own = self.done - self.before
        return self.seconds / own * (self.total - self.done) if own else None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Swept:
    """A finished sweep.

    Attributes:
        table: as written. finished: every point, by number. base: plan of the scenario as it stands, None without one.
    """

    design: Design
    table: pa.Table
    finished: Mapping[int, Finished]
    base: Plan | None


def sweep(
    loaded: LoadedScenario,
    design: Design,
    request: SolveRequest,
    out: Path,
    staff: Staff,
    on_event: OnEvent = ignore,
    on_progress: OnProgress = lambda _: None,
) -> Swept:
    """Solve every point of a design, or those that an earlier run of the same sweep left, and write `out`.

    Raises:
        BadInputError: an input is no place of the scenario, or `out` holds something else. WriteError: `out` cannot be
            written. EngineError: whoever solves the points is gone; what is finished is kept.
    """
    check_request(request)
    chosen = with_hours(loaded, request.hours)
    names = tuple(axis.name for axis in design.axes)
    check_inputs(chosen, names)
    kept = opened(out, _identity(chosen, design, request))
    base = _base(loaded, request, out / BASE, on_event)
    case = packed(loaded, names, _of_a_point(request, base))
    record = _finished(design, kept, case, staff, on_progress)
    table = results.to_arrow(names, design.points(), record.points)
    try:
        results.write(table, out)
        write_record(record, out)
    except OSError as error:
        raise WriteError(f"{out} was not written: {error}") from error
    return Swept(design, table, record.points, base)


def _identity(chosen: LoadedScenario, design: Design, request: SolveRequest) -> dict[str, object]:
    """All that the table depends on, as plain data."""
    knobs, names = chosen.scenario.knobs, {axis.name for axis in design.axes}
    return {
        "scenario": chosen.scenario.name,
        "input_hash": chosen.input_hash,
        "hours": hours_choice(chosen),
        "inputs": [asdict(axis) for axis in design.axes],
        "knobs": {name: knob.model_dump(mode="json") for name, knob in knobs.items() if name in names},
        "sample": {"kind": design.kind, "count": design.count, "seed": design.seed, **_chosen_among(design)},
        "points": len(design.values),
        "solve": {
            "method": request.method,
            "backend": request.backend,
            "relative_gap": request.relative_gap,
            "time_limit_s": request.time_limit_s,
            "seed": request.seed,
        },
        "versions": versions_behind(request),
    }


def _of_a_point(request: SolveRequest, base: Plan | None) -> SolveRequest:
    """One thread a point: points are what is solved side by side, and results do not depend on the machine."""
    return replace(request, start=base, threads=1, workers=1, staff=None, explains=False)


def _base(loaded: LoadedScenario, request: SolveRequest, folder: Path, on_event: OnEvent) -> Plan | None:
    """The plan of the scenario as it stands, from an earlier run where there is one; None where it has none."""
    try:
        return read_plan(folder)
    except PlanReadError:
        pass
    try:
        return solve_scenario(loaded, folder, replace(request, threads=1, explains=False), on_event).plan
    except (InfeasibleError, NoPlanError):
        return None


def _chosen_among(design: Design) -> dict[str, int]:
    """How many samples were drawn for one: the points of a seed depend on it."""
    return {"chosen_among": HYPERCUBES} if design.kind == HYPERCUBE else {}


def _finished(design: Design, kept: Checkpoints, case: Case, staff: Staff, on_progress: OnProgress) -> Record:
    """Every point, found finished or solved now."""
    points, found = design.points(), kept.finished()
    left, before, start = [point for point in points if point.number not in found], len(found), time.monotonic()

    def keep(finished: Finished) -> None:
        kept.keep(finished)
        found[finished.number] = finished

    def bury(point: Point) -> None:
        keep(lost(point.number, f"the process that solved it died {MOST_DEATHS} times"))

    with staff(partial(solve_point, case)) as workers:

        def tell() -> None:
            failed = sum(not one.has_plan for one in found.values())
            now = time.monotonic() - start
            on_progress(Progress(len(found), failed, len(points), before, now, workers.width()))

        tell()
        try:
            Schedule(workers, left, keep, bury).run(tell)
        except WorkersLostError as error:
            raise EngineError(str(error), ["what is finished is kept; run the same command again to go on"]) from error
        return Record(time.monotonic() - start, workers.describe(), before, found)
