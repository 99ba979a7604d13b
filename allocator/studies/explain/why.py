"""Why a decision is taken, and why not: the best plan that does the opposite, and what it gives up.

The value lost is that of the plan less that of the other one, each known within its gap. Where worst paths weigh or
broken limits are priced, plans are ranked by another figure than the expected value, and it is told beside it; a plan
that loses by that figure too had left so much within its gap. Of a plan that keeps to a baseline, the other one keeps
to it too.
"""

from __future__ import annotations

from dataclasses import dataclass

from allocator.pipeline.baselines import WORDS
from allocator.pipeline.errors import BadInputError, InfeasibleError, NoPlanError
from allocator.pipeline.forced import (
    Decision,
    forced,
    is_settled,
    is_taken,
    is_taken_everywhere,
    parse_decision,
    without,
)
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.plan.binding import Binding
from allocator.studies.bridge import Term, bridge
from allocator.studies.compared import Compared
from allocator.studies.comparison import binds, decides, turned


@dataclass(frozen=True)
class Counterfactual:
    """The best plan that does the opposite.

    Attributes:
        decision, is_forced: what was held: taken by force, or refused.
        value_usd: of that plan, None where there is none. lost_usd: the plan's value less it, both expected.
        ranked_lost_usd: the same of what plans are ranked by; where it is negative, the plan left that within its gap.
        gone, new, changed: decisions of the plan only, of the other one only, and of both with other amounts or in
            another share of futures, in words.
        terms: bridge from the plan to the other one. binds: limits of the other one worth most.
        conflict: where there is none: requirements in conflict, and what would restore them, in words.
        reason: what the plan itself says of a contract over all futures, "" of a conversion.
    """

    decision: Decision
    is_forced: bool
    value_usd: float | None
    lost_usd: float | None
    ranked_lost_usd: float | None
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    binds: tuple[Binding, ...] = ()
    conflict: tuple[str, ...] = ()
    reason: str = ""


def why(one: Compared, text: str, request: SolveRequest, on_event: OnEvent = ignore) -> Counterfactual:
    """What a decision that the plan takes is worth: the best plan without it; BadInputError as of `asked`."""
    return _counterfactual(one, asked(one, text, False), False, request, on_event)


def why_not(one: Compared, text: str, request: SolveRequest, on_event: OnEvent = ignore) -> Counterfactual:
    """What a decision that the plan does not take in every future would cost: the best plan with it in all of them;
    BadInputError as of `asked`."""
    return _counterfactual(one, asked(one, text, True), True, request, on_event)


def asked(one: Compared, text: str, is_forced: bool) -> Decision:
    """The decision that a question names, to be refused or, where `is_forced`, taken by force.

    Raises:
        BadInputError: there is no such decision, the plan does already what is asked for, one to be forced has no month
            and needs it, or the rule of the plan's baseline settles it.
    """
    decision = parse_decision(one.instance, text)
    if is_forced and is_taken_everywhere(one.instance, one.plan.tables, decision):
        raise BadInputError(f"{decision} is decided in this plan", [f"ask --why {decision}"])
    if not is_forced and not is_taken(one.plan.tables, decision):
        raise BadInputError(f"{decision} is not decided in this plan", [f"ask --why-not {decision}"])
    if is_settled(one.ruled(one.instance), decision):
        told = f"{decision} is settled by the rule of baseline {one.rule}: {WORDS[one.rule]}"
        raise BadInputError(told, ["ask it of the best plan of the scenario, which allocator solve makes"])
    if is_forced:
        forced(decision)(one.instance)
    return decision


def _counterfactual(
    one: Compared, decision: Decision, is_forced: bool, request: SolveRequest, on_event: OnEvent
) -> Counterfactual:
    besides = forced(decision) if is_forced else without(decision)
    reason = _reason(one, decision)
    try:
        plan = one.solved_again(request, on_event, besides)
    except (InfeasibleError, NoPlanError) as error:
        lines = tuple(error.details) or (str(error),)
        return Counterfactual(decision, is_forced, None, None, None, conflict=lines, reason=reason)
    other = Compared(str(decision), plan, one.loaded, one.instance)
    gone, new, changed = turned(decides(one), decides(other))
    return Counterfactual(
        decision=decision,
        is_forced=is_forced,
        value_usd=plan.meta.objective_usd,
        lost_usd=one.plan.meta.objective_usd - plan.meta.objective_usd,
        ranked_lost_usd=one.plan.meta.maximised_usd - plan.meta.maximised_usd,
        gone=gone,
        new=new,
        changed=changed,
        terms=bridge(one, other),
        binds=binds(other),
        reason=reason,
    )


def _reason(one: Compared, decision: Decision) -> str:
    contracts = one.plan.tables["contracts"]
    own = contracts.loc[(contracts["contract"] == decision.name) & (decision.kind == "contract"), "reason"]
    return str(own.iloc[0]) if len(own) else ""
