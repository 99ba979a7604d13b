"""From hourly loads to a schedule and its value: shared by every way of solving the hours."""

from __future__ import annotations

import numpy as np

from allocator.dispatch.battery_value import battery_money, storage_schedule
from allocator.dispatch.blocks import block_usd
from allocator.dispatch.interface import Capacity, Schedule, SiteNode, StorageSchedule
from allocator.dispatch.outage_value import beyond_mwh
from allocator.dispatch.reserve_value import no_offers, offers_usd, shrink, within_running
from allocator.dispatch.take import untaken_mwh
from allocator.dispatch.work_value import no_work, work_usd
from allocator.instance.grouped import add_by
from allocator.instance.tree import Floats
from solvers.problem import Family, Problem

STORAGE = ("charge_mw", "discharge_mw", "stored_mwh")
"""Columns of a battery, one a step, in the order of `StorageSchedule`."""


def make_schedule(
    site_node: SiteNode,
    capacity: Capacity,
    load_mw: Floats,
    shed_mw: Floats,
    flows: StorageSchedule | None,
    offer_mw: Floats,
    work_mw: Floats,
) -> Schedule:
    """Schedule of loads (J, T), shed (K, T), the battery's flows, offers (K, J, T) and work (D, J, T), clipped into
    what the capacity offers."""
    load = np.clip(load_mw, 0.0, capacity.segment_mw[:, None])
    shed = np.clip(shed_mw, 0.0, capacity.firm_mw[:, None])
    it = firm_by_bay(site_node, capacity.firm_mw[:, None] - shed)
    add_by(it, site_node.segment_bay, load)
    grid = ((1 + site_node.overhead) * it).sum(axis=0) + site_node.no_load_mw @ capacity.fitted
    work = within_running_work(site_node, load, work_mw)
    beyond = beyond_mwh(site_node, capacity.firm_mw, shed)
    if site_node.battery is None or flows is None:
        offers = within_running(site_node, load, offer_mw, grid)
        return Schedule(load, shed, grid, None, offers, beyond, work, _take_mwh(site_node, capacity))
    storage = storage_schedule(site_node, site_node.battery, flows)
    offers = within_running(site_node, load, offer_mw, np.maximum(grid - storage.discharge_mw, 0.0))
    return Schedule(load, shed, grid + storage.charge_mw - storage.discharge_mw, storage, offers, beyond, work)


def _take_mwh(site_node: SiteNode, capacity: Capacity) -> float:
    return 0.0 if site_node.take is None else site_node.take.take_mwh * float(capacity.fitted.sum())


def storage_flows(site_node: SiteNode, problem: Problem, x: Floats, first_hour: int = 0) -> StorageSchedule | None:
    """Columns of the battery of a site-node at a point x (columns,) of a problem that numbers its steps from there."""
    if site_node.battery is None:
        return None
    family = problem.columns["charge_mw"]
    at = family.index["hour"].to_numpy() - first_hour
    own = np.flatnonzero((at >= 0) & (at < site_node.hours))
    charge, discharge, stored = (x[problem.columns[name].slice][own] for name in STORAGE)
    return StorageSchedule(charge, discharge, stored)


def mixture(one: Schedule, other: Schedule, share: float) -> Schedule:
    """`share` of the other schedule, the rest of the one; possible wherever both are, since the hours are convex."""
    storage = None
    if one.storage is not None and other.storage is not None:
        flows = zip(vars(one.storage).values(), vars(other.storage).values(), strict=True)
        storage = StorageSchedule(*(_mix(a, b, share) for a, b in flows))
    beyond = None
    if one.beyond_mwh is not None and other.beyond_mwh is not None:
        beyond = _mix(one.beyond_mwh, other.beyond_mwh, share)
    return Schedule(
        load_mw=_mix(one.load_mw, other.load_mw, share),
        shed_mw=_mix(one.shed_mw, other.shed_mw, share),
        grid_mw=_mix(one.grid_mw, other.grid_mw, share),
        storage=storage,
        offer_mw=_mix(one.offer_mw, other.offer_mw, share),
        work_mw=_mix(one.work_mw, other.work_mw, share),
        take_mwh=one.take_mwh,
        beyond_mwh=beyond,
    )


