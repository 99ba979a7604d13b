"""Plans that do nearly as well with other contracts or other conversions, the best first.

What is best is what plans are ranked by: the expected value, and the worst paths and broken limits where they weigh.

Two plans are different where one signs a contract, or converts a hall to a fit-out, that the other does not, at any
time. The next best plan differs from those before it in at least one of these, so it is the best of the plans in which
one decision of each is turned round: taken ones refused, contracts refused ones forced. So each plan is followed by the
best plans that turn one more of its decisions, and the best of all that wait comes next (Lawler, 1972, "A procedure for
computing the K best solutions to discrete optimization problems"). What is left out: a plan whose only difference is a
conversion that nothing else asks for, since no month is known in which to force it. Every plan is solved and verified
like any other, each within the gap asked for, so plans closer to each other than that may change places. Where fewer
are near enough than asked for, the best of those beyond is told too. Beside a plan that keeps to a baseline stand plans
that keep to it too; what its rule settles is not turned round.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace

from allocator.pipeline.errors import InfeasibleError, NoPlanError
from allocator.pipeline.forced import CONTRACT, Decision, both, decisions_of, forced, is_settled, taken, without
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.plan.plan import Plan
from allocator.studies.compared import Compared

Turned = frozenset[tuple[Decision, bool]]
"""Decisions held, and whether each is taken by force."""


@dataclass(frozen=True)
class Alternative:
    """A plan, what it takes, and its value less that of the plan it stands beside: expected, and as ranked, USD."""

    plan: Plan
    takes: frozenset[Decision]
    short_usd: float
    short_ranked_usd: float


@dataclass(frozen=True)
class Alternatives:
    """Plans near enough, and the best one that is not, where there are fewer than asked for and any was found."""

    near: tuple[Alternative, ...]
    missed: Alternative | None = None


def alternatives(
    one: Compared, count: int, within: float, request: SolveRequest, on_event: OnEvent = ignore
) -> Alternatives:
    """At most `count` plans within a share of what the plan is ranked by, all different, the best first."""
    search, best = _Search(one, replace(request, explains=False), on_event), one.plan.meta
    found: list[Alternative] = []
    for plan in search.in_order(best.maximised_usd - within * abs(best.maximised_usd)):
        found.append(_beside(one, plan))
        if len(found) == count:
            return Alternatives(tuple(found))
    return Alternatives(tuple(found), None if search.missed is None else _beside(one, search.missed))


def _beside(one: Compared, plan: Plan) -> Alternative:
    best = one.plan.meta
    short = plan.meta.objective_usd - best.objective_usd, plan.meta.maximised_usd - best.maximised_usd
    return Alternative(plan, taken(plan.tables), *short)


def robust(one: Compared, found: tuple[Alternative, ...]) -> tuple[frozenset[Decision], frozenset[Decision]]:
    """Decisions that the plan and all alternatives take, and those that only some of them take."""
    each = [taken(one.plan.tables), *(alternative.takes for alternative in found)]
    common = frozenset.intersection(*each)
    return common, frozenset.union(*each) - common


class _Search:
    """Plans in falling order of what they are ranked by, each a set of decisions once; the best beyond the floor."""

    def __init__(self, one: Compared, request: SolveRequest, on_event: OnEvent) -> None:
        self._one, self._request, self._on_event = one, request, on_event
        ruled = one.ruled(one.instance)
        self._open = [decision for decision in decisions_of(one.instance) if not is_settled(ruled, decision)]
        self._waiting: list[tuple[float, int, Turned, Plan]] = []
        self._asked: set[Turned] = set()
        self.missed: Plan | None = None

    def in_order(self, floor_usd: float) -> Iterator[Plan]:
        """Every plan of at least that value, but the one it begins with."""
        told = {taken(self._one.plan.tables)}
        self._follow(frozenset(), self._one.plan, floor_usd)
        while self._waiting:
            _, _, turned, plan = heapq.heappop(self._waiting)
            if taken(plan.tables) not in told:
                told.add(taken(plan.tables))
                yield plan
            self._follow(turned, plan, floor_usd)

    def _follow(self, turned: Turned, plan: Plan, floor_usd: float) -> None:
        """Have the best plans that turn one more decision of a plan wait."""
        takes, held = taken(plan.tables), {decision for decision, _ in turned}
        for decision in self._open:
            is_taken = decision in takes
            more = turned | {(decision, not is_taken)}
            if decision in held or more in self._asked or (not is_taken and decision.kind != CONTRACT):
                continue
            self._asked.add(more)
            other = self._solved(more)
            if other is not None and _ranked(other) >= floor_usd:
                heapq.heappush(self._waiting, (-_ranked(other), len(self._asked), more, other))
            elif other is not None and (self.missed is None or _ranked(other) > _ranked(self.missed)):
                self.missed = other

    def _solved(self, turned: Turned) -> Plan | None:
        held = [forced(one) if is_forced else without(one) for one, is_forced in sorted(turned, key=str)]
        try:
            return self._one.solved_again(self._request, self._on_event, both(*held))
        except (InfeasibleError, NoPlanError):
            return None


def _ranked(plan: Plan) -> float:
    return plan.meta.maximised_usd
