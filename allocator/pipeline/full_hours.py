"""What the same decisions earn over every hour: the error of representative days, measured and reported."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.settle import MakeDispatch, chosen_dispatch
from allocator.plan.extract.cash_flow import cash_flow_table, objective_usd
from allocator.plan.extract.contracts import contract_entries
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.power import energy, energy_entries
from allocator.plan.extract.settled import Settled, capacity
from allocator.plan.extract.unserved import unserved_entries
from allocator.plan.meta import HoursMeta


def operating_usd(settled: Settled) -> float:
    """Discounted value of what depends on hours: earnings of machines, power, credits, power passed through."""
    entries = [
        entry
        for node in range(len(settled.instance.tree))
        for site in range(len(settled.instance.sites.names))
        for entry in [*energy_entries(energy(settled, site, node), settled), *unserved_entries(settled, site, node)]
    ]
    return _worth(settled.instance, [*entries, *_passed_through(settled)])


def operating_usd_over(instance: Instance, settled: Settled, make_dispatch: MakeDispatch = chosen_dispatch) -> float:
    """The same of other hours under the same decisions: each site-node is dispatched, counted and let go."""
    firm, entries = settled.tenancy_mw, list[Entry]()
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        found = make_dispatch(instance, site, node).solve(capacity(instance, settled.point, firm, site, node))
        here = Settled(instance, settled.point, {(site, node): found.schedule})
        entries += [*energy_entries(energy(here, site, node), here), *unserved_entries(here, site, node)]
    return _worth(instance, [*entries, *_passed_through(replace(settled, instance=instance, schedules={}))])


def measured(hours: HoursMeta, full: Instance, settled: Settled, objective: float) -> HoursMeta:
    """`hours` with the error of the representation; `full` is the same scenario with every hour."""
    thin, whole = operating_usd(settled), operating_usd_over(full, settled)
    return replace(
        hours,
        full_hours_objective_usd=math.fsum([objective, whole, -thin]),
        error_usd=whole - thin,
        error_share=(whole - thin) / max(1.0, abs(whole)),
    )


def _passed_through(settled: Settled) -> Iterator[Entry]:
    return (entry for entry in contract_entries(settled) if entry.line == "power_pass_through")


def _worth(instance: Instance, entries: list[Entry]) -> float:
    return objective_usd(cash_flow_table(instance, entries))
