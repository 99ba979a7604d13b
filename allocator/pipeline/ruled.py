"""Solve by the rule of a baseline, and read off a plan which rule it keeps to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from allocator.pipeline.assemble import Assemble, assemble
from allocator.pipeline.baselines import (
    BASELINES,
    FIXED_STRIKE,
    INDEXED_STRIKE,
    Restrict,
    baseline,
    remark,
    unrestricted,
)
from allocator.pipeline.forced import both
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.pipeline.strike import assemble_by_strike
from allocator.plan.meta import PlanMeta
from allocator.scenario.load import LoadedScenario

_ASSEMBLE: Mapping[str, Assemble] = {
    FIXED_STRIKE: assemble_by_strike,
    INDEXED_STRIKE: partial(assemble_by_strike, is_indexed=True),
}


def rule_of(meta: PlanMeta) -> str:
    """The baseline that a plan says it keeps to, "" for the best plan."""
    return next((name for name in BASELINES if remark(name) in meta.remarks), "")


def restriction(rule: str) -> Restrict:
    """What a baseline holds; nothing for ""."""
    return baseline(rule) if rule else unrestricted


def solve_by_rule(
    loaded: LoadedScenario,
    out: Path | None,
    request: SolveRequest,
    on_event: OnEvent = ignore,
    rule: str = "",
    besides: Restrict = unrestricted,
) -> Outcome:
    """As `solve_scenario`, among the plans of a baseline; `besides` holds more decisions on top of its rule."""
    return solve_scenario(
        loaded, out, request, on_event, both(restriction(rule), besides), _ASSEMBLE.get(rule, assemble)
    )
