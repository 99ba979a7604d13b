"""What each contract is worth to a plan: alone, with all else held, and with everything decided anew.

With all else held, a contract that the plan signs is taken out and nothing takes its place, and one that it refuses is
added where it fits among what stands: the whole value of a tenant who leaves or comes today. With decisions free, the
scenario is solved again without it, or with it in every future.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.decided import Decided
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.errors import InfeasibleError, NoPlanError
from allocator.pipeline.forced import CONTRACT, Decision, forced, is_settled, taken, without
from allocator.studies.compared import Compared
from allocator.studies.explain.held import Held
from allocator.studies.explain.limits import Free


@dataclass(frozen=True)
class ContractWorth:
    """What a contract adds to what plans are ranked by; negative where it takes away.

    Attributes:
        signed: in the plan, in some future at least.
        held_usd: all else held; None where it cannot be taken out or added.
        free_usd: decisions free; None where no plan can be without or with it, or that was not solved.
        free_within_usd: how far that may lie from the truth, by the gaps of the solves.
    """

    contract: str
    signed: bool
    held_usd: float | None
    free_usd: float | None = None
    free_within_usd: float | None = None


def contract_worths(one: Compared, held: Held, free: Free | None) -> Iterator[ContractWorth]:
    """Of every contract on offer, in the order of the scenario."""
    signed = {decision.name for decision in taken(one.plan.tables) if decision.kind == CONTRACT}
    for position, name in enumerate(one.instance.offers.names):
        is_signed = name in signed
        alone = _left_out(held, position) if is_signed else _added(held, position)
        found, within = (None, None) if free is None else _free(one, free, Decision(CONTRACT, name), is_signed)
        yield ContractWorth(name, is_signed, alone, found, within)


def _left_out(held: Held, contract: int) -> float | None:
    """Value lost without it; None where the rules of money, or the contract itself, do not let it go."""
    instance, values = held.instance, held.instance.decided
    assert values is not None
    nothing = {name: _with_row(values.values[name], contract, 0.0) for name in ("sign", "place")}
    fewer = replace(instance, decided=replace(values, values={**values.values, **nothing}))
    sign, place = (_with_row(whole, contract, 0.0) for whole in (held.point.sign, held.point.place))
    try:
        return held.ranked_usd - held.value_usd(fewer, replace(held.point, sign=sign, place=place))
    except (InfeasibleError, ValueError):
        return None


def _added(held: Held, contract: int) -> float | None:
    """Value gained with it, in every future, at its best place and time; None where it does not fit."""
    values = held.instance.decided
    assert values is not None
    free = {name: _with_row(values.values[name], contract, np.nan) for name in ("sign", "place")}
    must = held.instance.offers.must_accept.copy()
    must[contract] = True
    more: Instance = replace(
        held.instance,
        decided=Decided(values.nodes, values.axes, {**values.values, **free}),
        offers=replace(held.instance.offers, must_accept=must),
    )
    try:
        answer = held.solved(more)
    except (InfeasibleError, NoPlanError):
        return None
    return None if answer.objective_usd is None else answer.objective_usd - held.ranked_usd


def _with_row(values: Floats, row: int, value: float) -> Floats:
    changed = values.copy()
    changed[row] = value
    return changed


def _free(one: Compared, free: Free, decision: Decision, is_signed: bool) -> tuple[float | None, float | None]:
    if is_settled(one.ruled(one.instance), decision):
        return None, None
    hold = without(decision) if is_signed else forced(decision)
    try:
        other = free.best(one.instance, hold)
    except (InfeasibleError, NoPlanError):
        return None, None
    return free.base.less(other) if is_signed else other.less(free.base)
