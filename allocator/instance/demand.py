"""Demand charges: which hours set the peak of a node, and what a MW of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.delivery import in_hours, local_times
from allocator.instance.hour_store import HourStore
from allocator.instance.months import Monthly
from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.scenario.demand_charges import DemandCharge, Ratchet
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.sites import Site

if TYPE_CHECKING:
    from allocator.instance.types import Instance

KW_PER_MW = 1000.0
NO_CHARGES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Demand:
    """(K,) demand charges of all sites, those of a site together.

    Attributes:
        names, site: name and site of each.
        usd_per_mw: rate times the calendar months of the node in which it is billed, (K, N).
        billed: True where some month of the node is billed, (K, N).
        counts: steps that set the peak among the site's own, (T_s,) a charge.
        least_mw: billed at least for what was metered or billed before the plan begins, (K, N).
        ratchet_share: share of earlier billed peaks that is billed at least, (K,).
        reach: (charge, earlier node, node) for every earlier node on the path that the ratchet looks back to, (R, 3).
        beyond_usd_per_mw_year: what a MW drawn all year costs beyond the horizon, by site, (S,).
    """

    names: tuple[str, ...]
    site: Ints
    usd_per_mw: Floats
    billed: Bools
    counts: tuple[Bools, ...]
    least_mw: Floats
    ratchet_share: Floats
    reach: Ints
    beyond_usd_per_mw_year: Floats

    def at(self, site: int, node: int) -> Ints:
        """Charges billed at a site in a node, positions."""
        return np.flatnonzero((self.site == site) & self.billed[:, node]) if self.names else NO_CHARGES


NO_DEMAND = Demand(
    names=(),
    site=np.zeros(0, dtype=np.int64),
    usd_per_mw=np.zeros((0, 0)),
    billed=np.zeros((0, 0), dtype=bool),
    counts=(),
    least_mw=np.zeros((0, 0)),
    ratchet_share=np.zeros(0),
    reach=np.zeros((0, 3), dtype=np.int64),
    beyond_usd_per_mw_year=np.zeros(0),
)


@dataclass(frozen=True)
class NodePeak:
    """One demand charge of a site-node: its position in the instance, and the steps that set its peak, (T,)."""

    label: int
    counts: Bools


def node_peaks(instance: Instance, site: int, node: int) -> tuple[NodePeak, ...]:
    """Peaks that a site is billed for in a node."""
    demand = instance.demand
    labels = demand.at(site, node).tolist()
    return tuple(NodePeak(k, demand.counts[k][instance.hours.own_steps(site, node)]) for k in labels)


def demand_usd_per_mw_year(sites: Sequence[Site], hosts: int, monthly: Monthly) -> Floats:
    """What a MW drawn all year is charged at the rates of the last month, by site, none at hosts, (S,)."""
    own = [
        sum(KW_PER_MW * monthly(charge.usd_per_kw_month)[-1] * len(charge.months) for charge in site.demand_charges)
        for site in sites
    ]
    return np.array([*own, *([0.0] * hosts)], dtype=float)


def compile_demand(sites: Sequence[Site], hours: HourStore, time_zone: str, tree: NodeTree, monthly: Monthly) -> Demand:
    """Demand charges in the order of the file, site by site.

    Raises:
        ScenarioFaults: no hour that a node represents lies in a charge's window.
    """
    listed = [(s, charge) for s, site in enumerate(sites) for charge in site.demand_charges]
    if not listed:
        return NO_DEMAND
    billed = [_months_billed(charge, tree) for _, charge in listed]
    by_node = [_by_node(of, tree) for of in billed]
    rates = [monthly(charge.usd_per_kw_month) for _, charge in listed]
    demand = Demand(
        names=tuple(charge.name for _, charge in listed),
        site=np.array([s for s, _ in listed], dtype=np.int64),
        usd_per_mw=KW_PER_MW * np.array([_by_node(rate * of, tree) for rate, of in zip(rates, billed, strict=True)]),
        billed=np.array(by_node) > 0,
        counts=tuple(_counts(s, charge, hours, time_zone) for s, charge in listed),
        least_mw=np.array([_least(charge, tree) for _, charge in listed]) * np.array([of > 0 for of in by_node]),
        ratchet_share=np.array([0.0 if c.ratchet is None else c.ratchet.share for _, c in listed]),
        reach=_reach([c.ratchet for _, c in listed], np.array(by_node) > 0, tree),
        beyond_usd_per_mw_year=hours.demand_usd_per_mw_year,
    )
    _check(sites, demand, hours, tree)
    return demand


def _months_billed(charge: DemandCharge, tree: NodeTree) -> Floats:
    """1 for the months of the horizon in which a charge is billed, (M,)."""
    months = int((tree.first_month + tree.months).max())
    of_year = [int(tree.calendar_month(month)[5:]) for month in range(months)]
    return np.isin(of_year, charge.months).astype(float)


def _by_node(by_month: Floats, tree: NodeTree) -> Floats:
    """Sum over the months of each node, (N,)."""
    total = np.concatenate([[0.0], np.cumsum(by_month)])
    return np.asarray(total[tree.first_month + tree.months] - total[tree.first_month])


def _least(charge: DemandCharge, tree: NodeTree) -> Floats:
    """Billed at least in each node for what was metered in the first month, or billed before it, (N,)."""
    least = np.where(tree.first_month == 0, charge.opening_peak_mw, 0.0)
    if charge.ratchet is not None:
        latest_first = charge.ratchet.opening_billed_mw[::-1]
        for ago, billed in enumerate(latest_first, start=1):
            within = tree.first_month + ago <= charge.ratchet.months
            least = np.where(within, np.maximum(least, charge.ratchet.share * billed), least)
    return least


def _reach(ratchets: Sequence[Ratchet | None], billed: Bools, tree: NodeTree) -> Ints:
    """(charge, earlier node, node) where the earlier node ends within the months that the first month looks back to."""
    end = tree.first_month + tree.months
    found = [
        (k, m, n)
        for k, ratchet in enumerate(ratchets)
        if ratchet is not None
        for n in np.flatnonzero(billed[k]).tolist()
        for m in tree.path(n)[:-1]
        if billed[k, m] and end[m] > tree.first_month[n] - ratchet.months
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def _counts(site: int, charge: DemandCharge, hours: HourStore, time_zone: str) -> Bools:
    """Steps of the site in the charge's window."""
    first, end = int(hours.offset[site * hours.periods]), int(hours.offset[(site + 1) * hours.periods])
    local = local_times(hours.utc[first:end], time_zone)
    return np.asarray(in_hours(charge, local) & np.isin(local.month.to_numpy(), charge.months))


def _check(sites: Sequence[Site], demand: Demand, hours: HourStore, tree: NodeTree) -> None:
    faults = []
    for k, node in np.argwhere(demand.billed).tolist():
        site = int(demand.site[k])
        if not demand.counts[k][hours.own_steps(site, node)].any():
            place = f"site {sites[site].name}, demand charge {demand.names[k]}"
            found, fix = f"none in {tree.name[node]}", "widen its days or hours, or take every hour (horizon.hours)"
            faults.append(Fault(place, found, "an hour of every period in its window", fix))
    if faults:
        raise ScenarioFaults(faults)
