"""Table of contents of the planning model: which family adds what, in which order.

`build_monolithic` carries the hours of every site-node; `build_master` stands for them with one column theta
a site-node, bounded by cuts that a decomposition adds. Everything else is the same model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.cuts import cut_from_prices, largest, no_prices, saturating_prices
from allocator.dispatch.hours import Hours, Pair, make_hours
from allocator.dispatch.interface import Capacity, Schedule
from allocator.dispatch.rows import Supply, add_hours
from allocator.dispatch.schedule import make_schedule, offers_at, storage_flows, work_at
from allocator.instance.blocks import blocks_usd
from allocator.instance.jobs import penalties_usd
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning import (
    cash,
    chance,
    coincident,
    contracts,
    covenants,
    demand,
    equity,
    fleets,
    halls,
    hedges,
    hosting,
    loan_options,
    loans,
    objective,
    power,
    projects,
    promises,
    tax,
    terminal,
    treasury,
)
from allocator.planning.axes import most_blocks, where
from allocator.planning.capacity_map import CapacityMap, make_capacity_map
from allocator.planning.context import USD_PER_MUSD, Context, make_context
from allocator.planning.decided import hold
from allocator.planning.point import PlanPoint, plan_point
from solvers.model import Expr
from solvers.problem import Problem


@dataclass(frozen=True)
class PlanningModel:
    """A planning problem (objective in MUSD) and the way back from its points.

    Attributes:
        capacity_map: columns <-> capacity of each site-node, and cuts as rows.
        hours: tables of the hours, None in a master.
    """

    instance: Instance
    problem: Problem
    capacity_map: CapacityMap
    hours: Hours | None

    def point(self, x: Floats) -> PlanPoint:
        """The decisions of a point (columns,), made whole; ValueError where they are not."""
        return plan_point(self.instance, self.problem, x)

    def schedule(self, x: Floats, site: int, node: int) -> Schedule:
        """Operation of a site-node from the model's own hourly columns; ValueError in a master."""
        if self.hours is None:
            raise ValueError("a master holds no hours: dispatch the capacity of the point instead")
        here, reserves = site_node(self.instance, site, node), self.instance.reserves
        offset = self.instance.hours.labels[site * len(self.instance.tree) + node]
        load, shed = np.zeros((here.segments, here.hours)), np.zeros((here.tenancies, here.hours))
        for name, axis, own, table in (
            ("load_mw", "segment", self.capacity_map.segments_of[site], load),
            ("shed_mw", "tenancy", self.capacity_map.tenancies_of[site], shed),
        ):
            family = self.problem.columns[name]
            label, hour = family.index[axis].to_numpy(), family.index["hour"].to_numpy() - offset
            inside = np.flatnonzero((hour >= 0) & (hour < here.hours))
            table[np.searchsorted(own, label[inside]), hour[inside]] = x[family.slice][inside]
        service, segment = (int(np.searchsorted(of, site)) for of in (reserves.site, self.instance.segments.site))
        offers = offers_at(here, self.problem, x, (service, segment, int(offset)))
        flows = storage_flows(here, self.problem, x, int(offset))
        job = int(np.searchsorted(self.instance.jobs.site, site))
        work = work_at(here, self.problem, x, (job, segment, int(offset)))
        return make_schedule(here, self.capacity_map.capacity(x, site, node), load, shed, flows, offers, work)


def build_monolithic(instance: Instance) -> PlanningModel:
    """The whole problem in one model, all hours included."""
    context = make_context(instance)
    _decisions(context)
    supply, pairs = _supply(context)
    hours = make_hours(pairs)
    columns = add_hours(context.model, hours, supply)
    _operate(context, columns.margin_usd)
    coincident.produce(context, coincident.add(context), columns.due_usd)
    _owe(context)
    treasury.produce(context, treasury.add(context), columns.mined_btc)
    _close(context)
    return _finish(context, hours)


def build_master(instance: Instance) -> PlanningModel:
    """The problem without its hours: theta_musd[s,n] is the operating margin, bounded above by a static bound."""
    context = make_context(instance)
    _decisions(context)
    bound = theta_bounds(instance)
    table = context.axes.site_node
    theta = context.model.variables(
        "theta_musd", table, lower=-np.inf, upper=bound[table["site"], table["node"]] / USD_PER_MUSD
    )
    _operate(context, theta.expr * USD_PER_MUSD)
    coincident.add(context)
    _owe(context)
    treasury.add(context)
    _close(context)
    return _finish(context, None)


def _decisions(context: Context) -> None:
    agreements = hosting.add(context)
    halls.add(context)
    fleets.add(context)
    hosting.close(context, agreements)
    contracts.add(context)
    halls.close(context)
    promises.add(context)
    power.add(context)
    demand.add(context)
    terminal.add(context)


def _owe(context: Context) -> None:
    hedges.add(context)
    rights = loan_options.add(context)
    loans.add(context)
    loan_options.close(context, rights)
    projects.add(context)


def _operate(context: Context, margin_usd: Expr) -> None:
    instance, table = context.instance, context.axes.site_node
    owed = (penalties_usd(instance) + blocks_usd(instance))[table["site"], table["node"]]
    context.ledgers.margin_usd.add(margin_usd)
    context.earn(margin_usd, instance.finance.discount_operations)
    context.operate(Expr.of(-owed, table), instance.finance.discount_operations)


