"""Solves one point of a sweep: a verified plan reduced to its figures, or why there is none."""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Mapping

from allocator.pipeline.errors import InfeasibleError, PipelineError
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.scenario.faults import ScenarioFaults
from allocator.studies.sweep.case import Case, unpacked
from allocator.studies.sweep.figures import figures
from allocator.studies.sweep.inputs import with_inputs
from allocator.studies.sweep.points import GAP_NOT_REACHED, WITHIN_GAP, Figure, Finished, Point

LONGEST_MESSAGE = 2_000


def solve_point(case: Case, point: Point) -> Finished:
    """Solve a point; whatever goes wrong becomes part of the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    found, phases = _found(case, point)
    seconds = {**phases, "whole": time.perf_counter() - wall}
    return Finished(point.number, *found, seconds, time.process_time() - cpu)


_Found = tuple[str, str, Mapping[str, Figure]]


def _found(case: Case, point: Point) -> tuple[_Found, Mapping[str, float]]:
    try:
        changed = with_inputs(unpacked(case), dict(zip(case.names, point.values, strict=True)))
        outcome = solve_scenario(changed, None, case.request)
        return (_status(outcome), "", figures(outcome.plan)), outcome.run.seconds
    except ScenarioFaults as error:
        return ("bad_input", _words(*(str(fault) for fault in error.faults)), {}), {}
    except InfeasibleError as error:
        return ("infeasible", _words(error.message, _alone(case, point)), {}), {}
    except PipelineError as error:
        return (error.exit_code.name.lower(), _words(error.message, *error.details), {}), {}
    except Exception as error:  # whatever it is, the other points go on
        return ("failed", _words(f"{type(error).__name__}: {error}"), {}), {}


def _alone(case: Case, point: Point) -> str:
    """What to type for the requirements in conflict."""
    values = zip(case.names, point.values, strict=True)
    settings = " ".join(f"--set {shlex.quote(f'{name}={value!r}')}" for name, value in values if not math.isnan(value))
    return f"allocator solve with {settings} names the conflict"


def _status(outcome: Outcome) -> str:
    return WITHIN_GAP if outcome.meta.within_gap else GAP_NOT_REACHED


def _words(*lines: str) -> str:
    return "; ".join(lines)[:LONGEST_MESSAGE]
