"""What fitted halls draw at no load must fit their limits by itself: no way of running the hours can mend it.

The whole model says so in POWER.site, POWER.feeder and POWER.energy. A master has no hours, and cuts speak only of
capacities that can be operated, so it is given rows of its own; most sites can never come near a limit that way and
need none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.dispatch.interface import Capacity
from allocator.instance.battery import holding_mw
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel
from solvers.problem import Family


@dataclass(frozen=True)
class _Limit:
    """One kind of limit on what bays draw at no load, of K members; what else always draws is taken off it.

    Attributes:
        family, axis: of its rows. site: of each member, (K,). inside: its bays, (K, B).
        limit_mw: gross MW, (K, N). scale: what a row is multiplied by, (N,).
    """

    family: str
    axis: str
    site: Ints
    inside: Bools
    limit_mw: Floats
    scale: Floats

    def broken(self, instance: Instance) -> Bools:
        """Where the thirstiest fit-out in every hall would draw more than the limit, (K, N)."""
        halls, bays = len(instance.halls.names), instance.bays
        most = np.zeros((len(self.site), halls))
        np.maximum.at(most.T, bays.hall, (self.inside * bays.no_load_mw).T)
        broken: Bools = most.sum(axis=1)[:, None] > self.limit_mw
        return broken


def _limits(instance: Instance) -> Iterator[_Limit]:
    """Those of sites and feeders; a battery that loses energy while it stands takes the draw that keeps it up first."""
    sites, feeders, bays = instance.sites, instance.feeders, instance.bays
    hours, one = instance.tree.hours, np.ones(len(instance.tree))
    every, of_site = np.arange(len(sites.names)), bays.site == np.arange(len(sites.names))[:, None]
    held = holding_mw(instance)
    yield _Limit("POWER.site", "site", every, of_site, sites.power_limit_mw[:, None] - held, one)
    yield _Limit("POWER.energy", "site", every, of_site, sites.energy_budget_mwh / hours - held, hours)
    behind = feeders.holds(len(bays.names))
    yield _Limit("POWER.feeder", "feeder", feeders.site, behind, np.outer(feeders.limit_mw, one), one)


def _with_peaks(planning: PlanningModel) -> PlanningModel:
    """Rows  sum_b no_load_mw[b] fitted[b,n] - peak_mw[k,n] <= - holding_mw[s,n]  of every peak that is billed."""
    instance, problem = planning.instance, planning.problem
    demand, bays = instance.demand, instance.bays
    charge, node = np.nonzero(demand.billed)
    if not len(charge):
        return planning
    peak, fitted = planning.capacity_map.peak[charge, node], planning.capacity_map.fitted[:, node]
    draws = (bays.no_load_mw > 0)[:, None] & (bays.site[:, None] == demand.site[charge])
    bay, row = np.nonzero((fitted >= 0) & draws)
    terms = np.concatenate([bays.no_load_mw[bay], np.full(len(charge), -1.0)])
    at = np.concatenate([row, np.arange(len(charge))]), np.concatenate([fitted[bay, row], peak])
    matrix = sp.csc_matrix((terms, at), shape=(len(charge), problem.shape[1]))
    index = pd.DataFrame({"charge": charge, "node": node})
    return _rows(planning, "PEAK.metered", index, matrix, -holding_mw(instance)[demand.site[charge], node])


def with_no_load_limits(planning: PlanningModel) -> PlanningModel:
    """The master with rows on what halls draw at no load, where a limit could be broken that way.

    POWER.site[s,n]: sum_b no_load_mw[b] fitted[b,n] <= power_limit_mw[s],
    POWER.energy[s,n]: hours[n] sum_b no_load_mw[b] fitted[b,n] <= energy_budget_mwh[s,n],
    POWER.feeder[g,n]: sum_{b in g} no_load_mw[b] fitted[b,n] <= limit_mw[g], and
    PEAK.metered[k,n]: sum_b no_load_mw[b] fitted[b,n] <= peak_mw[k,n].
    """
    for limit in _limits(planning.instance):
        planning = _with_rows(planning, limit)
    return _with_peaks(planning)


def _with_rows(planning: PlanningModel, limit: _Limit) -> PlanningModel:
    """Rows  scale[n] sum_{b in k} no_load_mw[b] fitted[b,n] <= scale[n] limit_mw[k,n]  where one could be broken."""
    bays, problem = planning.instance.bays, planning.problem
    member, node = np.nonzero(limit.broken(planning.instance))
    if not len(member):
        return planning
    fitted = planning.capacity_map.fitted[:, node]
    bay, row = np.nonzero((fitted >= 0) & limit.inside[member].T)
    shape = (len(member), problem.shape[1])
    drawn = bays.no_load_mw[bay] * limit.scale[node][row]
    matrix = sp.csc_matrix((drawn, (row, fitted[bay, row])), shape=shape)
    index = pd.DataFrame({limit.axis: member, "node": node})
    return _rows(planning, limit.family, index, matrix, (limit.scale * limit.limit_mw)[member, node])


def _rows(
    planning: PlanningModel, family: str, index: pd.DataFrame, matrix: sp.csc_matrix, upper: Floats
) -> PlanningModel:
    """The master with the rows  matrix x <= upper  of a family."""
    problem = planning.problem
    limited = replace(
        problem,
        matrix=sp.vstack([problem.matrix, matrix]).tocsc(),
        row_lower=np.append(problem.row_lower, np.full(len(upper), -np.inf)),
        row_upper=np.append(problem.row_upper, upper),
        rows={**problem.rows, family: Family(family, problem.shape[0], index)},
    )
    return replace(planning, problem=limited)


def within_no_load_limits(instance: Instance, capacities: Sequence[Capacity]) -> list[Capacity]:
    """Capacities of all site-nodes, those that break a row by an engine's tolerance brought back into it."""
    kept, bays = list(capacities), instance.bays
    for limit in _limits(instance):
        for member, node in np.argwhere(limit.broken(instance)):
            site = int(limit.site[member])
            inside, k = limit.inside[member][bays.site == site], site * len(instance.tree) + node
            drawn = float((bays.no_load_mw[bays.site == site] * inside) @ kept[k].fitted)
            if drawn > (most := float(limit.limit_mw[member, node])):
                kept[k] = replace(kept[k], fitted=np.where(inside, most / drawn, 1.0) * kept[k].fitted)
    return _within_peaks(instance, kept) if instance.demand.names else kept


def _within_peaks(instance: Instance, kept: list[Capacity]) -> list[Capacity]:
    """Peaks below what always draws brought up to it."""
    bays, held = instance.bays, holding_mw(instance)
    for k, here in enumerate(kept):
        site, node = divmod(k, len(instance.tree))
        standing = float(bays.no_load_mw[bays.site == site] @ here.fitted) + float(held[site, node])
        kept[k] = replace(here, peak_mw=np.maximum(here.peak_mw, standing))
    return kept
