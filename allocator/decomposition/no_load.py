"""What fitted halls draw at no load must fit the site by itself: no way of running the hours can mend it.

The whole model says so in POWER.site. A master has no hours, and cuts speak only of capacities that can be
operated, so it is given rows of its own; most sites can never come near their limit that way and need none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.dispatch.interface import Capacity
from allocator.instance.tree import Ints
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel
from solvers.problem import Family


def with_no_load_limits(planning: PlanningModel) -> PlanningModel:
    """The master with the rows POWER.site[s,n]: sum_b no_load_mw[b] fitted[b,n] <= power_limit_mw[s], where needed."""
    instance, problem = planning.instance, planning.problem
    nodes, bays, sites = len(instance.tree), instance.bays, tight_sites(instance)
    if not len(sites):
        return planning
    index = pd.DataFrame({"site": np.repeat(sites, nodes), "node": np.tile(np.arange(nodes), len(sites))})
    fitted = planning.capacity_map.fitted[:, index["node"]]
    bay, row = np.nonzero((fitted >= 0) & (bays.site[:, None] == index["site"].to_numpy()))
    shape = (len(index), problem.shape[1])
    matrix = sp.csc_matrix((bays.no_load_mw[bay], (row, fitted[bay, row])), shape=shape)
    limited = replace(
        problem,
        matrix=sp.vstack([problem.matrix, matrix]).tocsc(),
        row_lower=np.append(problem.row_lower, np.full(len(index), -np.inf)),
        row_upper=np.append(problem.row_upper, instance.sites.power_limit_mw[index["site"]]),
        rows={**problem.rows, "POWER.site": Family("POWER.site", problem.shape[0], index)},
    )
    return replace(planning, problem=limited)


def tight_sites(instance: Instance) -> Ints:
    """Sites that the thirstiest fit-out in every hall would take beyond their limit."""
    halls, bays = instance.halls, instance.bays
    most = np.zeros(len(halls.names))
    np.maximum.at(most, bays.hall, bays.no_load_mw)
    drawn = np.bincount(halls.site, most, len(instance.sites.names))
    return np.flatnonzero(drawn > instance.sites.power_limit_mw)


def within_no_load_limits(instance: Instance, capacities: Sequence[Capacity]) -> list[Capacity]:
    """Capacities of all site-nodes, those that break a row by an engine's tolerance brought back into it."""
    kept, nodes, bays = list(capacities), len(instance.tree), instance.bays
    for site in tight_sites(instance):
        no_load, limit = bays.no_load_mw[bays.site == site], float(instance.sites.power_limit_mw[site])
        for k in range(site * nodes, (site + 1) * nodes):
            drawn = float(no_load @ kept[k].fitted)
            if drawn > limit:
                kept[k] = replace(kept[k], fitted=kept[k].fitted * (limit / drawn))
    return kept