def _mix(one: Floats, other: Floats, share: float) -> Floats:
    return np.asarray((1.0 - share) * one + share * other)


def firm_by_bay(site_node: SiteNode, firm_mw: Floats) -> Floats:
    """Firm load of each bay, (B, T), from that of each tenancy, (K, T)."""
    it = np.zeros((site_node.bays, site_node.hours))
    add_by(it, site_node.tenants.bay, firm_mw)
    return it


def offers_at(site_node: SiteNode, problem: Problem, x: Floats, first: tuple[int, int, int] = (0, 0, 0)) -> Floats:
    """Offers (K, J, T) of a site-node at a point of a problem; `first` labels its first service, segment and step."""
    return _filled(no_offers(site_node), problem.columns.get("offer_mw"), "service", x, first)


def work_at(site_node: SiteNode, problem: Problem, x: Floats, first: tuple[int, int, int] = (0, 0, 0)) -> Floats:
    """Work (D, J, T) of a site-node at a point of a problem; `first` labels its first job, segment and step."""
    return _filled(no_work(site_node), problem.columns.get("work_mw"), "job", x, first)


def _filled(none: Floats, family: Family | None, axis: str, x: Floats, first: tuple[int, int, int]) -> Floats:
    """The columns of a family that belong to a site-node, on its axes; `none` of the family's is (axis, J, T)."""
    if family is None:
        return none
    axes = zip((axis, "segment", "hour"), first, strict=True)
    at, segment, hour = (family.index[name].to_numpy() - label for name, label in axes)
    own = np.flatnonzero((hour >= 0) & (hour < none.shape[2]))
    none[at[own], segment[own], hour[own]] = x[family.slice][own]
    return none


def within_running_work(site_node: SiteNode, load_mw: Floats, work_mw: Floats) -> Floats:
    """Work (D, J, T) cut back to what runs, to what may work at once and to what is owed, which a solver keeps within
    its tolerance only."""
    owed = site_node.jobs
    if owed is None:
        return work_mw
    work = np.maximum(work_mw, 0.0)
    work = work * shrink(work.sum(axis=0), load_mw)
    work = work * shrink(work.sum(axis=1), owed.most_mw[:, None])[:, None, :]
    return work * shrink(work.sum(axis=1) @ site_node.weight_h, owed.work_mwh)[:, None, None]


def schedule_value(site_node: SiteNode, schedule: Schedule) -> float:
    """Earnings of segments, offers and work - power - what is not served or not taken - a battery's, USD."""
    earnings = site_node.segment_value_usd_per_mwh @ (schedule.load_mw @ site_node.weight_h)
    power = (site_node.price_usd_per_mwh * site_node.weight_h) @ schedule.grid_mw
    shed = ((site_node.unserved_usd_per_mwh() * schedule.shed_mw) @ site_node.weight_h).sum()
    offers = offers_usd(site_node, schedule.offer_mw)
    beyond = 0.0 if schedule.beyond_mwh is None else site_node.beyond_usd_per_mwh @ schedule.beyond_mwh
    offers += work_usd(site_node, schedule.work_mw) + block_usd(site_node, schedule.grid_mw)
    if site_node.take is not None:
        untaken = untaken_mwh(site_node, schedule.take_mwh, schedule.grid_mw)
        offers -= site_node.take.untaken_usd_per_mwh * untaken
    return float(earnings - power - shed - beyond) + offers - _battery_cost(site_node, schedule)


def _battery_cost(site_node: SiteNode, schedule: Schedule) -> float:
    """Wear, and what of the battery's earnings only foresight earns; its energy is part of what the meter draws."""
    if site_node.battery is None or schedule.storage is None:
        return 0.0
    money = battery_money(site_node, site_node.battery, schedule.storage)
    return money.wear + money.foresight
