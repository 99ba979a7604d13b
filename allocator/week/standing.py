"""The site as it is: a structure at today's prices, with what is down, called off, used up and stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.interface import SiteNode
from allocator.instance.battery import NodeBattery
from allocator.instance.tree import Bools, Floats, Ints
from allocator.week.interface import Opening, Part, Prices, Structure, at_prices
from allocator.week.restarts import FleetSteps


@dataclass(frozen=True)
class Standing:
    """What the hours are decided on.

    Attributes:
        structure: at the prices; what is down in every step of a part is out of its capacity.
        available_mw: IT load that each tier can have in each step, (J, T), at most that capacity.
        opening_share: share of each fleet that ran in the step before, (F,); nan: not known.
        off_h: how long the others have been off, (F,); inf: long enough.
    """

    structure: Structure
    available_mw: Floats
    opening_share: Floats
    off_h: Floats
    remarks: tuple[str, ...]

    @property
    def varies(self) -> bool:
        """Whether machines come and go within a part."""
        return bool((self.available_mw < self.structure.capacity_mw).any())

    @property
    def slow(self) -> Ints:
        """Fleets that have a restart term and a machine in the window, positions."""
        structure = self.structure
        terms = np.sum(list(vars(structure.restarts).values()), axis=0)
        stands = self.available_mw[structure.first_tier].max(axis=1, initial=0.0)
        return np.flatnonzero((terms > 0.0) & (stands > 0.0))

    @property
    def slow_fleets(self) -> FleetSteps:
        """Those fleets in the steps of the window."""
        structure, slow = self.structure, self.slow
        first = structure.first_tier
        of = np.full(structure.fleets, -1)
        of[slow] = np.arange(len(slow))
        later = np.flatnonzero((of[structure.fleet] >= 0) & ~np.isin(np.arange(len(structure.fleet)), first))
        return FleetSteps(
            terms=structure.restarts.of(slow),
            step_h=structure.step_h,
            first=first[slow],
            later=later,
            later_fleet=of[structure.fleet[later]],
            capacity_mw=self.available_mw,
            value_usd_per_mwh=structure.value_usd_per_mwh,
            opening_share=self.opening_share[slow],
            off_h=self.off_h[slow],
        )


def standing(structure: Structure, prices: Prices, opening: Opening) -> Standing:
    """A structure at prices, as the site opens.

    Raises:
        ValueError: prices stand at other steps, or a part of the opening has another shape than the structure.
    """
    _check(structure, opening)
    remarks: list[str] = []
    share = np.ones((len(structure.tiers), structure.hours))
    if opening.available_share is not None:
        share = np.broadcast_to(opening.available_share, share.shape)
    available = structure.capacity_mw * share
    moved, parts = at_prices(structure, prices), []
    for k, (part, at) in enumerate(zip(moved.parts, structure.slices, strict=True)):
        most = available[:, at].max(axis=1, initial=0.0)
        limit = None if opening.site_limit_mw is None else opening.site_limit_mw[at]
        part = _idle(part, None if opening.battery_idle is None else opening.battery_idle[at])
        parts.append(_part(part, most, limit, opening, opened=k == 0, remarks=remarks))
    found = replace(moved, parts=tuple(parts))
    off = np.full(structure.fleets, np.inf) if opening.off_h is None else np.asarray(opening.off_h, dtype=float)
    return Standing(found, available, _opening_share(found, available, opening), off, tuple(remarks))


def _check(structure: Structure, opening: Opening) -> None:
    tiers, hours = len(structure.tiers), structure.hours
    shapes = {
        "running_mw": (tiers,), "off_h": (structure.fleets,), "site_limit_mw": (hours,), "scheduled_mw": (tiers, hours),
        "bought_mw": (hours,), "battery_idle": (hours,),
        "outage_left_h": (structure.parts[0].here.tenancies,), "peak_mw": (len(structure.parts[0].here.peaks),),
    }  # fmt: skip
    for name, shape in shapes.items():
        stated = getattr(opening, name)
        if stated is not None and np.shape(stated) != shape:
            raise ValueError(f"{name} of the opening has shape {np.shape(stated)}, expected {shape}")


def _opening_share(structure: Structure, available: Floats, opening: Opening) -> Floats:
    """By the first power-mode step: a machine that runs, runs there. None available: none running."""
    if opening.running_mw is None:
        return np.full(structure.fleets, np.nan)
    first = structure.first_tier
    can = available[first, 0]
    return np.where(can > 0.0, np.clip(opening.running_mw[first] / np.where(can > 0.0, can, 1.0), 0.0, 1.0), 0.0)


def _part(
    part: Part, most_mw: Floats, limit_mw: Floats | None, opening: Opening, opened: bool, remarks: list[str]
) -> Part:
    here, capacity = part.here, replace(part.capacity, segment_mw=most_mw)
    if opening.battery_mwh is not None and here.battery is not None:
        here = replace(here, battery=_charged(here.battery, opening.battery_mwh))
    if limit_mw is not None:
        here = replace(here, site_limit_mw=_limit(part, here, limit_mw, remarks))
    if opened:
        here = _left(here, part, opening)
        if opening.peak_mw is not None:
            capacity = replace(capacity, peak_mw=np.maximum(capacity.peak_mw, opening.peak_mw))
    return replace(part, here=here, capacity=capacity)


def _idle(part: Part, idle: Bools | None) -> Part:
    if idle is None or part.here.battery is None:
        return part
    return replace(part, here=replace(part.here, battery=replace(part.here.battery, idle=idle)))


def _charged(owned: NodeBattery, stored_mwh: float) -> NodeBattery:
    level = min(max(stored_mwh, 0.0), owned.battery.energy_mwh)
    return replace(owned, battery=replace(owned.battery, opening_mwh=level))


def _limit(part: Part, here: SiteNode, limit_mw: Floats, remarks: list[str]) -> Floats:
    """The lower limit, but not below what draws whatever is decided."""
    always = float(here.no_load_mw @ part.capacity.fitted)
    always += 0.0 if here.battery is None else here.battery.battery.holding_mw
    low = limit_mw < always
    if low.any():
        least = float(limit_mw[low].min())
        remarks.append(f"the halls draw {always:.6g} MW at no load, more than the {least:.6g} MW that are let through")
    return np.minimum(here.site_limit_mw, np.maximum(limit_mw, always))


def _left(here: SiteNode, part: Part, opening: Opening) -> SiteNode:
    """What is left of a month's allowances, the share of these hours in those left of it."""
    own_h = float(here.weight_h.sum())
    share = 1.0 if part.left_h is None else own_h / part.left_h
    if opening.energy_left_mwh is not None:
        always = float(here.no_load_mw @ part.capacity.fitted) * own_h
        here = replace(here, energy_budget_mwh=max(share * opening.energy_left_mwh, always))
    if opening.outage_left_h is not None:
        allowed = np.where(here.tenants.outage_h > 0.0, share * np.maximum(opening.outage_left_h, 0.0), 0.0)
        here = replace(here, tenants=replace(here.tenants, outage_h=allowed))
    return here


