"""The best that can be done knowing every price: one linear program of all hours.

It is that of a site with a battery or services: the program of a week (`allocator/week/program.py`) over the whole
backtest, with the prices and the hashprice that came: restarts as the convex hull of all ways to switch a machine, so
that it is exact to within one machine of each fleet. What is stored begins at the opening level and may end at any.
Hours without a price earn nothing, cost nothing and leave the battery alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.interface import Schedule, SiteNode
from allocator.instance.battery import NodeBattery
from allocator.instance.restarts import no_restarts
from allocator.instance.tree import Bools, Floats
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.store import Flows
from allocator.studies.backtest.windows import without_battery
from allocator.week import program
from allocator.week.interface import Opening, Part, Structure, WeekOptions, expected
from allocator.week.standing import standing
from allocator.week.window import chained, cut

MOST = 0.5
"""Share of a fleet from which on it is said to run, or to start."""


@dataclass(frozen=True)
class Foreseen:
    """Loads (J, T), tenants not served (K, T), fleets of which most runs and starts, (F, T), what starts cost, USD
    (T,), the battery, loads offered to services (K, J, T), and a bound on what hours are worth, USD."""

    load_mw: Floats
    shed_mw: Floats
    runs: Bools
    starts: Bools
    restarts_usd: Floats
    flows: Flows
    offer_mw: Floats
    bound_usd: float


def foreseen(site: Site, battery: bool = True, restarts: bool = True) -> Foreseen:
    """The best hours of a site; with its battery or without, under restart terms or none."""
    structure = _hours(site) if battery else without_battery(_hours(site))
    if not restarts:
        structure = replace(structure, restarts=no_restarts(structure.fleets))
    first = structure.capacity_mw[:, 0]
    spot = np.where(site.counted, site.market.real_time[site.at], 0.0)
    opening = Opening(running_mw=first, off_h=np.zeros(structure.fleets))
    stands = standing(structure, expected(structure.utc, spot), opening)
    solved = program.solve(stands, np.full(stands.available_mw.shape, np.nan), WeekOptions())
    load = np.concatenate([one.load_mw for one in solved.schedules], axis=1)
    starts = np.zeros((structure.fleets, site.hours), dtype=bool)
    starts[stands.slow] = solved.started_share > MOST
    return Foreseen(
        load_mw=load,
        shed_mw=np.concatenate([one.shed_mw for one in solved.schedules], axis=1),
        runs=load[structure.first_tier] > MOST * structure.capacity_mw[structure.first_tier],
        starts=starts,
        restarts_usd=(stands.slow_fleets.start_usd * solved.started_share).sum(axis=0),
        flows=_flows(solved.schedules),
        offer_mw=np.concatenate([one.offer_mw for one in solved.schedules], axis=2),
        bound_usd=solved.bound_usd,
    )


def _flows(schedules: tuple[Schedule, ...]) -> Flows:
    names = ("charge_mw", "discharge_mw", "stored_mwh")
    by_part = [[_flow(one, name) for one in schedules] for name in names]
    return Flows(*(np.concatenate(one) for one in by_part))


def _flow(schedule: Schedule, name: str) -> Floats:
    return np.zeros(len(schedule.grid_mw)) if schedule.storage is None else np.asarray(getattr(schedule.storage, name))


def _hours(site: Site) -> Structure:
    """The site in parts of hours of the same hashprice, with a price all or none."""
    structure, parts = site.structure, list[Part]()
    for part, at in zip(structure.parts, structure.slices, strict=True):
        for first, end in _alike(site.value[:, at], site.counted[at]):
            here, now = cut(part.here, first, end), at.start + first
            worth = site.value[:, now]
            if not site.counted[now]:
                here, worth = replace(here, price_usd_per_mwh=here.tenants.spot_usd_per_mwh), 0.0 * worth
                here = replace(here, battery=_idle(here.battery))
            parts.append(replace(part, here=replace(here, segment_value_usd_per_mwh=worth), left_h=None))
    linked = chained([part.here for part in parts])
    parts = [replace(part, here=_open_end(here)) for part, here in zip(parts, linked, strict=True)]
    return replace(structure, parts=tuple(parts), btc_per_mwh=np.zeros((len(parts), len(structure.tiers))))


def _idle(owned: NodeBattery | None) -> NodeBattery | None:
    """A battery that neither takes nor gives."""
    return None if owned is None else replace(owned, battery=replace(owned.battery, charge_mw=0.0, discharge_mw=0.0))


def _open_end(here: SiteNode) -> SiteNode:
    """Whose battery may end at any level."""
    return here if here.battery is None else replace(here, battery=replace(here.battery, goes_on=True))


def _alike(value: Floats, counted: Bools) -> Iterator[tuple[int, int]]:
    change = (np.diff(value, axis=1) != 0.0).any(axis=0) | (counted[1:] != counted[:-1])
    first = np.flatnonzero(np.append(True, change))
    return zip(first.tolist(), [*first[1:].tolist(), len(counted)], strict=True)
