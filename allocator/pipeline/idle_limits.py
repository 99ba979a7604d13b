"""Limits of sites that nothing could ever reach: no part of a conflict, though an engine may pick them as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.tree import Bools
from allocator.instance.types import Instance
from solvers.problem import Problem


def without_idle_limits(instance: Instance, problem: Problem) -> Problem:
    """The problem without rows POWER.site of sites whose halls, at their own limits, and battery draw less.

    A conflict can be told with the halls' limits in place of such a row, and a reader is not sent to the meter.
    """
    family, upper = problem.rows.get("POWER.site"), problem.row_upper.copy()
    if family is None:
        return problem
    index = family.index
    site = index["site"].to_numpy() if "site" in index else instance.hours.pair_of(index["hour"].to_numpy())[0]
    upper[family.start + np.flatnonzero(_idle(instance)[site])] = np.inf
    return replace(problem, row_upper=upper)


def _idle(instance: Instance) -> Bools:
    """Sites whose limit is more than all halls and the battery can draw at once, (S,)."""
    bays, most = instance.bays, np.zeros(len(instance.halls.names))
    overhead = np.concatenate([of_site.max(axis=1, initial=0.0) for of_site in instance.hours.overhead])
    np.maximum.at(most, bays.hall, bays.it_limit_mw * (1.0 + overhead) + bays.no_load_mw)
    drawn = np.bincount(instance.halls.site, most, len(instance.sites.names))
    for site, owned in enumerate(instance.batteries):
        drawn[site] += 0.0 if owned is None else owned.battery.charge_mw
    limit = instance.sites.power_limit_mw.copy()
    limit[instance.hosting.site] = 0.0
    return np.asarray(drawn < limit)
