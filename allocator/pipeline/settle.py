"""Makes a solver's point exact: hours dispatched again at the whole decisions, the tail filled again.

A solver keeps its rows within a tolerance; a plan has to hold to the last watt. Whole decisions are taken as
they are, and what is continuous is decided again on top of them, by programs that can only do better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_for
from allocator.dispatch.frontier import Mined, mine, mined
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, SiteNodeDispatch
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.types import Instance
from allocator.pipeline.tail import fill_tail
from allocator.pipeline.treasury import Production, financed
from allocator.plan.extract.demand import metered_mw
from allocator.plan.extract.settled import Settled, capacity, tenancy_mw
from allocator.planning.point import PlanPoint

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


def settle(instance: Instance, point: PlanPoint, make_dispatch: MakeDispatch = chosen_dispatch) -> Operation:
    """Dispatch every site in every node at the capacity of the decisions, and fill the tail."""
    whole = replace(point, tail_mw=fill_tail(instance, point))
    schedules, cuts, prices = {}, {}, {}
    firm, done = tenancy_mw(instance, whole), Production.none(instance)
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        dispatch, hours = make_dispatch(instance, site, node), site_node(instance, site, node)
        here = capacity(instance, whole, firm, site, node)
        found = _operated(dispatch, hours, here, _asked_btc(instance, whole, site, node))
        schedules[site, node], cuts[site, node] = found.schedule, found.cut
        prices[site, node] = dispatch.at_premium(found.premium_usd_per_btc).prices(here)
        done.margin_usd[site, node], done.mined_btc[site, node] = found.margin_usd, found.mined_btc
        done.premium_usd_per_btc[site, node] = found.premium_usd_per_btc
    whole = financed(instance, replace(whole, peak_mw=metered_mw(instance, schedules)), done)
    return Operation(Settled(instance, whole, schedules), cuts, prices)


def _asked_btc(instance: Instance, point: PlanPoint, site: int, node: int) -> float | None:
    """Production that trades count on; None where a Bitcoin is worth its price, or nobody has traded yet."""
    if instance.treasury is None or point.trades is None or not instance.treasury.coupled[node]:
        return None
    return float(point.trades.mined_btc[site, node])


def _operated(dispatch: SiteNodeDispatch, hours: SiteNode, here: Capacity, asked_btc: float | None) -> Mined:
    if asked_btc is not None:
        return mine(dispatch, hours, here, asked_btc)
    found = dispatch.solve(here)
    return Mined(found.value_usd, mined(hours, found.schedule), 0.0, found.schedule, found.cut)
