"""A plan with its whole decisions held, valued again where something about its instance changed.

Held are conversions, machines, contracts and notices, and the periods in which loans are drawn, collateral is
released and the like: every integer of the planning problem. The hours are dispatched again, the years beyond the
horizon filled again, and cash, Bitcoin and loans moved again by the linear program that is left. Where a mined
Bitcoin may be worth more or less than its price, or load causes charges that fall due later or are billed on a peak,
hours and money hang together and are solved again as in any solve, from the cuts that the plan's own hours have left:
they stay valid where a change does not touch a site's hours, and are made anew at the same prices where it does
(`SolveRequest.known`).

Such a solve stops at GAP. So a difference over a step is known to within 2 GAP of the value over that step: of a plan
worth 100 MUSD, 20 USD a MW, 2 USD a point of loan to value and 0.0002 USD a dollar of cash.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.interface import Capacity
from allocator.instance.types import Instance
from allocator.pipeline.held_point import held_point
from allocator.pipeline.method import Answer, SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.settle import chosen_dispatch, settle
from allocator.pipeline.solve import answered
from allocator.pipeline.start import all_decided_by
from allocator.pipeline.tail import fill_tail
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd, penalty_usd
from allocator.plan.extract.risk_figures import risk_figures
from allocator.plan.extract.settled import capacity, tenancy_mw
from allocator.plan.frames import empty
from allocator.plan.schema import TABLES
from allocator.planning.point import PlanPoint
from allocator.studies.compared import Compared


@dataclass(frozen=True)
class Value:
    """Expected discounted value within the horizon and beyond it, and what plans are ranked by, USD."""

    within_usd: float
    beyond_usd: float
    ranked_usd: float

    def less(self, other: Value, per: float = 1.0) -> Value:
        """The difference, over an amount."""
        return Value(
            (self.within_usd - other.within_usd) / per,
            (self.beyond_usd - other.beyond_usd) / per,
            (self.ranked_usd - other.ranked_usd) / per,
        )


NOTHING = Value(0.0, 0.0, 0.0)
GAP = 1e-8
"""Proven relative gap of solves at held decisions; narrower ones only chase the tolerances of the engine."""


class Held:
    """A plan whose decisions stay.

    Attributes:
        instance: with the decisions held. point: the decisions, settled. base: the value of the plan.
        ranked_usd: what the plan is ranked by, found the same way as that of a changed instance.

    Raises:
        EngineError: its tables do not make a point of its instance.
    """

    def __init__(self, one: Compared, request: SolveRequest, on_event: OnEvent = ignore) -> None:
        self._request = replace(request, relative_gap=GAP, start=one.plan, explains=False).remembering()
        self._watch = Stopwatch(on_event)
        self.instance = replace(one.instance, decided=all_decided_by(one.instance, one.plan.tables))
        solved = self._solved(self.instance, self._request) if _hang_together(self.instance) else None
        point = held_point(self.instance) if solved is None else _point(solved)
        self.point = settle(self.instance, point).settled.point
        self._tenancy_mw = tenancy_mw(self.instance, self.point)
        self._operations: dict[tuple[int, int], float] = {}
        self.base = _value(self.instance, self.point)
        self.ranked_usd = self.base.ranked_usd if solved is None else _objective_usd(solved)

    def value_usd(self, instance: Instance, point: PlanPoint) -> float:
        """What is ranked by, of an instance of other figures, or of fewer decisions, those of the point.

        Raises:
            InfeasibleError, ValueError: no money keeps the rules.
        """
        if _hang_together(instance):
            return _objective_usd(self.solved(instance))
        return _value(instance, point).ranked_usd

    def gained(self, raised: Instance, sites: Sequence[int], step: float) -> Value:
        """What more of a limit of sites is worth, over its step, where it changes the hours of these sites alone."""
        if not self._is_felt(raised, sites):
            return NOTHING
        point = _point(self.solved(raised)) if _hang_together(raised) else self.point
        return _value(raised, point).less(self.base, step)

    def solved(self, instance: Instance) -> Answer:
        """Solved to its optimum, from what is known of the plan's own hours; InfeasibleError where nothing is left."""
        assert self._request.known is not None
        return self._solved(instance, replace(self._request, known=self._request.known.copy()))

    def _solved(self, instance: Instance, request: SolveRequest) -> Answer:
        return answered(instance, request, self._watch)

    def _is_felt(self, raised: Instance, sites: Sequence[int]) -> bool:
        """Whether the hours of some sites do better, at what a mined Bitcoin is worth there, or the tail is fuller."""
        if _charges_load(raised) or not np.array_equal(fill_tail(raised, self.point), self.point.tail_mw):
            return True
        pairs = itertools.product(sites, range(len(raised.tree)))
        return any(self._operated_usd(raised, *pair) != self._known_usd(*pair) for pair in pairs)

    def _known_usd(self, site: int, node: int) -> float:
        if (site, node) not in self._operations:
            self._operations[site, node] = self._operated_usd(self.instance, site, node)
        return self._operations[site, node]

    def _operated_usd(self, instance: Instance, site: int, node: int) -> float:
        here = capacity(instance, self.point, self._tenancy_mw, site, node)
        dispatch = chosen_dispatch(instance, site, node).at_premium(self.btc_premium(site, node))
        return dispatch.solve(here).value_usd

    def capacity(self, site: int, node: int) -> Capacity:
        """What the decisions give one site in one node."""
        return capacity(self.instance, self.point, self._tenancy_mw, site, node)

    def btc_premium(self, site: int, node: int) -> float:
        """What a mined Bitcoin was worth to the hours beyond its price, USD."""
        trades = self.point.trades
        return 0.0 if trades is None else float(trades.premium_usd_per_btc[site, node])

    def later_premium(self, site: int, node: int) -> float:
        """What the hours gave for a dollar put off beyond its discount, share."""
        premium = self.point.later_premium
        return 0.0 if premium is None else float(premium[site, node])


def _hang_together(instance: Instance) -> bool:
    """Whether what hours are to do is decided with the money, or with what is billed on their peak."""
    treasury = instance.treasury
    return _charges_load(instance) or (treasury is not None and bool(treasury.coupled.any()))


def _charges_load(instance: Instance) -> bool:
    """Whether a peak of the site or of the system is charged: hours alone do not tell what they are worth then."""
    return len(instance.coincident.peak) > 0 or bool(instance.demand.billed.any())


def _value(instance: Instance, point: PlanPoint) -> Value:
    tables = extract_tables(settle(instance, point).settled, {}, empty(TABLES["marginal_values"]))
    flow = tables["cash_flow"]
    inside = flow["when"] == "period"
    return Value(
        math.fsum(flow.loc[inside, "discounted_usd"]),
        math.fsum(flow.loc[~inside, "discounted_usd"]),
        risk_figures(instance, tables).valued_usd(objective_usd(flow)) - penalty_usd(instance, tables),
    )


def _point(answer: Answer) -> PlanPoint:
    assert answer.x is not None
    return answer.planning.point(answer.x)


def _objective_usd(answer: Answer) -> float:
    assert answer.objective_usd is not None
    return answer.objective_usd