def always_fits(structure: Structure, available_mw: Floats) -> bool:
    """Whether no limit binds even with everything running, and nothing couples hours or loads."""
    checks = zip(structure.parts, structure.slices, strict=True)
    return all(_fits(part, available_mw[:, at]) for part, at in checks)


def _fits(part: Part, load_mw: Floats) -> bool:
    here = part.here
    coupled = (here.battery, here.reserves, here.jobs, here.take, here.block)
    if any(one is not None for one in coupled) or here.budget_binds or here.outage_runs_out.any():
        return False
    return all(bool((used <= limit).all()) for used, limit in _uses(part, load_mw))


def _uses(part: Part, load_mw: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Every limit with what everything together takes of it."""
    here, fitted = part.here, part.capacity.fitted
    it, air, liquid = (np.zeros((here.bays, here.hours)) for _ in range(3))
    firm_bay, firm = here.tenants.bay, part.capacity.firm_mw[:, None]
    scale = np.where(fitted > 0.0, fitted, 1.0)[:, None]
    for total, own, tenants in (
        (it, np.ones(here.segments), np.ones(here.bays)),
        (air, here.segment_air_share, here.firm_air_share),
        (liquid, here.segment_liquid_share, here.firm_liquid_share),
    ):
        np.add.at(total, here.segment_bay, own[:, None] * load_mw)
        np.add.at(total, firm_bay, tenants[firm_bay][:, None] * firm)
    for total, limit in ((it, here.it_limit_mw[:, None]), (air, here.air_limit_mw), (liquid, here.liquid_limit_mw)):
        yield total, np.where(fitted[:, None] > 0.0, limit * scale, 0.0)
    gross = (1.0 + here.overhead) * it + (here.no_load_mw * fitted)[:, None]
    yield gross.sum(axis=0), here.site_limit_mw
    for feeder in here.feeders:
        yield gross[feeder.inside].sum(axis=0), np.full(here.hours, feeder.limit_mw)
    for plant in here.plants:
        yield (air if plant.loop == "air" else liquid)[plant.inside].sum(axis=0), plant.limit_mw
    for k, peak in enumerate(here.peaks):
        yield gross.sum(axis=0), np.where(peak.counts, part.capacity.peak_mw[k], np.inf)
