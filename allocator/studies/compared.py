"""Plans to be set side by side: those of plan folders, of scenarios and of their variants, and of simple rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.instance.types import Instance
from allocator.pipeline.baselines import BASELINES, STRIKES, Restrict, unrestricted
from allocator.pipeline.errors import BadInputError, InfeasibleError, NoPlanError
from allocator.pipeline.inputs import copied_inputs, hours_choice, with_hours
from allocator.pipeline.method import INTERRUPTED, SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.ruled import restriction, rule_of, solve_by_rule
from allocator.pipeline.solve import compiled, plan_in, scenario_in
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_meta, read_plan
from allocator.plan.schema import PLAN_JSON, partition
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.scenario.overrides import Setting, variant_settings, with_settings

PLANS = "plans"
"""Folder of the plans that a comparison had to solve."""


@dataclass(frozen=True)
class Asked:
    """A column to be filled: its label, and where its plan comes from.

    Attributes:
        loaded: the scenario to solve; None where `folder` holds a plan.
        rule: a baseline of BASELINES, "" for the best plan.
        hours: of the plan that it is set beside, where the caller asks for none; None: those of the scenario.
    """

    label: str
    loaded: LoadedScenario | None
    folder: Path | None = None
    rule: str = ""
    hours: str | None = None


@dataclass(frozen=True)
class Compared:
    """A column: a plan, and the scenario and instance it was made for."""

    label: str
    plan: Plan
    loaded: LoadedScenario
    instance: Instance

    @property
    def rule(self) -> str:
        """The baseline it keeps to, "" for the best plan."""
        return rule_of(self.plan.meta)

    def ruled(self, instance: Instance) -> Instance:
        """An instance with what its rule holds."""
        return restriction(self.rule)(instance)

    def solved_again(
        self,
        request: SolveRequest,
        on_event: OnEvent = ignore,
        besides: Restrict = unrestricted,
        loaded: LoadedScenario | None = None,
    ) -> Plan:
        """The best plan of its rule with more decisions held, of its scenario or a changed one, not kept in a folder.

        Raises:
            PipelineError: as `solve_scenario`.
            KeyboardInterrupt: Ctrl-C ended the solve early: what it has is no answer to a question about best plans.
        """
        plan = solve_by_rule(loaded or self.loaded, None, request, on_event, self.rule, besides).plan
        if plan.meta.limit == INTERRUPTED:
            raise KeyboardInterrupt
        return plan


@dataclass(frozen=True)
class Missing:
    """A column that has no plan, and why."""

    label: str
    reason: str


def asked(
    sources: Sequence[str], variants: Sequence[str], settings: Sequence[Setting], rules: Sequence[str]
) -> list[Asked]:
    """Every column of a comparison, in order: each source, with its variants where it is the only one, then baselines.

    Baselines are those of the first source. A name that stands twice is numbered.

    Raises:
        ScenarioFaults: a scenario, a variant or a setting is wrong. PipelineError: a plan folder cannot be read.
    """
    found = [_source(source, settings) for source in sources]
    first = found[0]
    if len(found) == 1 and first.loaded is not None and first.folder is None:
        names = variants or tuple(first.loaded.scenario.variants)
        base = load_scenario(sources[0])
        found += [_variant(base, name, settings) for name in names]
    elif variants:
        raise BadInputError("--variant is for one scenario, and more were given, or a plan")
    of_first, hours = _stated(first)
    found += [Asked(rule, of_first, rule=rule, hours=hours) for rule in rules]
    if len(found) < 2:
        raise BadInputError(
            "there is nothing to compare with: name another plan or scenario, state variants, or add --baseline",
            [f"baselines: {', '.join(BASELINES)}"],
        )
    return _apart(found)


def _stated(one: Asked) -> tuple[LoadedScenario, str | None]:
    """The scenario of a column as it was written, and the hours of its plan."""
    if one.loaded is not None:
        return one.loaded, None
    folder = one.folder or Path()
    return copied_inputs(folder), read_meta(folder).hours.choice


def _source(source: str, settings: Sequence[Setting]) -> Asked:
    if (Path(source) / PLAN_JSON).is_file():
        if settings:
            raise BadInputError(f"{source} is a plan: --set changes scenarios only; solve one with it instead")
        return Asked(Path(source).name or source, None, Path(source))
    loaded = with_settings(load_scenario(source), settings)
    return Asked(loaded.scenario.name, loaded)


def _variant(base: LoadedScenario, name: str, settings: Sequence[Setting]) -> Asked:
    return Asked(name, with_settings(base, [*variant_settings(base, name), *settings]))


def _apart(found: Sequence[Asked]) -> list[Asked]:
    """Labels that stand more than once with their number."""
    seen: dict[str, int] = {}
    labelled = []
    for one in found:
        seen[one.label] = seen.get(one.label, 0) + 1
        again = seen[one.label] > 1
        labelled.append(replace(one, label=f"{one.label} ({seen[one.label]})") if again else one)
    return labelled


def led_by(label: str | None, columns: Sequence[Asked]) -> list[Asked]:
    """The columns with that one first; BadInputError where there is none."""
    if label is not None and label not in [one.label for one in columns]:
        raise BadInputError(f"no column {label!r}", [f"columns: {', '.join(one.label for one in columns)}"])
    return sorted(columns, key=lambda one: label is not None and one.label != label)


def filled(
    one: Asked,
    home: Path,
    request: SolveRequest,
    on_event: OnEvent = ignore,
    on_column: Callable[[str, bool], None] = lambda label, is_solved: None,
) -> Compared | Missing:
    """The plan of a column: read, used again where its inputs are the same, or solved into `home`/plans.

    Raises:
        PipelineError: of any kind but that no plan exists, or none was found in time.
        KeyboardInterrupt: Ctrl-C ended the solve early; the plan it had is not taken for the column's.
    """
    if one.loaded is None:
        folder = one.folder or Path()
        on_column(one.label, False)
        plan = plan_in(folder)
        loaded = scenario_in(folder, plan.meta)
        return Compared(one.label, plan, loaded, compiled(loaded))
    request = replace(request, hours=request.hours or one.hours)
    loaded = with_hours(one.loaded, request.hours)
    folder = home / PLANS / partition(one.label)
    plan_before = known_plan(folder, loaded, one.rule, request)
    if plan_before is not None:
        on_column(one.label, False)
        return Compared(one.label, plan_before, loaded, compiled(loaded))
    on_column(one.label, True)
    try:
        outcome = solve_by_rule(one.loaded, folder, request, on_event, one.rule)
    except (InfeasibleError, NoPlanError) as error:
        return Missing(one.label, "; ".join([str(error), *error.details[:2]]))
    if outcome.plan.meta.limit == INTERRUPTED:
        raise KeyboardInterrupt
    return Compared(one.label, outcome.plan, loaded, compiled(loaded))


def known_plan(folder: Path, loaded: LoadedScenario, rule: str, request: SolveRequest) -> Plan | None:
    """The verified plan of a folder, if it is of the same inputs, hours, rule and gap."""
    try:
        meta = read_meta(folder)
        told = rule_of(meta) == rule
        same = meta.input_hash == loaded.input_hash and meta.hours.choice == hours_choice(loaded)
        gap = meta.requested_gap if rule in STRIKES else meta.relative_gap  # its bound is that of as_is
        near = gap is not None and gap <= request.relative_gap + 1e-6
        whole = meta.verified and meta.limit != INTERRUPTED
        return read_plan(folder) if told and same and near and whole else None
    except PlanReadError:
        return None
