"""What is left of a month's allowances, and how high its peaks are already: figures of a state for the week within it.

They are of the calendar month of the state, in the time zone of the plan. A period of several months has the whole
allowance of its later ones besides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.nightly.state.actual import Actual
from allocator.week.interface import Opening, Structure


@dataclass(frozen=True)
class _Within:
    """The first period of a window: its place among nodes and that of its site, and its months after this one."""

    instance: Instance
    actual: Actual
    site: str
    s: int
    n: int
    later_months: int


def with_allowances(stands: Opening, structure: Structure, instance: Instance, actual: Actual, zone: str) -> Opening:
    """The opening with what the state says of the month; figures of another month than the window's first are none."""
    s = instance.sites.names.index(structure.site)
    n = list(instance.tree.name).index(structure.parts[0].node)
    said = _month(instance, pd.Timestamp(actual.as_of), zone)
    later = int(instance.tree.first_month[n] + instance.tree.months[n]) - 1 - said
    if said != _month(instance, pd.Timestamp(structure.utc[0], tz="UTC"), zone) or later < 0:
        return stands
    within = _Within(instance, actual, structure.site, s, n, later)
    return replace(
        stands,
        energy_left_mwh=_energy(within),
        outage_left_h=_outage(within, structure),
        peak_mw=_peaks(within),
    )


def _month(instance: Instance, moment: pd.Timestamp, zone: str) -> int:
    """Calendar month of a moment, counted from the start of the horizon."""
    local, start = moment.tz_convert(zone), pd.Timestamp(instance.tree.start_month)
    return 12 * (local.year - start.year) + local.month - start.month


def _energy(within: _Within) -> float | None:
    left = within.actual.of_site(within.site, "energy_left_mwh")
    if left is None:
        return None
    a_month = within.instance.sites.energy_budget_mwh[within.s, within.n] / within.instance.tree.months[within.n]
    return float(left + within.later_months * a_month)


def _peaks(within: _Within) -> Floats | None:
    """Highest draw so far by demand charge, (P,); 0 where nothing is said."""
    demand = within.instance.demand
    names = [demand.names[k] for k in demand.at(within.s, within.n)]
    found = [within.actual.of_site(within.site, f"peak/{name}/peak_mw") for name in names]
    return None if all(one is None for one in found) else np.array([one or 0.0 for one in found])


def _outage(within: _Within, structure: Structure) -> Floats | None:
    """Hours left by tenancy, (K,): of contracts that share one, the least; where none is said, as the month has it."""
    instance = within.instance
    own: Ints = np.flatnonzero(instance.tenancies.site == within.s)
    part = structure.parts[0]
    hours = float(part.here.weight_h.sum())
    left = part.here.tenants.outage_h * ((part.left_h or hours) / hours)
    stated = np.full(len(own), np.inf)
    for contract, name in enumerate(instance.offers.names):
        found = within.actual.of_site(within.site, f"outage/{name}/left_h")
        if found is not None:
            at = np.isin(own, instance.tenancies.of[contract])
            stated[at] = np.minimum(stated[at], found)
    said = np.isfinite(stated)
    later = within.later_months * instance.tenancies.outage_h_per_month[own]
    return np.where(said, stated + later, left) if said.any() else None
