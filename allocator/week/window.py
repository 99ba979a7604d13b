"""Hours cut out of a site-node: the steps of a window, at their own length or finer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.dispatch.interface import SiteNode
from allocator.instance.battery import NodeBattery
from allocator.instance.blocks import NodeBlock
from allocator.instance.reserves import NodeReserves
from allocator.instance.tree import Floats, Ints


def cut(here: SiteNode, first: int, end: int, splits: int = 1) -> SiteNode:
    """The steps first .. end - 1 of a site-node of full hours, each split into equal ones.

    What the node allows or asks for in all (energy budget, outage allowances, deferrable work, energy to be taken) is
    the share of these hours in it.
    """
    at = np.repeat(np.arange(first, end), splits)
    parts = np.full(len(at), splits)
    return _taken(here, at, parts, float(here.weight_h[first:end].sum() / here.weight_h.sum()))


def told_apart(here: SiteNode, step_of_hour: Ints) -> SiteNode:
    """The site-node with a step for every hour, (T_n,), where its hours may be drawn together."""
    if len(step_of_hour) == len(here.weight_h):
        return here
    return _taken(here, step_of_hour, np.bincount(step_of_hour)[step_of_hour], 1.0)


def _taken(here: SiteNode, at: Ints, parts: Ints, share: float) -> SiteNode:
    """Steps of a site-node, each one of so many equal parts of it, (T,) both, with a share of what the node has."""
    tenants, jobs, take = here.tenants, here.jobs, here.take
    return replace(
        here,
        weight_h=here.weight_h[at] / parts,
        price_usd_per_mwh=here.price_usd_per_mwh[at],
        site_limit_mw=here.site_limit_mw[at],
        overhead=here.overhead[:, at],
        air_limit_mw=here.air_limit_mw[:, at],
        liquid_limit_mw=here.liquid_limit_mw[:, at],
        energy_budget_mwh=share * here.energy_budget_mwh,
        battery=_battery(here.battery, at, parts),
        tenants=replace(tenants, spot_usd_per_mwh=tenants.spot_usd_per_mwh[at], outage_h=share * tenants.outage_h),
        plants=tuple(replace(plant, limit_mw=plant.limit_mw[at]) for plant in here.plants),
        reserves=_reserves(here.reserves, at),
        jobs=None if jobs is None else replace(jobs, work_mwh=share * jobs.work_mwh),
        take=None if take is None else replace(take, take_mwh=share * take.take_mwh),
        block=_block(here.block, at),
        peaks=tuple(replace(peak, counts=peak.counts[at]) for peak in here.peaks),
    )


def _battery(owned: NodeBattery | None, at: Ints, parts: Ints) -> NodeBattery | None:
    """One run of steps from the first to the last."""
    if owned is None:
        return None
    opens = np.zeros(len(at), dtype=bool)
    opens[:1] = True
    return NodeBattery(owned.battery, owned.step_h[at] / parts, opens)


def chained(nodes: Sequence[SiteNode]) -> list[SiteNode]:
    """Site-nodes that follow one another, what their batteries store carried from one to the next."""
    owned = [here.battery for here in nodes]
    found = []
    for k, (here, own) in enumerate(zip(nodes, owned, strict=True)):
        if own is not None:
            opens = own.opens & (k == 0 or owned[k - 1] is None)
            goes_on = k + 1 < len(owned) and owned[k + 1] is not None
            here = replace(here, battery=replace(own, opens=opens, goes_on=goes_on))
        found.append(here)
    return found


def _reserves(stated: NodeReserves | None, at: Ints) -> NodeReserves | None:
    if stated is None:
        return None
    return replace(stated, price_usd_per_mw_hour=stated.price_usd_per_mw_hour[:, at], open=stated.open[:, at])


def _block(block: NodeBlock | None, at: Ints) -> NodeBlock | None:
    if block is None:
        return None
    mw: Floats = block.mw[at]
    return NodeBlock(mw, block.worth_usd_per_mwh[at]) if mw.any() else None
