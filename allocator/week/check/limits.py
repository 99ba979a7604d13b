"""Limits of a week: machines, tenants, halls, heat, what halls share, the meter, budgets, battery, offers, work."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.battery import NodeBattery
from allocator.instance.tree import Floats
from allocator.week.check.told import Broken, Told, exceeded
from allocator.week.interface import Part


def limits(told: Told) -> Iterator[Broken]:
    """Everything that is used beyond what there is."""
    structure = told.structure
    tiers = [f"{tier.hall}/{tier.fit_out} {tier.model} step {tier.step}" for tier in structure.tiers]
    tenants = [f"tenants of {hall}/{fit_out}" for hall, fit_out in structure.tenant_halls]
    utc = structure.utc
    yield from exceeded("FLEET.available", told.load_mw, told.available_mw, "MW", tiers, utc)
    yield from exceeded("FLEET.available", -told.load_mw, 0.0, "MW", tiers, utc)
    yield from exceeded("CONTRACT.shed", told.shed_mw, told.firm_mw, "MW", tenants, utc)
    yield from exceeded("CONTRACT.shed", -told.shed_mw, 0.0, "MW", tenants, utc)
    for k, (part, at) in enumerate(told.parts):
        yield from _halls(told, part, at)
        yield from _meter(told, part, at, opened=k == 0)
        yield from _offers(told, part, at)
        yield from _work(told, part, at)
        if part.here.battery is not None:
            yield from _battery(told, part, at, part.here.battery)


def _halls(told: Told, part: Part, at: slice) -> Iterator[Broken]:
    here, fitted, utc = part.here, part.capacity.fitted[:, None], told.structure.utc[at]
    air = told.it_mw(part, at, here.segment_air_share, here.firm_air_share)
    liquid = told.it_mw(part, at, here.segment_liquid_share, here.firm_liquid_share)
    names = [f"bay {b}" for b in range(here.bays)]
    for rule, used, limit in (
        ("POWER.hall", told.it_mw(part, at), here.it_limit_mw[:, None] * np.ones(here.hours)),
        ("COOLING.air", air, here.air_limit_mw),
        ("COOLING.liquid", liquid, here.liquid_limit_mw),
    ):
        closed = np.broadcast_to(fitted <= 0.0, limit.shape)
        most = np.where(closed, 0.0, limit * np.where(fitted > 0.0, fitted, 1.0))
        yield from exceeded(rule, used, most, "MW", names, utc)
    gross = gross_mw(told, part, at)
    for feeder in here.feeders:
        used = gross[feeder.inside].sum(axis=0)[None]
        yield from exceeded("POWER.feeder", used, feeder.limit_mw, "MW", [feeder.name], utc)
    for plant in here.plants:
        heat = (air if plant.loop == "air" else liquid)[plant.inside].sum(axis=0)[None]
        yield from exceeded("COOLING.plant", heat, plant.limit_mw, "MW", [plant.name], utc)


def gross_mw(told: Told, part: Part, at: slice) -> Floats:
    """Draw of every bay, (B, T_p), no-load draw included."""
    here = part.here
    return np.asarray((1.0 + here.overhead) * told.it_mw(part, at) + (here.no_load_mw * part.capacity.fitted)[:, None])


def _meter(told: Told, part: Part, at: slice, opened: bool) -> Iterator[Broken]:
    here, opening, utc = part.here, told.opening, told.structure.utc[at]
    grid, drawn = told.column("grid_mw")[at], gross_mw(told, part, at).sum(axis=0)
    if here.battery is not None:
        drawn = drawn + told.column("charge_mw")[at] - told.column("discharge_mw")[at]
    yield from exceeded("METER.draw", np.abs(grid - drawn)[None], 0.0, "MW", ["the meter"], utc)
    limit = here.site_limit_mw
    if opening.site_limit_mw is not None:
        always = float(here.no_load_mw @ part.capacity.fitted)
        always += 0.0 if here.battery is None else here.battery.battery.holding_mw
        limit = np.minimum(limit, np.maximum(opening.site_limit_mw[at], always))
    yield from exceeded("POWER.site", grid[None], limit, "MW", ["the meter"], utc)
    for k, peak in enumerate(here.peaks):
        most = float(part.capacity.peak_mw[k])
        if opened and opening.peak_mw is not None:
            most = max(most, float(opening.peak_mw[k]))
        yield from exceeded("PEAK.metered", np.where(peak.counts, grid, 0.0)[None], most, "MW", [f"charge {k}"], utc)
    budget = _budget_mwh(told, part, opened)
    used = np.array([[float(here.weight_h @ grid)]])
    yield from exceeded("POWER.energy", used, budget, "MWh", [f"budget of {part.node}"], utc[:1])


def _budget_mwh(told: Told, part: Part, opened: bool) -> float:
    """The hours' share of what is left of the month's energy, but never less than what draws at no load."""
    here, left = part.here, told.opening.energy_left_mwh
    if not opened or left is None:
        return here.energy_budget_mwh
    own_h = float(here.weight_h.sum())
    return max(left * own_h / (part.left_h or own_h), float(here.no_load_mw @ part.capacity.fitted) * own_h)


def _battery(told: Told, part: Part, at: slice, owned: NodeBattery) -> Iterator[Broken]:
    battery, utc = owned.battery, told.structure.utc[at]
    charge, discharge, stored = (told.column(name)[at] for name in ("charge_mw", "discharge_mw", "stored_mwh"))
    level = battery.opening_mwh
    if told.opening.battery_mwh is not None:
        level = min(max(told.opening.battery_mwh, 0.0), battery.energy_mwh)
    whole, first = told.column("stored_mwh"), max(at.start - 1, 0)
    before = np.where(owned.opens, level, np.concatenate([whole[first : first + 1], stored[:-1]]))
    moved = owned.step_h * (battery.charge_efficiency * charge - discharge / battery.discharge_efficiency)
    off = np.abs(owned.kept_share * before + moved - stored)
    yield from exceeded("BATTERY.balance", off[None], 0.0, "MWh", ["battery"], utc)
    ends = np.where(owned.closes, np.abs(stored - level), 0.0)
    yield from exceeded("BATTERY.ends", ends[None], 0.0, "MWh", ["battery"], utc)
    gives = np.where(here_price(told, at) >= 0.0, battery.discharge_mw, 0.0)
    for used, most, unit in (
        (charge, np.full(len(charge), battery.charge_mw), "MW"),
        (discharge, gives, "MW"),
        (stored, np.full(len(charge), battery.energy_mwh), "MWh"),
    ):
        yield from exceeded(
            "BATTERY.limits", np.stack([used, -used]), np.stack([most, 0 * most]), unit, ["battery"] * 2, utc
        )
    own = gross_mw(told, part, at).sum(axis=0)
    if told.opening.battery_idle is not None:
        used = np.where(told.opening.battery_idle[at], charge + discharge, 0.0)
        yield from exceeded("BATTERY.idle", used[None], 0.0, "MW", ["battery"], utc)
    yield from exceeded("BATTERY.behind_meter", discharge[None], own, "MW", ["battery"], utc)


def here_price(told: Told, at: slice) -> Floats:
    """Price at the meter of some steps: spot as expected and what the meter costs on top."""
    adders = np.concatenate(
        [part.here.price_usd_per_mwh - part.here.tenants.spot_usd_per_mwh for part in told.structure.parts]
    )
    return np.asarray((told.prices.spot_usd_per_mwh + adders)[at])


def _offers(told: Told, part: Part, at: slice) -> Iterator[Broken]:
    here, stated = part.here, part.here.reserves
    if stated is None:
        return
    offer, utc = told.offer_mw[:, :, at], told.structure.utc[at]
    names = [f"{tier.hall} {tier.model} step {tier.step}" for tier in told.structure.tiers]
    behind = (offer / stated.qualifying_share[:, None, None]).sum(axis=0)
    running = (1.0 + here.overhead[here.segment_bay]) * told.load_mw[:, at]
    yield from exceeded("RESERVE.running", behind, running, "MW", names, utc)
    services = [f"service {k}" for k in range(stated.services)]
    allowed = stated.open[:, None, :] & stated.qualifies[:, :, None]
    yield from exceeded("RESERVE.open", np.where(allowed, 0.0, offer).sum(axis=1), 0.0, "MW", services, utc)
    yield from exceeded("RESERVE.most", offer.sum(axis=1), stated.most_mw[:, None], "MW", services, utc)
    yield from _offered(told, part, at)
    fed = gross_mw(told, part, at).sum(axis=0)
    if here.battery is not None:
        fed = fed - told.column("discharge_mw")[at]
    yield from exceeded("RESERVE.fed_by_grid", offer.sum(axis=(0, 1))[None], fed, "MW", ["the meter"], utc)


def _offered(told: Told, part: Part, at: slice) -> Iterator[Broken]:
    """Before prices are known all may be offered that could run, once."""
    here, stated = part.here, part.here.reserves
    assert stated is not None
    offered, utc = told.offered_mw[:, at], told.structure.utc[at]
    could = (1.0 + here.overhead[here.segment_bay]) * told.available_mw[:, at]
    most = np.minimum(stated.most_mw[:, None], stated.qualifying_share[:, None] * (stated.qualifies @ could))
    names = [f"service {k}" for k in range(stated.services)]
    yield from exceeded("RESERVE.offered", offered, np.where(stated.open, most, 0.0), "MW", names, utc)
    behind = (offered / stated.qualifying_share[:, None]).sum(axis=0)[None]
    yield from exceeded("RESERVE.offered", behind, could.sum(axis=0), "MW", ["all services"], utc)


def _work(told: Told, part: Part, at: slice) -> Iterator[Broken]:
    here, owed = part.here, part.here.jobs
    if owed is None:
        return
    work, utc = told.work_mw[:, :, at], told.structure.utc[at]
    jobs, names = [f"job {d}" for d in range(owed.jobs)], [f"{tier.hall} {tier.model}" for tier in told.structure.tiers]
    yield from exceeded("WORK.running", work.sum(axis=0), told.load_mw[:, at], "MW", names, utc)
    yield from exceeded(
        "WORK.qualifies", np.where(owed.qualifies[:, :, None], 0.0, work).sum(axis=1), 0.0, "MW", jobs, utc
    )
    yield from exceeded("WORK.most", work.sum(axis=1), owed.most_mw[:, None], "MW", jobs, utc)
    done = (work.sum(axis=1) @ here.weight_h)[:, None]
    yield from exceeded("WORK.volume", done, owed.work_mwh[:, None], "MWh", jobs, utc[:1])
