"""Makes a solver's point exact: hours dispatched again at the whole decisions, the tail filled again.

A solver keeps its rows within a tolerance; a plan has to hold to the last watt. Whole decisions are taken as
they are, and what is continuous is decided again on top of them, by programs that can only do better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_dispatch, choose_for, tenant_bays
from allocator.dispatch.frontier import Reached, cause, mine, mined
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, SiteNodeDispatch
from allocator.instance.coincident import at_later_worth
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.types import Instance
from allocator.pipeline.tail import fill_tail
from allocator.pipeline.treasury import Production, financed
from allocator.plan.extract.demand import metered_mw
from allocator.plan.extract.settled import Settled, capacity, tenancy_mw
from allocator.planning.point import PlanPoint
from solvers.problem import Problem

MakeDispatch = Callable[[Instance, int, int], SiteNodeDispatch]
"""(instance, site, node) -> whoever solves these hours."""


@dataclass(frozen=True)
class Operation:
    """Settled decisions and, by (site, node), the cut of the hours and the prices of their limits at that capacity."""

    settled: Settled
    cuts: dict[tuple[int, int], Cut]
    prices: dict[tuple[int, int], LimitPrices]


def chosen_dispatch(instance: Instance, site: int, node: int) -> SiteNodeDispatch:
    """Closed form where it is exact, the linear program elsewhere."""
    return choose_for(instance, site, node).dispatch


def settle(
    instance: Instance,
    point: PlanPoint,
    make_dispatch: MakeDispatch = chosen_dispatch,
    master: Problem | None = None,
) -> Operation:
    """Dispatch every site in every node at the capacity of the decisions, and fill the tail; `master` as `financed`
    takes it."""
    whole = replace(point, tail_mw=fill_tail(instance, point))
    schedules, cuts, prices = {}, {}, {}
    firm, done = tenancy_mw(instance, whole), Production.none(instance)
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        dispatch, hours = make_dispatch(instance, site, node), site_node(instance, site, node)
        here = capacity(instance, whole, firm, site, node)
        run = _run(instance, whole, (site, node), dispatch, hours, here)
        schedules[site, node], cuts[site, node] = run.found.schedule, run.found.cut
        prices[site, node] = run.priced_by.prices(here)
        done.margin_usd[site, node], done.mined_btc[site, node] = run.found.margin_usd, mined(hours, run.found.schedule)
        done.premium_usd_per_btc[site, node], done.later_premium[site, node] = run.btc_premium, run.later_premium
        if hours.coincident is not None:
            done.due_usd[hours.coincident.cause] = hours.coincident.due_usd(run.found.schedule.grid_mw)
    whole = financed(instance, replace(whole, peak_mw=metered_mw(instance, schedules)), done, master)
    whole = replace(whole, due_usd=done.due_usd, later_premium=done.later_premium)
    return Operation(Settled(instance, whole, schedules), cuts, prices)


@dataclass(frozen=True)
class _Run:
    """Hours as they are run, the dispatch they are best for, and what a Bitcoin and a dollar due later were worth."""

    found: Reached
    priced_by: SiteNodeDispatch
    btc_premium: float = 0.0
    later_premium: float = 0.0


def _run(
    instance: Instance,
    point: PlanPoint,
    at: tuple[int, int],
    dispatch: SiteNodeDispatch,
    hours: SiteNode,
    here: Capacity,
) -> _Run:
    """Hours of the production, or of the charges of coincident peaks, that the point counts on; else the best ones."""
    asked_btc, asked_usd = _asked_btc(instance, point, *at), _asked_usd(point, hours)
    if asked_btc is not None:
        found = mine(dispatch, hours, here, asked_btc)
        return _Run(found, dispatch.at_premium(found.premium), btc_premium=found.premium)
    if asked_usd is not None:
        tenants = tenant_bays(instance, at[0])
        found = cause(hours, tenants, here, asked_usd)
        steered = (
            dispatch
            if found.premium == 0.0
            else choose_dispatch(at_later_worth(hours, found.premium), tenants).dispatch
        )
        return _Run(found, steered, later_premium=found.premium)
    best = dispatch.solve(here)
    return _Run(Reached(best.value_usd, 0.0, 0.0, best.schedule, best.cut), dispatch)


def _asked_btc(instance: Instance, point: PlanPoint, site: int, node: int) -> float | None:
    """Production that trades count on; None where a Bitcoin is worth its price, or nobody has traded yet."""
    if instance.treasury is None or point.trades is None or not instance.treasury.coupled[node]:
        return None
    return float(point.trades.mined_btc[site, node])


def _asked_usd(point: PlanPoint, hours: SiteNode) -> float | None:
    """What the draw is to cause at coincident peaks; None where it can cause nothing, or nobody has decided it yet."""
    if hours.coincident is None or point.due_usd is None:
        return None
    return float(point.due_usd[hours.coincident.cause].sum())
