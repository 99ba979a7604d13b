"""What every point of a sweep starts from, whole: it can be sent to a process that shares no disk with this one."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario, input_hash


@dataclass(frozen=True)
class Case:
    """A scenario with its series, byte by byte, and how each point is solved.

    Attributes:
        loaded: the scenario; its folder is no place of another process. files: series by path below the folder.
        names: the inputs varied, knobs or paths. request: of each point, with the plan it starts from.
    """

    loaded: LoadedScenario
    files: Mapping[str, bytes]
    names: tuple[str, ...]
    request: SolveRequest


def packed(loaded: LoadedScenario, names: tuple[str, ...], request: SolveRequest) -> Case:
    """The case of a scenario; BadInputError where its files changed since they were loaded, or cannot be read."""
    try:
        series = sorted({source.file for source in loaded.scenario.series.values()})
        files = {name: (loaded.folder / name).read_bytes() for name in series}
        if input_hash(loaded.scenario, loaded.folder) != loaded.input_hash:
            raise BadInputError("the scenario's files changed since they were read; start again")
    except OSError as error:
        raise BadInputError(f"the scenario's files cannot be read: {error}") from error
    return Case(loaded, files, names, light(request))


def unpacked(case: Case) -> LoadedScenario:
    """The scenario of a case, its series in a folder of this process, which is filled once."""
    if case.loaded.input_hash not in _homes:
        home = Path(tempfile.mkdtemp(prefix="allocator-sweep-"))
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        for name, content in case.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        _homes[case.loaded.input_hash] = home
    return replace(case.loaded, folder=_homes[case.loaded.input_hash])


_homes: dict[str, Path] = {}


def light(request: SolveRequest) -> SolveRequest:
    """The request with the tables of its plan alone: hours and head do not matter to a start, nor may they be sent."""
    plan = request.start
    return request if plan is None else replace(request, start=Plan(dict(plan.tables), {}, plan.meta, plan.relaxation))
