"""What fitted halls draw at no load must fit the site by itself: no way of running the hours can mend it.

The whole model says so in POWER.site and POWER.energy. A master has no hours, and cuts speak only of capacities
that can be operated, so it is given rows of its own; most sites can never come near a limit that way and need none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.dispatch.interface import Capacity
from allocator.instance.battery import holding_mw
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel
from solvers.problem import Family


def with_no_load_limits(planning: PlanningModel) -> PlanningModel:
    """The master with rows on what halls draw at no load, where a limit could be broken that way.

    POWER.site[s,n]: sum_b no_load_mw[b] fitted[b,n] <= power_limit_mw[s], and
    POWER.energy[s,n]: hours[n] sum_b no_load_mw[b] fitted[b,n] <= energy_budget_mwh[s,n].
    """
    instance = planning.instance
    power, energy = _limits_mw(instance)
    hours = instance.tree.hours
    limited = _with_rows(planning, "POWER.site", power, np.ones(len(hours)))
    return _with_rows(limited, "POWER.energy", energy, hours)


def _limits_mw(instance: Instance) -> tuple[Floats, Floats]:
    """What a steady draw may come to by the limit at the meter and by the energy budget, gross MW, (S, N) each.

    A battery that loses energy while it stands takes the draw that keeps it up first.
    """
    sites, held = instance.sites, holding_mw(instance)
    return sites.power_limit_mw[:, None] - held, sites.energy_budget_mwh / instance.tree.hours - held


def _with_rows(planning: PlanningModel, family: str, limit_mw: Floats, scale: Floats) -> PlanningModel:
    """Rows  scale[n] sum_b no_load_mw[b] fitted[b,n] <= scale[n] limit_mw[s,n]  where the left side can be larger."""
    bays, problem = planning.instance.bays, planning.problem
    site, node = np.nonzero(_most_mw(planning.instance)[:, None] > limit_mw)
    if not len(site):
        return planning
    fitted = planning.capacity_map.fitted[:, node]
    bay, row = np.nonzero((fitted >= 0) & (bays.site[:, None] == site))
    shape = (len(site), problem.shape[1])
    matrix = sp.csc_matrix((bays.no_load_mw[bay] * scale[node][row], (row, fitted[bay, row])), shape=shape)
    limited = replace(
        problem,
        matrix=sp.vstack([problem.matrix, matrix]).tocsc(),
        row_lower=np.append(problem.row_lower, np.full(len(site), -np.inf)),
        row_upper=np.append(problem.row_upper, (scale * limit_mw)[site, node]),
        rows={**problem.rows, family: Family(family, problem.shape[0], pd.DataFrame({"site": site, "node": node}))},
    )
    return replace(planning, problem=limited)


def _most_mw(instance: Instance) -> Floats:
    """What each site draws at no load with the thirstiest fit-out in every hall, gross MW, (S,)."""
    halls, bays = instance.halls, instance.bays
    most = np.zeros(len(halls.names))
    np.maximum.at(most, bays.hall, bays.no_load_mw)
    return np.asarray(np.bincount(halls.site, most, len(instance.sites.names)), dtype=np.float64)


def within_no_load_limits(instance: Instance, capacities: Sequence[Capacity]) -> list[Capacity]:
    """Capacities of all site-nodes, those that break a row by an engine's tolerance brought back into it."""
    kept, bays = list(capacities), instance.bays
    least = np.minimum(*_limits_mw(instance))
    for site, node in np.argwhere(_most_mw(instance)[:, None] > least):
        k = site * len(instance.tree) + node
        drawn, limit = float(bays.no_load_mw[bays.site == site] @ kept[k].fitted), float(least[site, node])
        if drawn > limit:
            kept[k] = replace(kept[k], fitted=kept[k].fitted * (limit / drawn))
    return kept
