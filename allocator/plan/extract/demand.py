"""Table demand_charges, and what tariffs bill on peaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.dispatch.interface import Schedule
from allocator.instance.demand import node_peaks
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def metered_mw(instance: Instance, schedules: Mapping[tuple[int, int], Schedule]) -> Floats | None:
    """Highest draw in the hours that count for each demand charge, (D, N); None without any."""
    if not instance.demand.names:
        return None
    metered = np.zeros(instance.demand.billed.shape)
    for (site, node), schedule in schedules.items():
        for peak in node_peaks(instance, site, node):
            metered[peak.label, node] = max(0.0, float(schedule.grid_mw[peak.counts].max()))
    return metered


def billed_mw(instance: Instance, peak_mw: Floats) -> Floats:
    """What is billed on some metered peaks, (D, N)."""
    demand = instance.demand
    billed = np.where(demand.billed, np.maximum(peak_mw, demand.least_mw), 0.0)
    for k, earlier, node in demand.reach[np.argsort(demand.reach[:, 2], kind="stable")].tolist():
        billed[k, node] = max(billed[k, node], demand.ratchet_share[k] * billed[k, earlier])
    return billed


def demand_table(settled: Settled) -> pd.DataFrame:
    """Table `demand_charges`."""
    instance, demand, metered = settled.instance, settled.instance.demand, settled.point.peak_mw
    if metered is None:
        return from_rows(TABLES["demand_charges"], [])
    billed = billed_mw(instance, metered)
    rows = [
        {
            "node": instance.tree.name[node],
            "site": instance.sites.names[int(demand.site[k])],
            "charge": demand.names[k],
            "metered_mw": float(metered[k, node]),
            "billed_mw": float(billed[k, node]),
            "set_by": _set_by(metered[k, node], demand.least_mw[k, node], billed[k, node]),
            "charge_usd": float(demand.usd_per_mw[k, node] * billed[k, node]),
        }
        for node, k in np.argwhere(demand.billed.T).tolist()
    ]
    return from_rows(TABLES["demand_charges"], rows)


def _set_by(metered: float, least: float, billed: float) -> str:
    if metered >= billed:
        return "metered"
    return "opening" if least >= billed else "ratchet"


def demand_entries(settled: Settled) -> Iterator[Entry]:
    """What is billed on every peak."""
    demand, metered = settled.instance.demand, settled.point.peak_mw
    if metered is None:
        return
    billed = billed_mw(settled.instance, metered)
    for k, node in np.argwhere(demand.billed).tolist():
        usd = -float(demand.usd_per_mw[k, node] * billed[k, node])
        yield Entry("demand_charge", node, int(demand.site[k]), demand.names[k], usd)