def _close(context: Context) -> None:
    """What looks at the flows of all other families."""
    equity.add(context)
    cash.add(context)
    if context.instance.tax is not None:
        tax.add(context, context.instance.tax)
    held = cash.close(context)
    chance.close(context)
    if context.instance.covenants is not None:
        covenants.add(context, context.instance.covenants, held, margin_extent(context.instance))
    objective.close(context)


def _finish(context: Context, hours: Hours | None) -> PlanningModel:
    problem = hold(context.instance, context.model.build())
    return PlanningModel(context.instance, problem, make_capacity_map(context.instance, problem), hours)


def _supply(context: Context) -> tuple[Supply, list[Pair]]:
    """Capacity as expressions, and where each site-node finds its own rows of them."""
    instance, axes, ledgers = context.instance, context.axes, context.ledgers
    nodes, segments = len(instance.tree), instance.segments
    firm = ledgers.firm_mw.total
    bay_row = _row_of(axes.bay_node, "bay", (len(instance.bays.names), nodes))
    tenancy_row = _row_of(axes.tenancy_node, "tenancy", (len(instance.tenancies.bay), nodes))
    tenancy_row = np.where(np.append(firm.has_terms, False)[tenancy_row], tenancy_row, -1)
    placement_row = _row_of(axes.placement_node, "placement", (len(instance.placements.bay), nodes))
    exists = placement_row[segments.placement] >= 0
    segment_node = where(exists, "segment", "node")
    segment_row = _row_of(segment_node, "segment", exists.shape)
    at = placement_row[segments.placement[segment_node["segment"]], segment_node["node"]]
    block = instance.models.block_units[instance.placements.model[segments.placement]]
    mw_per_block = (segments.mw_per_unit * block)[segment_node["segment"]]
    installed = ledgers.installed_blocks.total.pick(at, segment_node) * mw_per_block
    peak_row = _row_of(axes.charge_node, "charge", (len(instance.demand.names), nodes))
    pairs = [
        _pair(instance, s, n, bay_row[:, n], tenancy_row[:, n], segment_row[:, n], peak_row[:, n])
        for s in range(len(instance.sites.names))
        for n in range(nodes)
    ]
    return Supply(ledgers.fitted.total, firm, installed, ledgers.peak_mw.total), pairs


def _pair(
    instance: Instance, site: int, node: int, bay_row: Ints, tenancy_row: Ints, segment_row: Ints, peak_row: Ints
) -> Pair:
    bays, segments = np.flatnonzero(instance.bays.site == site), np.flatnonzero(instance.segments.site == site)
    tenancies = np.flatnonzero(instance.tenancies.site == site)
    return Pair(
        site_node=site_node(instance, site, node),
        site=site,
        node=node,
        first_hour=int(instance.hours.labels[site * len(instance.tree) + node]),
        bays=bays,
        tenancies=tenancies,
        segments=segments,
        bay_row=bay_row[bays],
        tenancy_row=tenancy_row[tenancies],
        segment_row=segment_row[segments],
        services=np.flatnonzero(instance.reserves.site == site),
        jobs=np.flatnonzero(instance.jobs.site == site),
        peak_row=peak_row[instance.demand.at(site, node)],
    )


def _row_of(table: pd.DataFrame, axis: str, shape: tuple[int, ...]) -> Ints:
    rows = np.full(shape, -1, dtype=np.int64)
    rows[table[axis], table["node"]] = np.arange(len(table))
    return rows


def margin_extent(instance: Instance) -> tuple[Floats, Floats]:
    """Least and most that the hours of each site and node can earn, (S, N) USD each, whatever is built.

    The least is twice a limit drawn and left unserved at once in every hour.
    """
    least = np.zeros((len(instance.sites.names), len(instance.tree)))
    for site, node in np.ndindex(*least.shape):
        here = site_node(instance, site, node)
        cost = np.maximum(here.price_usd_per_mwh, 0.0) + here.shed_usd_per_mwh
        least[site, node] = -2.0 * float(np.sum(here.weight_h * cost * here.site_limit_mw))
    return least, theta_bounds(instance)


def theta_bounds(instance: Instance) -> Floats:
    """(S, N) USD no operation can exceed, whatever is built: the least of two cuts over all capacities."""
    placements = instance.placements
    racked = most_blocks(instance) * instance.models.block_units[placements.model]
    units = np.maximum(racked, placements.opening_units)[instance.segments.placement]
    mw = instance.segments.mw_per_unit * units
    bounds = np.empty((len(instance.sites.names), len(instance.tree)))
    for site, node in np.ndindex(*bounds.shape):
        here = site_node(instance, site, node)
        own, peaks = mw[instance.segments.site == site], np.full(len(here.peaks), here.site_limit_mw.max())
        most = Capacity(np.ones(here.bays), here.it_limit_mw[here.tenants.bay], own, peaks)
        cuts = (cut_from_prices(here, prices(here)) for prices in (no_prices, saturating_prices))
        bounds[site, node] = min(largest(cut, most) for cut in cuts)
    return bounds
