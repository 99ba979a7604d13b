"""From an answer of a method to a plan in memory: exact, priced, explained, and in agreement with the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.choose import dispatch_ways
from allocator.instance.types import Instance
from allocator.pipeline.errors import EngineError
from allocator.pipeline.evidence import Evidence, gather
from allocator.pipeline.machine import versions
from allocator.pipeline.method import Answer, SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.settle import MakeDispatch, Operation, chosen_dispatch, settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd, penalty_usd, without_terminal_usd
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.extract.risk_figures import risk_figures
from allocator.plan.extract.settled import Settled
from allocator.plan.meta import HoursMeta, PlanMeta
from allocator.plan.plan import Plan
from allocator.plan.reasons import explain
from solvers.result import Limit, Reason

AGREEMENT = 1e-6
"""Largest difference between engine and tables, relative to the sum of all discounted flows, gains and losses."""


@dataclass(frozen=True)
class Assembled:
    """A plan whose hours are not yet measured and which is not yet verified, and what it was derived from.

    `certificate` is evidence of its bound, for certificate.json; None without one. `make_dispatch` runs its hours.
    """

    plan: Plan
    settled: Settled
    certificate: Mapping[str, object] | None
    make_dispatch: MakeDispatch = chosen_dispatch


Assemble = Callable[[Instance, Answer, SolveRequest, str, Stopwatch], Assembled]
"""From an answer to a plan, as `assemble` does."""


def assemble(instance: Instance, answer: Answer, request: SolveRequest, choice: str, watch: Stopwatch) -> Assembled:
    """Settle the answer's point, price it, derive every table and the head.

    `choice` is how hours were asked for, as `inputs.hours_choice` gives it.

    Raises:
        EngineError: the point is not whole, or its value is not what the engine said.
    """
    with watch.phase("settle"):
        operation = _settled(instance, answer)
    with watch.phase("price"):
        evidence = gather(instance, answer, operation)
    return derived(instance, answer, operation, evidence, request, choice, watch)


def derived(
    instance: Instance,
    answer: Answer,
    operation: Operation,
    evidence: Evidence,
    request: SolveRequest,
    choice: str,
    watch: Stopwatch,
) -> Assembled:
    """Every table and the head, from settled decisions and their prices; raises EngineError as `assemble` does."""
    with watch.phase("extract"):
        found = explain(operation.settled, operation.cuts) if request.explains else ()
        reasons = {reason.contract: reason.text for reason in found}
        tables = extract_tables(operation.settled, reasons, evidence.marginal_values)
        meta = _meta(instance, answer, request, choice, tables, evidence.remarks)
    plan = Plan(tables, ScheduleTables(operation.settled), meta, answer.relaxation)
    return Assembled(plan, operation.settled, evidence.certificate)


def agreed_bound(answer: Answer, maximised: float, gross_usd: float) -> float | None:
    """The bound, never below what the plan itself proves possible; None while unknown.

    Settling can only improve a point, so the plan must reach what the engine claimed and stay within its bound.
    `maximised` is the objective less penalties; `gross_usd` the sum of all discounted flows, gains and losses.

    Raises:
        EngineError: the plan is worth less than the engine's point, or more than the engine's bound.
    """
    slack = AGREEMENT * max(1.0, gross_usd)
    claimed = -math.inf if answer.objective_usd is None else answer.objective_usd
    if maximised < claimed - slack or maximised > answer.bound_usd + slack:
        raise EngineError(
            "the engine's objective does not agree with the plan derived from its point",
            [
                f"plan: ${maximised:,.2f}",
                f"engine {answer.engine}: objective ${claimed:,.2f}, bound ${answer.bound_usd:,.2f}",
                "solve again with another backend, and report the scenario",
            ],
        )
    return max(answer.bound_usd, maximised) if np.isfinite(answer.bound_usd) else None


def relative_gap(maximised: float, bound: float | None) -> float | None:
    """(bound - maximised) / max(1 USD, |maximised|); None while the bound is unknown."""
    return None if bound is None else max(0.0, bound - maximised) / max(1.0, abs(maximised))


def _settled(instance: Instance, answer: Answer) -> Operation:
    if answer.x is None:
        raise EngineError(f"engine {answer.engine} stopped as {answer.reason.value} and gave no point")
    try:
        return settle(instance, answer.planning.point(answer.x), master=answer.master)
    except ValueError as error:
        raise EngineError(f"engine {answer.engine} gave a point that is no plan: {error}") from error


def _meta(
    instance: Instance,
    answer: Answer,
    request: SolveRequest,
    choice: str,
    tables: Mapping[str, pd.DataFrame],
    remarks: tuple[str, ...],
) -> PlanMeta:
    cash_flow, risk = tables["cash_flow"], risk_figures(instance, tables)
    objective, penalty = objective_usd(cash_flow), penalty_usd(instance, tables)
    maximised = risk.valued_usd(objective) - penalty
    bound = agreed_bound(answer, maximised, float(cash_flow["discounted_usd"].abs().sum()) + penalty)
    gap = relative_gap(maximised, bound)
    reason, limit = _stop(answer, gap, request.relative_gap)
    return PlanMeta(
        scenario=instance.name,
        objective_usd=objective,
        without_terminal_usd=without_terminal_usd(cash_flow),
        bound_usd=bound,
        relative_gap=gap,
        requested_gap=request.relative_gap,
        stop_reason=reason,
        limit=limit,
        verified=False,
        method=answer.method,
        backend=answer.engine,
        seed=request.seed,
        input_hash=instance.input_hash,
        versions=versions(answer.engine, answer.engine_version),
        hours=HoursMeta(instance.hours.representation, instance.hours.full, choice),
        dispatch=dispatch_ways(instance),
        remarks=(*instance.remarks, *remarks),
        penalty_usd=penalty,
        **asdict(risk),
    )


def _stop(answer: Answer, gap: float | None, requested: float) -> tuple[str, str | None]:
    """Why it stopped; "optimal" only where the plan's own gap proves it."""
    if answer.reason is Reason.OPTIMAL and (gap is None or gap > requested):
        return Reason.FEASIBLE.value, Limit.OTHER.value
    return answer.reason.value, answer.limit.value if answer.limit else None
