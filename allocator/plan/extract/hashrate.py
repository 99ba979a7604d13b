"""Table hashrate, from the machines standing and the schedules."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.dispatch.reserve_value import kept_running_mw
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def hashrate_table(settled: Settled) -> pd.DataFrame:
    """Table `hashrate`."""
    sites, nodes = settled.instance.sites.names, settled.instance.tree.name
    rows = [_row(settled, site, node) for node in range(len(nodes)) for site in range(len(sites))]
    return from_rows(TABLES["hashrate"], rows)


def _row(settled: Settled, site: int, node: int) -> dict[str, object]:
    instance, models, segments = settled.instance, settled.instance.models, settled.instance.segments
    standing, placed = settled.point.installed_units[:, node], instance.placements
    th_per_s = models.hash_th_per_s[placed.model]
    here = standing * ((instance.bays.site[placed.bay] == site) & (th_per_s > 0.0))
    hours, schedule, own = settled.hours(site, node), settled.schedules[site, node], segments.site == site
    energy = kept_running_mw(hours, schedule.load_mw, schedule.offer_mw) @ hours.weight_h
    ph_per_mw = segments.hash_ph_per_mw[own]
    return {
        "node": instance.tree.name[node],
        "site": instance.sites.names[site],
        "deployed_ph_per_s": float(here @ th_per_s) / 1e3,
        "deployed_mw": float(here @ models.power_kw[placed.model]) / 1e3,
        "operating_ph_per_s": float(energy @ ph_per_mw) / float(np.sum(hours.weight_h)),
        "operating_mwh": float(energy[ph_per_mw > 0.0].sum()),
    }
