"""What is decided where a price is another: the scenario solved again at one factor, as far as that needs.

Decisions and the value are read off the solver's own point, whose hours are dispatched and whose gap is proven; no
tables are derived and nothing is written, which would take longer than the solve. Every point starts from the plan that
is explained and is solved by one thread, so that it does not depend on who solves it, or after what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from allocator.pipeline.errors import PipelineError
from allocator.pipeline.forced import Decision, both, without
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.ruled import restriction
from allocator.pipeline.solve import answered, compiled
from allocator.scenario.load import LoadedScenario
from allocator.studies.explain.levers import scaled
from allocator.studies.explain.shares import Shares, shares_at


@dataclass(frozen=True)
class PricePoint:
    """A factor on a lever, and decisions that are not to be taken there."""

    number: int
    lever: str
    factor: float
    refused: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class PriceCase:
    """What all points start from: the scenario, the rule that its plan keeps to, "" for none, how each is solved."""

    loaded: LoadedScenario
    rule: str
    request: SolveRequest


@dataclass(frozen=True)
class Priced:
    """A solved point.

    Attributes:
        value_usd: what plans are ranked by; None without a plan. bound_usd: what no plan there can exceed.
        shares: of futures, in which each decision is taken. reason: why there is no plan.
        refused: decisions that it was not to take.
    """

    lever: str
    factor: float
    value_usd: float | None
    bound_usd: float | None = None
    shares: Shares = field(default_factory=dict)
    reason: str = ""
    refused: tuple[Decision, ...] = ()

    @property
    def has_plan(self) -> bool:
        return self.value_usd is not None

    def takes(self, decision: Decision) -> bool:
        """Whether it is taken in any future."""
        return decision in self.shares


def solve_price_point(case: PriceCase, point: PricePoint) -> Priced:
    """Solve a point; KeyboardInterrupt where Ctrl-C ended it early, ScenarioFaults where it is no valid scenario."""
    hold = both(restriction(case.rule), without(*point.refused))
    instance = hold(compiled(scaled(case.loaded, point.lever, point.factor)))
    try:
        answer = answered(instance, case.request, Stopwatch())
    except PipelineError as error:
        return Priced(point.lever, point.factor, None, reason=error.message, refused=point.refused)
    if answer.was_interrupted:
        raise KeyboardInterrupt
    assert answer.x is not None
    shares: Mapping[Decision, float] = shares_at(instance, answer.planning.point(answer.x))
    return Priced(point.lever, point.factor, answer.objective_usd, answer.bound_usd, shares, refused=point.refused)
