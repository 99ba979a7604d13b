"""What no backtest can replay yet, told before anything is solved: hours that hang together in ways that no rule runs.

Batteries and ancillary services have rules of their own, and peaks of demand charges stand as planned, as halls do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.scenario.faults import Fault

FIX = "leave it out of the scenario that is replayed"


def demand_replayable(instance: Instance, site: str, span: tuple[np.datetime64, np.datetime64]) -> None:
    """Refuse a site whose hours hang together in a period that is replayed, the first such period of each kind told.

    Raises:
        BadInputError: there is one.
    """
    s, store, found = instance.sites.names.index(site), instance.hours, dict[str, Fault]()
    for n, name in enumerate(instance.tree.name):
        utc = store.utc[store.steps(s, n)]
        if utc[0] < span[1] and utc[-1] >= span[0]:
            for kind, fault in _faults(site_node(instance, s, n), f"site {site}", str(name)):
                found.setdefault(kind, fault)
    if found:
        raise BadInputError(
            f"site {site} cannot be replayed: its hours hang together in ways that no rule of prices can run",
            [str(fault) for fault in found.values()],
        )


def _faults(here: SiteNode, site: str, period: str) -> Iterator[tuple[str, Fault]]:
    if here.budget_binds:
        most = float(here.weight_h @ here.site_limit_mw)
        told = f"{here.energy_budget_mwh:,.0f} MWh for {period}"
        expected = f"none, or at least the {most:,.0f} MWh that the meter lets through"
        yield "budget", Fault(f"{site}: energy_budget_mwh_per_month", told, expected, FIX)
    if here.block is not None:
        told = f"up to {here.block.mw.max():,.6g} MW bought for own use in {period}"
        yield "block", Fault(f"{site}: power_blocks", told, "none", FIX)
    if here.jobs is not None and here.jobs.work_mwh.any():
        told = f"{here.jobs.work_mwh.sum():,.0f} MWh owed in {period}"
        yield "work", Fault(f"{site}: deferrable_work", told, "none", FIX)
    if here.outage_runs_out.any():
        hours = float(here.tenants.outage_h[here.outage_runs_out].min())
        told, expected = f"{hours:,.6g} h in {period}", f"0, or all {here.weight_h.sum():,.0f} hours of it"
        yield "outages", Fault(f"{site}: outage_allowance_h_per_month of its tenants", told, expected, FIX)
