"""What changed from one plan to another, and what that did to its value.

The value is followed in this order, each step on top of the ones before it, at the hours, gap and method of the second
plan: the solver (the first scenario solved so), the baseline whose rule a plan keeps to, prices, data (series), and the
rest of the scenario, which arrives at the second plan. Both are solved by the rules they keep to.
A step is solved only where something of its kind changed and something is left to change after it; where a step makes
no valid scenario by itself, it is taken together with the next. Each solved value is known within the gap, and so is
each step.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError, InfeasibleError, NoPlanError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.ruled import rule_of, solve_by_rule
from allocator.pipeline.solve import compiled, plan_in, scenario_in
from allocator.plan.meta import PlanMeta
from allocator.plan.plan import Plan
from allocator.scenario.changes import Change, Kind, apply, changes
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import SCENARIO_FILE, LoadedScenario, load_scenario
from allocator.scenario.written import yaml_text
from allocator.studies.bridge import Term, bridge
from allocator.studies.compared import Compared
from allocator.studies.comparison import decides, turned

SOLVER, RULE = "solver", "baseline"
SETTINGS: Mapping[str, str] = {
    "hours": "hours.choice",
    "gap asked for": "requested_gap",
    "method": "method",
    "engine": "backend",
    "seed": "seed",
}
"""What a caller may ask of a solve, and where the head of a plan says it."""


@dataclass(frozen=True)
class Side:
    """One plan and the scenario inside its folder."""

    plan: Plan
    loaded: LoadedScenario

    @property
    def rule(self) -> str:
        """The baseline it keeps to, "" for the best plan."""
        return rule_of(self.plan.meta)

    @cached_property
    def instance(self) -> Instance:
        """What the plan was made for, compiled once."""
        return compiled(self.loaded)


@dataclass(frozen=True)
class Effect:
    """One step from the first value to the second, USD; `name` of several kinds where they had to go together."""

    name: str
    usd: float


@dataclass(frozen=True)
class Difference:
    """Everything that differs.

    Attributes:
        inputs: values of the scenario file. files: series files whose content differs.
        solver: hours, gap, method, engine and versions that differ: name, before, after.
        rules: the baselines that both plans keep to, "" for the best plan.
        gone, new, changed: decisions of the first plan only, of the second only, and of both with other amounts or in
            another share of futures, in words.
        terms: bridge of the value by lines. effects: the same by cause; empty where nothing was solved for it.
    """

    first: Side
    second: Side
    inputs: tuple[Change, ...]
    files: tuple[str, ...]
    solver: tuple[tuple[str, str, str], ...]
    rules: tuple[str, str]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    terms: tuple[Term, ...]
    effects: tuple[Effect, ...]

    @property
    def usd(self) -> float:
        return self.second.plan.meta.objective_usd - self.first.plan.meta.objective_usd


def diff(first: Path, second: Path, solve: bool = True, on_event: OnEvent = ignore) -> Difference:
    """Compare two plan folders; `solve` says whether the causes are told apart by solving.

    Raises:
        PipelineError: a folder is no plan, or its scenario cannot be read.
    """
    return difference(side_of(first), side_of(second), solve, on_event)


def difference(a: Side, b: Side, solve: bool = True, on_event: OnEvent = ignore) -> Difference:
    """The same for plans that were read."""
    inputs, files = tuple(changes(a.loaded.yaml.data, b.loaded.yaml.data)), tuple(_files(a.loaded, b.loaded))
    settings = tuple(_settings(a.plan.meta, b.plan.meta))
    columns = [Compared(name, side.plan, side.loaded, side.instance) for name, side in (("a", a), ("b", b))]
    gone, new, changed = turned(*(decides(one) for one in columns))
    return Difference(
        first=a,
        second=b,
        inputs=inputs,
        files=files,
        solver=settings,
        rules=(a.rule, b.rule),
        gone=gone,
        new=new,
        changed=changed,
        terms=bridge(*columns),
        effects=tuple(_effects(a, b, inputs, files, settings, on_event)) if solve else (),
    )


def side_of(folder: Path, plan: Plan | None = None) -> Side:
    """A plan folder, read as far as it was not yet; PipelineError where it is none."""
    plan = plan_in(folder) if plan is None else plan
    return Side(plan, scenario_in(folder, plan.meta))


def _files(a: LoadedScenario, b: LoadedScenario) -> Iterator[str]:
    """Series files of both scenarios, of one name and other content, or of one of them only."""
    mine, theirs = ({source.file for source in one.scenario.series.values()} for one in (a, b))
    for name in sorted(mine | theirs):
        both = name in mine and name in theirs
        if not both or (a.folder / name).read_bytes() != (b.folder / name).read_bytes():
            yield name


def _settings(a: PlanMeta, b: PlanMeta) -> Iterator[tuple[str, str, str]]:
    asked = [(words, _field(a, field), _field(b, field)) for words, field in SETTINGS.items()]
    packages = sorted({*a.versions, *b.versions})
    used = [(f"version of {one}", a.versions.get(one, "none"), b.versions.get(one, "none")) for one in packages]
    yield from (row for row in (*asked, *used) if row[1] != row[2])


def _field(meta: PlanMeta, field: str) -> str:
    value: object = meta
    for step in field.split("."):
        value = getattr(value, step)
    return str(value)


def _effects(
    a: Side, b: Side, inputs: Sequence[Change], files: Sequence[str], settings: Sequence[object], on_event: OnEvent
) -> Iterator[Effect]:
    meta = b.plan.meta
    request = SolveRequest(meta.method, meta.backend, meta.requested_gap, seed=meta.seed, hours=meta.hours.choice)
    kinds = [kind for kind in Kind if _touches(kind, inputs, files)]
    known = a.plan.meta.objective_usd
    for name, rule, follows in (
        (SOLVER, a.rule, bool(settings) and (bool(kinds) or a.rule != b.rule)),
        (RULE, b.rule, a.rule != b.rule and bool(kinds)),
    ):
        if follows:
            known, before = solve_by_rule(a.loaded, None, request, on_event, rule).meta.objective_usd, known
            yield Effect(name, known - before)
    if not kinds:
        yield Effect(SOLVER if a.rule == b.rule else RULE, meta.objective_usd - known)
        return
    waiting: list[str] = []
    for position, kind in enumerate(kinds):
        waiting.append(kind.value)
        is_last = position == len(kinds) - 1
        reached = (
            meta.objective_usd if is_last else _value_after(a, b, inputs, kinds[: position + 1], request, on_event)
        )
        if reached is not None:
            yield Effect(" and ".join(waiting), reached - known)
            known, waiting = reached, []


def _touches(kind: Kind, inputs: Sequence[Change], files: Sequence[str]) -> bool:
    return any(change.kind is kind for change in inputs) or (kind is Kind.DATA and bool(files))


def _value_after(
    a: Side, b: Side, inputs: Sequence[Change], kinds: Sequence[Kind], request: SolveRequest, on_event: OnEvent
) -> float | None:
    """Value of the first scenario with changes of some kinds made; None where they make no scenario, or no plan."""
    document = copy.deepcopy(dict(a.loaded.yaml.data))
    for section in ("knobs", "variants"):
        document.pop(section, None)
    for change in inputs:
        if change.kind in kinds:
            apply(document, change)
    try:
        with tempfile.TemporaryDirectory() as home:
            loaded = _written(Path(home), document, b.loaded if Kind.DATA in kinds else a.loaded)
            return solve_by_rule(loaded, None, request, on_event, b.rule).meta.objective_usd
    except (ScenarioFaults, BadInputError, InfeasibleError, NoPlanError):
        return None


def _written(home: Path, document: Mapping[str, Any], series_of: LoadedScenario) -> LoadedScenario:
    (home / SCENARIO_FILE).write_text(yaml_text(document), encoding="utf-8")
    for name in {source.file for source in series_of.scenario.series.values()}:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(series_of.folder / name, home / name)
    return load_scenario(home)
