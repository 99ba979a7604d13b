"""Hours run by a rule instead of by their margin: every machine below one price of power, none above it.

The price may be one for all nodes, or follow what mining earns: an index of each node times one price, so that it is
known when the node begins.

An hour in which grid energy costs at most the strike price, adders included, runs all machines of the site-node at full
power, as far as their limits let them and whatever they earn; any other hour runs no miner. What runs where not all
fits, and what tenants are served, is what the best dispatch would choose of each of the two.

The value of an hour at a strike price is one of two figures, so the best strike price is found by adding up
what running gains over stopping in the order of prices:

    max over p in {less than all, observed prices}  of
        Σ_{s,n} worth_n Σ_{t: price_snt <= p index_n} (run_snt - stop_snt)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, Schedule, SiteNodeDispatch, SiteNodeValue, Start
from allocator.dispatch.interface import with_premium as node_with_premium
from allocator.dispatch.reserve_value import no_offers
from allocator.dispatch.schedule import make_schedule, schedule_value
from allocator.dispatch.work_value import no_work
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats

BELOW_USD_PER_MWH = 1.0
"""How far a strike price at which nothing runs lies below all prices."""
SAME_USD_PER_MWH = 1e-9
GLADLY_USD_PER_MWH = 1.0
"""What a MWh more would be paid for, at least, where everything is to run."""


class StrikeDispatch:
    """The hours of a site-node by the rule; prices and cuts are those of the best dispatch, which bound the rule too.

    Args:
        mines: segments that mine, (J,); others run where they earn. tenant_bay: as of `choose_dispatch`.
    """

    def __init__(self, node: SiteNode, mines: Bools, tenant_bay: Bools, strike_usd_per_mwh: float) -> None:
        self._node, self._mines, self._tenant_bay = node, mines, tenant_bay
        self._strike_usd_per_mwh = strike_usd_per_mwh
        self._best = choose_dispatch(node, tenant_bay).dispatch

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Operation by the rule."""
        runs, stops = both_ways(self._node, self._mines, self._tenant_bay, capacity)
        on = is_run(self._node, self._strike_usd_per_mwh)
        load = np.where(on, runs.load_mw, stops.load_mw)
        schedule = _plain(self._node, capacity, load, np.where(on, runs.shed_mw, stops.shed_mw))
        return SiteNodeValue(schedule_value(self._node, schedule), schedule, self.price(capacity)[1])

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Of the best dispatch."""
        return self._best.price(capacity)

    def prices(self, capacity: Capacity) -> LimitPrices:
        """Of the best dispatch."""
        return self._best.prices(capacity)

    def at_premium(self, premium_usd_per_btc: float) -> SiteNodeDispatch:
        """The same rule where a mined Bitcoin is worth that much more; the strike price stays."""
        node = node_with_premium(self._node, premium_usd_per_btc)
        return StrikeDispatch(node, self._mines, self._tenant_bay, self._strike_usd_per_mwh)

    def start(self) -> Start:
        """Of the best dispatch."""
        return self._best.start()

    def start_from(self, start: Start) -> None:
        """Of the best dispatch."""
        self._best.start_from(start)


def is_run(node: SiteNode, strike_usd_per_mwh: float) -> Bools:
    """Steps in which machines run at a strike price, (T,); an index leaves the last digits of it open."""
    return np.asarray(node.price_usd_per_mwh <= strike_usd_per_mwh + SAME_USD_PER_MWH)


def both_ways(node: SiteNode, mines: Bools, tenant_bay: Bools, capacity: Capacity) -> tuple[Schedule, Schedule]:
    """Everything run in every hour, and no miner run in any."""
    loss_usd_per_mwh = max(0.0, -float(node.segment_value_usd_per_mwh.min(initial=0.0)))
    pays = np.full(node.hours, -GLADLY_USD_PER_MWH - loss_usd_per_mwh)
    glad = replace(node, price_usd_per_mwh=pays)
    idle = replace(capacity, segment_mw=np.where(mines, 0.0, capacity.segment_mw))
    runs = choose_dispatch(glad, tenant_bay).dispatch.solve(capacity).schedule
    stops = choose_dispatch(node, tenant_bay).dispatch.solve(idle).schedule
    earns = node.segment_value_usd_per_mwh[:, None] >= (1.0 + node.overhead[node.segment_bay]) * node.price_usd_per_mwh
    return (
        _plain(node, capacity, np.where(mines[:, None] | earns, runs.load_mw, 0.0), runs.shed_mw),
        _plain(node, capacity, stops.load_mw, stops.shed_mw),
    )


def _plain(node: SiteNode, capacity: Capacity, load_mw: Floats, shed_mw: Floats) -> Schedule:
    """A schedule of loads and nothing else."""
    return make_schedule(node, capacity, load_mw, shed_mw, None, no_offers(node), no_work(node))


@dataclass(frozen=True)
class Gain:
    """What running gains over stopping in each step of a site-node, USD as the objective counts them, (T,).

    `price_usd_per_mwh` is over the node's index.
    """

    price_usd_per_mwh: Floats
    usd: Floats


def gain(node: SiteNode, runs: Schedule, stops: Schedule, worth: float, index: float = 1.0) -> Gain:
    """`worth` is what the objective gives for a dollar of the node; `index`: of the strike price there."""
    return Gain(node.price_usd_per_mwh / index, worth * (_hourly_usd(node, runs) - _hourly_usd(node, stops)))


def _hourly_usd(node: SiteNode, schedule: Schedule) -> Floats:
    """Earnings less power less what is not served, by step, (T,)."""
    earned = node.segment_value_usd_per_mwh @ schedule.load_mw - node.price_usd_per_mwh * schedule.grid_mw
    unserved = (node.unserved_usd_per_mwh() * schedule.shed_mw).sum(axis=0)
    return np.asarray(node.weight_h * (earned - unserved))


def best_strike_usd_per_mwh(gains: Sequence[Gain]) -> float:
    """Observed price at which the rule is worth most, the lowest of equals; below all where standing still is best."""
    price = np.concatenate([one.price_usd_per_mwh for one in gains])
    usd = np.concatenate([one.usd for one in gains])
    order = np.argsort(price, kind="stable")
    price, total = price[order], np.cumsum(usd[order])
    last = np.flatnonzero(np.append(price[1:] > price[:-1], True))
    best = last[int(total[last].argmax())]
    return float(price[best] if total[best] > 0.0 else price[0] - BELOW_USD_PER_MWH)


def no_rule(node: SiteNode) -> str | None:
    """Why the hours of a site-node cannot be run by the price of each hour alone; None where they can."""
    if node.peaks:
        return "demand charges bill the highest draw of many hours"
    if node.battery is not None:
        return "a battery carries energy from hour to hour"
    if node.reserves is not None:
        return "ancillary services pay for load that runs"
    if node.block is not None:
        return "a block of power is used before spot is bought"
    if node.take is not None:
        return "a host is paid for energy whether it is drawn or not"
    if node.jobs is not None:
        return "deferrable work is owed"
    if node.budget_binds:
        return "hours share an energy budget that can bind"
    return "hours share an outage allowance of tenants that can run out" if node.outage_runs_out.any() else None
