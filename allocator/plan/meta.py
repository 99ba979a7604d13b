"""What plan.json and run.json hold. plan.json has no timings, so that equal runs give equal files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from allocator.plan.schema import SCHEMA_VERSION


class MetaError(ValueError):
    """A plan.json or run.json that this version cannot read; the message says why."""


@dataclass(frozen=True)
class HoursMeta:
    """How hours were represented, and what that cost.

    Attributes:
        representation: words, e.g. "4 representative days a node".
        full: True where every hour stood for itself.
        choice: the scenario's or the caller's choice ("full" or "representative_days: 4"), as compiled.
        full_hours_objective_usd: objective of the same decisions over every hour; None where not computed.
        error_usd: full_hours_objective_usd - objective_usd. error_share: error / |full-hour operating margin|.
    """

    representation: str
    full: bool
    choice: str
    full_hours_objective_usd: float | None = None
    error_usd: float | None = None
    error_share: float | None = None


def ranked_by_usd(expected_usd: float, tail_weight: float, mean_of_worst_usd: float | None) -> float:
    """(1 - weight) x expected + weight x mean of the worst paths; the expected value where no risk is stated."""
    if mean_of_worst_usd is None:
        return expected_usd
    return (1.0 - tail_weight) * expected_usd + tail_weight * mean_of_worst_usd


@dataclass(frozen=True)
class RiskFigures:
    """What the risk that a scenario states makes of a plan; fields as those of `PlanMeta`."""

    tail_weight: float = 0.0
    mean_of_worst_usd: float | None = None
    nested_value_usd: float | None = None

    def valued_usd(self, expected_usd: float) -> float:
        """Value of a plan with this expected value, limits broken not yet counted."""
        if self.nested_value_usd is not None:
            return self.nested_value_usd
        return ranked_by_usd(expected_usd, self.tail_weight, self.mean_of_worst_usd)


@dataclass(frozen=True)
class PlanMeta:
    """The head of a plan: how good it is and what made it.

    Attributes:
        objective_usd: sum of the discounted cash-flow lines: the expected net present value.
        penalty_usd: expected price of limits that are broken, no part of it.
        tail_weight: weight of the worst paths. mean_of_worst_usd: their mean (CVaR), None where they do not weigh.
        nested_value_usd: worth of the start where the worst children weigh at every branching, None where they do not.
        bound_usd: what `maximised_usd` of no plan can beat, None if unknown.
        relative_gap: (bound - maximised) / max(1, |maximised|), None if unknown; requested_gap: what was asked.
        stop_reason, limit: why the solver stopped ("optimal", "feasible") and at which limit, None for none.
        verified: every rule and every dollar was derived again from the tables and agreed.
        method: how the problem was solved. backend: engine. versions: of the packages that took part.
        dispatch: how many site-nodes were dispatched which way, with the reason for a linear program.
        input_hash: of the scenario and all its files.
        without_terminal_usd: objective without the lines beyond the horizon.
        strike_usd_per_mwh: price of power up to which all miners run and beyond which none does, where hours follow
            that rule; None where they are as is best. strike_follows_hashprice: it is that of the start, and moves
            from node to node as what a MWh of mining earns.
        remarks: what a reader should know: repaired gaps, modes dropped, prices that could not be had.
    """

    scenario: str
    objective_usd: float
    without_terminal_usd: float
    bound_usd: float | None
    relative_gap: float | None
    requested_gap: float
    stop_reason: str
    limit: str | None
    verified: bool
    method: str
    backend: str
    seed: int | None
    input_hash: str
    versions: Mapping[str, str]
    hours: HoursMeta
    dispatch: Mapping[str, int]
    remarks: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
    penalty_usd: float = 0.0
    tail_weight: float = 0.0
    mean_of_worst_usd: float | None = None
    nested_value_usd: float | None = None
    strike_usd_per_mwh: float | None = None
    strike_follows_hashprice: bool = False

    @property
    def maximised_usd(self) -> float:
        """What plans are ranked by: value under the risk that is stated, less the price of limits broken."""
        risk = RiskFigures(self.tail_weight, self.mean_of_worst_usd, self.nested_value_usd)
        return risk.valued_usd(self.objective_usd) - self.penalty_usd

    @property
    def within_gap(self) -> bool:
        """Whether the gap is proven, as far as the objective itself is known (one part in a million)."""
        return self.relative_gap is not None and self.relative_gap <= self.requested_gap + 1e-6


@dataclass(frozen=True)
class RunMeta:
    """How the run went on this machine; differs from run to run.

    Attributes:
        seconds: by phase, in order. peak_memory_mb: largest resident set of the process.
        machine: processor, cores, system, Python. solver: statistics of the engine.
    """

    seconds: Mapping[str, float]
    peak_memory_mb: float
    machine: Mapping[str, str]
    solver: Mapping[str, float] = field(default_factory=dict)


def dump(meta: PlanMeta | RunMeta) -> str:
    """JSON text, keys in the order of the fields, no NaN or infinity."""
    return json.dumps(asdict(meta), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def load_plan_meta(text: str) -> PlanMeta:
    """PlanMeta from plan.json.

    Raises:
        MetaError: not JSON, another schema version, or fields missing or unknown.
    """
    data = _mapping(text)
    version = data.get("schema_version")
    if version != SCHEMA_VERSION:
        raise MetaError(f"plan.json has schema_version {version!r}, this version reads {SCHEMA_VERSION}")
    try:
        return PlanMeta(**{**data, "hours": HoursMeta(**data["hours"]), "remarks": tuple(data["remarks"])})
    except (KeyError, TypeError) as error:
        raise MetaError(f"plan.json does not fit schema_version {SCHEMA_VERSION}: {error}") from error


def load_run_meta(text: str) -> RunMeta:
    """RunMeta from run.json; raises MetaError as `load_plan_meta` does."""
    try:
        return RunMeta(**_mapping(text))
    except TypeError as error:
        raise MetaError(f"run.json: {error}") from error


def _mapping(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise MetaError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise MetaError("not a JSON object")
    return data
