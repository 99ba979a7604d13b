"""What stands at a site in a window of hours, taken from an instance and the decisions of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.dispatch.interface import Capacity, with_premium
from allocator.instance.restarts import Restarts, no_restarts
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import Carried, Tables, carried, positions
from allocator.week.interface import Part, Stamps, Structure, Tier
from allocator.week.window import chained, cut, told_apart

CapacityOf = Callable[[int, int], Capacity]
"""What stands at a site (position) in a node (position)."""


@dataclass(frozen=True)
class Window:
    """Hours to be planned: from a moment on, `hours` of them, each in `splits` steps (4: quarters of an hour)."""

    first: np.datetime64
    hours: int = 168
    splits: int = 1


def planned_structure(instance: Instance, tables: Tables, site: str, nodes: Sequence[str], window: Window) -> Structure:
    """What the plan of this instance has at a site. A Bitcoin is worth to the hours what it is worth to the plan.

    Args:
        tables: of the plan. nodes: names of nodes that follow one another, every future passing all of them.

    Raises:
        ValueError: no hour of these nodes lies in the window, or the instance's hours are representative days.
    """
    decided = carried(instance, tables)
    premium = decided.premium_usd_per_btc[instance.sites.names.index(site)]
    return structure(instance, site, nodes, window, planned_capacity(instance, tables, decided), premium)


def planned_capacity(instance: Instance, tables: Tables, decided: Carried) -> CapacityOf:
    """What a plan has stand, peaks as high as they are billed."""
    billed = tables["demand_charges"]

    def stands(s: int, n: int) -> Capacity:
        own = decided.capacity(s, n)
        return Capacity(own.fitted, own.firm_mw, own.segment_mw, _peaks(instance, billed, s, n))

    return stands


def structure(
    instance: Instance,
    site: str,
    nodes: Sequence[str],
    window: Window,
    stands: CapacityOf,
    premium_usd_per_btc: Floats | None = None,
) -> Structure:
    """The same of any decisions; `premium_usd_per_btc` of every node, (N,): what a Bitcoin is worth beyond its price.

    Raises:
        ValueError: as `planned_structure`.
    """
    s, store = instance.sites.names.index(site), instance.hours
    end = window.first + np.timedelta64(window.hours, "h")
    parts, stamps, mined = [], [], []
    for name in nodes:
        n = list(instance.tree.name).index(name)
        utc, step_of_hour = store.every_hour(s, n)
        first, last = (int(np.searchsorted(utc, moment)) for moment in (window.first, end))
        if first == last:
            continue
        here = cut(told_apart(site_node(instance, s, n), step_of_hour), first, last, window.splits)
        here = here if premium_usd_per_btc is None else with_premium(here, float(premium_usd_per_btc[n]))
        parts.append(Part(name, here, stands(s, n), float(len(utc) - first)))
        stamps.append(_split(utc[first:last], window.splits))
        mined.append(instance.mined_btc_per_mwh[instance.segments.site == s, n])
    if not parts:
        raise ValueError(f"no hour of {', '.join(nodes)} lies in the {window.hours} hours from {window.first}")
    nodes_here = chained([part.here for part in parts])
    parts = [replace(part, here=here) for part, here in zip(parts, nodes_here, strict=True)]
    fleets, fleet = _fleets(instance, s)
    return Structure(
        site=site,
        utc=np.concatenate(stamps),
        step_h=float(parts[0].here.weight_h[0]),
        parts=tuple(parts),
        tiers=_tiers(instance, s),
        fleet=fleet,
        restarts=_terms(instance).of(instance.placements.model[fleets]),
        tenant_halls=_tenant_halls(instance, s),
        btc_per_mwh=np.stack(mined),
    )


def opening_structure(instance: Instance, site: str, nodes: Sequence[str], window: Window) -> Structure:
    """The machines that stand where the scenario begins, and no tenant: for a site of which there is no plan."""
    s = instance.sites.names.index(site)
    of_bay, of_segment = instance.bays.site == s, instance.segments.site == s
    fitted = np.isin(np.arange(len(of_bay)), instance.halls.opening_bay).astype(float)[of_bay]
    segments = instance.segments
    units = instance.placements.opening_units[segments.placement[of_segment]]
    tenants = np.zeros(int((instance.tenancies.site == s).sum()))

    def stands(s: int, n: int) -> Capacity:
        peaks = np.full(len(instance.demand.at(s, n)), instance.sites.power_limit_mw[s])
        return Capacity(fitted, tenants, segments.mw_per_unit[of_segment] * units, peaks)

    return structure(instance, site, nodes, window, stands)


def _peaks(instance: Instance, billed: pd.DataFrame, s: int, n: int) -> Floats:
    """Height of each peak of a site-node as it is billed: no lower draw is worth anything."""
    charges = instance.demand.at(s, n)
    if not len(charges):
        return np.zeros(0)
    own = billed[(billed["site"] == instance.sites.names[s]) & (billed["node"] == instance.tree.name[n])]
    at = positions(own["charge"].tolist(), pd.Series([instance.demand.names[k] for k in charges]))
    return own["billed_mw"].to_numpy(dtype=float)[at]


def _split(utc: Stamps, splits: int) -> Stamps:
    """Starts of the parts of every hour."""
    minutes = np.arange(splits) * np.timedelta64(3600 // splits, "s")
    return np.asarray((utc[:, None] + minutes[None, :]).ravel())


def _terms(instance: Instance) -> Restarts:
    return no_restarts(len(instance.models.names)) if instance.restarts is None else instance.restarts


def _fleets(instance: Instance, s: int) -> tuple[Ints, Ints]:
    """Placement of each fleet of a site, (F,), and fleet of each of its tiers, (J,)."""
    return np.unique(instance.segments.placement[instance.segments.site == s], return_inverse=True)


def _tiers(instance: Instance, s: int) -> tuple[Tier, ...]:
    segments, found = instance.segments, []
    for j in np.flatnonzero(segments.site == s).tolist():
        hall, fit_out = instance.bays.names[segments.bay[j]].split("/", 1)
        model = instance.models.names[instance.placements.model[segments.placement[j]]]
        found.append(Tier(hall, fit_out, model, int(segments.step[j])))
    return tuple(found)


def _tenant_halls(instance: Instance, s: int) -> tuple[tuple[str, str], ...]:
    bays = [instance.bays.names[b].split("/", 1) for b in instance.tenancies.bay[instance.tenancies.site == s]]
    return tuple((hall, fit_out) for hall, fit_out in bays)
