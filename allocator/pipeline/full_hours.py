"""What the same decisions earn over every hour: the error of representative days, measured and reported."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from allocator.dispatch.frontier import mined
from allocator.instance.types import Instance
from allocator.pipeline.settle import MakeDispatch, chosen_dispatch
from allocator.plan.extract.cash_flow import cash_flow_table, objective_usd
from allocator.plan.extract.contracts import contract_entries
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.power import energy, energy_entries
from allocator.plan.extract.settled import Settled, capacity
from allocator.plan.extract.unserved import unserved_entries
from allocator.plan.meta import HoursMeta
from allocator.planning.point import PlanPoint


def operating_usd(settled: Settled) -> float:
    """Discounted value of what depends on hours: earnings of machines, power, credits, power passed through; a mined
    Bitcoin at its price and the premium of the plan's treasury."""
    entries = [
        entry
        for node in range(len(settled.instance.tree))
        for site in range(len(settled.instance.sites.names))
        for entry in _entries(settled, site, node)
    ]
    return _worth(settled.instance, [*entries, *_passed_through(settled)])


def operating_usd_over(instance: Instance, settled: Settled, make_dispatch: MakeDispatch = chosen_dispatch) -> float:
    """The same of other hours under the same decisions: each site-node is dispatched, counted and let go."""
    firm, entries = settled.tenancy_mw, list[Entry]()
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        dispatch = make_dispatch(instance, site, node).at_premium(_premium_usd_per_btc(settled.point, site, node))
        found = dispatch.solve(capacity(instance, settled.point, firm, site, node))
        entries += _entries(Settled(instance, settled.point, {(site, node): found.schedule}), site, node)
    return _worth(instance, [*entries, *_passed_through(replace(settled, instance=instance, schedules={}))])


def measured(
    hours: HoursMeta,
    full: Instance,
    settled: Settled,
    objective: float,
    make_dispatch: MakeDispatch = chosen_dispatch,
) -> HoursMeta:
    """`hours` with the error of the representation; `full` is the same scenario with every hour."""
    thin, whole = operating_usd(settled), operating_usd_over(full, settled, make_dispatch)
    return replace(
        hours,
        full_hours_objective_usd=math.fsum([objective, whole, -thin]),
        error_usd=whole - thin,
        error_share=(whole - thin) / max(1.0, abs(whole)),
    )


def _entries(settled: Settled, site: int, node: int) -> Iterator[Entry]:
    """Money of the hours of a site-node; a mined Bitcoin counts what the plan's treasury would pay for it, or hours
    that mine for the price and hours that mine for more would not compare."""
    yield from energy_entries(energy(settled, site, node), settled)
    yield from unserved_entries(settled, site, node)
    btc = mined(settled.hours(site, node), settled.schedules[site, node])
    yield Entry("mining_revenue", node, site, "", btc * _premium_usd_per_btc(settled.point, site, node))


def _premium_usd_per_btc(point: PlanPoint, site: int, node: int) -> float:
    return 0.0 if point.trades is None else float(point.trades.premium_usd_per_btc[site, node])


def _passed_through(settled: Settled) -> Iterator[Entry]:
    return (entry for entry in contract_entries(settled) if entry.line == "power_pass_through")


def _worth(instance: Instance, entries: list[Entry]) -> float:
    return objective_usd(cash_flow_table(instance, entries))
