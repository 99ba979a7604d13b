"""Mining beyond the horizon decided again, decisions held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning import terminal
from allocator.planning.capacity_map import columns_of
from allocator.planning.context import USD_PER_MUSD, make_context
from allocator.planning.point import PlanPoint
from solvers.backends.highs import HighsSession
from solvers.model import Expr
from solvers.options import SolveOptions

EXACT = SolveOptions(feasibility_tolerance=1e-9)


def fill_tail(instance: Instance, point: PlanPoint) -> Floats:
    """Mining beyond the horizon, (B, Y, leaves), in what contracts leave of power and cooling.

    Where halls share nothing but the meter, best value per gross MW first, which is exact: one limit a site and year,
    and one bound a bay, make a fractional knapsack. Otherwise the rows of TERMINAL as a linear program.
    """
    tenants = tenants_tail_mw(instance, point)
    if instance.feeders.names or instance.plants.names:
        return _by_linear_program(instance, point, tenants)
    filled, gross = np.zeros_like(point.tail_mw), 1.0 + instance.terminal.overhead
    for position, leaf in enumerate(instance.tree.leaves.tolist()):
        for site, year in np.ndindex(len(instance.sites.names), instance.terminal.years):
            here = instance.bays.site == site
            free = float(instance.tail_limit_mw[site] - (gross * tenants[:, year, position])[here].sum())
            own = np.flatnonzero(here & (point.fitted[:, leaf] > 0.5))
            filled[own, year, position] = _filled(instance, own, year, leaf, free)
    return filled


def tenants_tail_mw(instance: Instance, point: PlanPoint) -> Floats:
    """IT MW that contracts signed on the path to each leaf still draw in each tail year, (B, Y, leaves)."""
    terms, offers = instance.terminal, instance.offers
    drawn = np.zeros((len(instance.bays.names), terms.years, len(instance.tree.leaves)))
    for position, leaf in enumerate(instance.tree.leaves.tolist()):
        for signed in instance.tree.path(leaf):
            for contract, bay in np.argwhere(point.place[:, :, signed] > 0.5):
                share = point.place[contract, bay, signed] / offers.tranches[contract] * offers.load_factor[contract]
                drawn[bay, :, position] += share * terms.contract_mw[contract, signed]
    return drawn


def _by_linear_program(instance: Instance, point: PlanPoint, tenants_mw: Floats) -> Floats:
    context, leaves = make_context(instance), instance.tree.leaves
    table = context.axes.bay_node
    context.ledgers.fitted.add(Expr.of(point.fitted[table["bay"], table["node"]], table))
    table = context.axes.tail_bay
    load = tenants_mw[table["bay"], table["year"], np.searchsorted(leaves, table["leaf"])]
    context.ledgers.tail_firm_mw.add(Expr.of(load, table))
    terminal.add(context)
    context.model.objective(context.ledgers.npv_usd.total.total() / USD_PER_MUSD)
    problem = context.model.build()
    if not problem.shape[1]:
        return np.zeros_like(point.tail_mw)
    # What contracts draw may pass a limit by an engine's tolerance, and nothing is mined there then.
    problem = replace(problem, row_upper=np.maximum(problem.row_upper, 0.0))
    x = np.append(HighsSession(problem, EXACT).solve().point(), 0.0)
    shape = len(instance.bays.names), instance.terminal.years, len(instance.tree)
    found = x[columns_of(problem, "tail_mw", ("bay", "year", "leaf"), shape)][:, :, leaves]
    return np.asarray(np.clip(found, 0.0, instance.bays.it_limit_mw[:, None, None]))


def _filled(instance: Instance, bays: Ints, year: int, leaf: int, free_mw: float) -> Floats:
    """IT MW of each of `bays` at a leaf, best value per gross MW first; ties in the order of the bays."""
    value, gross = instance.terminal.mining_usd_per_mw[bays, year, leaf], 1.0 + instance.terminal.overhead[bays]
    load = np.zeros(len(bays))
    for k in np.argsort(-value / gross, kind="stable"):
        if value[k] > 0 and instance.bays.kind[bays[k]].endswith("_mining"):
            load[k] = min(float(instance.bays.it_limit_mw[bays[k]]), max(0.0, free_mw) / gross[k])
            free_mw -= load[k] * gross[k]
    return load
