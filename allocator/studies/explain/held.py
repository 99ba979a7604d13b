"""A plan with its whole decisions held, valued again where something about its instance changed.

Held are conversions, machines, contracts and notices, and the periods in which loans are drawn, collateral is
released and the like: every integer of the planning problem. The hours are dispatched again, the years beyond the
horizon filled again, and cash, Bitcoin and loans moved again by the linear program that is left. Where a mined
Bitcoin may be worth more or less than its price, or load causes charges that fall due later, hours and money hang
together and are solved again as in any solve.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.held_point import held_point
from allocator.pipeline.method import Answer, SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.settle import chosen_dispatch, settle
from allocator.pipeline.solve import answered
from allocator.pipeline.start import all_decided_by
from allocator.pipeline.tail import fill_tail
from allocator.plan.carried import carried
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


class Held:
    """A plan whose decisions stay.

    Attributes:
        instance: with the decisions held. point: the decisions, settled. base: the value of the plan.

    Raises:
        EngineError: its tables do not make a point of its instance.
    """

    def __init__(self, one: Compared, request: SolveRequest, on_event: OnEvent = ignore) -> None:
        self._request, self._watch = replace(request, relative_gap=0.0, explains=False), Stopwatch(on_event)
        self.instance = replace(one.instance, decided=all_decided_by(one.instance, one.plan.tables))
        causes = len(self.instance.coincident.peak) > 0
        point = self._solved_point(self.instance) if causes else _point(self.instance, one)
        self.point = settle(self.instance, point).settled.point
        self._tenancy_mw = tenancy_mw(self.instance, self.point)
        self._operations: dict[tuple[int, int], float] = {}
        self.base = _value(self.instance, self.point)

    def value(self, instance: Instance, point: PlanPoint) -> Value:
        """Of an instance of other figures, or of fewer decisions, those of the point.

        Raises:
            InfeasibleError, ValueError: no money keeps the rules.
        """
        return _value(instance, self._solved_point(instance) if _hang_together(instance) else point)

    def gained(self, raised: Instance, sites: Sequence[int], step: float) -> Value:
        """What a change of the instance is worth, over its step; `sites`: whose hours alone it changes, if any."""
        if sites and not self._is_felt(raised, sites):
            return NOTHING
        return self.value(raised, self.point).less(self.base, step)

    def _solved_point(self, instance: Instance) -> PlanPoint:
        answer = self.solved(instance)
        assert answer.x is not None
        return answer.planning.point(answer.x)

    def solved(self, instance: Instance) -> Answer:
        """Solved to its optimum; InfeasibleError where what it holds leaves nothing."""
        return answered(instance, self._request, self._watch)

    def _is_felt(self, raised: Instance, sites: Sequence[int]) -> bool:
        """Whether the hours of some sites do better, at what a mined Bitcoin is worth there, or the tail is fuller."""
        if len(raised.coincident.peak) or not np.array_equal(fill_tail(raised, self.point), self.point.tail_mw):
            return True
        pairs = itertools.product(sites, range(len(raised.tree)))
        return any(self._operated_usd(raised, *pair) != self._known_usd(*pair) for pair in pairs)

    def _known_usd(self, site: int, node: int) -> float:
        if (site, node) not in self._operations:
            self._operations[site, node] = self._operated_usd(self.instance, site, node)
        return self._operations[site, node]

    def _operated_usd(self, instance: Instance, site: int, node: int) -> float:
        trades = self.point.trades
        premium = 0.0 if trades is None else float(trades.premium_usd_per_btc[site, node])
        here = capacity(instance, self.point, self._tenancy_mw, site, node)
        return chosen_dispatch(instance, site, node).at_premium(premium).solve(here).value_usd


def _hang_together(instance: Instance) -> bool:
    """Whether what hours are to do is decided with the money."""
    treasury = instance.treasury
    return len(instance.coincident.peak) > 0 or (treasury is not None and bool(treasury.coupled.any()))


def _value(instance: Instance, point: PlanPoint) -> Value:
    tables = extract_tables(settle(instance, point).settled, {}, empty(TABLES["marginal_values"]))
    flow = tables["cash_flow"]
    inside = flow["when"] == "period"
    return Value(
        math.fsum(flow.loc[inside, "discounted_usd"]),
        math.fsum(flow.loc[~inside, "discounted_usd"]),
        risk_figures(instance, tables).valued_usd(objective_usd(flow)) - penalty_usd(instance, tables),
    )


def _point(instance: Instance, one: Compared) -> PlanPoint:
    """The decisions; production is that of the tables."""
    point = held_point(instance)
    if point.trades is None:
        return point
    produced = carried(instance, one.plan.tables).mined_btc
    return replace(point, trades=replace(point.trades, mined_btc=produced))
