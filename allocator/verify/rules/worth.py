"""HOURS, worth: no hour leaves money on the table that a single move would pick up.

Every limit of the hours is a ceiling, so a schedule is the best one only if nothing runs at a loss, and if nothing
that pays stands still while its machines, its hall, both heat loops, its feeders and plants, the site, its energy
budget and the peaks that it is billed for all have room.
This is evidence of optimality that needs no solver: necessary, not sufficient, since exchanges between two loads are
not tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.verify import tolerances
from allocator.verify.case import HourCase, HourRule
from allocator.verify.check import Check
from allocator.verify.rules.cooling import air_room, liquid_room, plant_heat
from allocator.verify.rules.power import behind_feeders, drawn, loads_drawn
from allocator.verify.rules.reserves import offer_usd_per_mw


def at_a_loss(case: HourCase) -> Iterator[Check]:
    """No machine runs where its energy costs more than it, its offers and its work earn, but to take what the battery
    gives, to leave to the grid what is sold, or to take what a host is paid for anyway."""
    sold = case.offer_mw.sum(axis=(0, 1))
    spare = np.maximum(loads_drawn(case) - case.discharge_mw - sold, 0.0) / (1.0 + case.hours.overhead)
    needless = np.where(case.discharge_mw > 0, np.minimum(case.load_mw, spare[case.segment_bay]), case.load_mw)
    offers = (np.maximum(offer_usd_per_mw(case), 0.0) * np.maximum(case.offer_mw, 0.0)).sum(axis=0)
    lost = (np.maximum(-_margin(case) - _spared(case), 0.0) * needless - offers - _worked(case)) * case.hours.weight_h
    axes, floor = (case.segments, case.utc), tolerances.MONEY_USD
    yield Check("lost by running", "USD", axes, lost, 0.0, "at_most", floor, worst_of="hours")


def left_idle(case: HourCase) -> Iterator[Check]:
    """No machine that pays stands still while every limit has room for it."""
    idle = (case.units * case.instance.segments.mw_per_unit[case.segment])[:, None] - case.load_mw
    hours, bay = case.hours, case.segment_bay
    room = np.minimum(idle, _room(case, bay, hours.segment_air_share, hours.segment_liquid_share))
    left = np.maximum(_margin(case), 0.0) * _beyond_tolerance(room) * hours.weight_h
    axes, floor = (case.segments, case.utc), tolerances.MONEY_USD
    yield Check("left by standing still", "USD", axes, left, 0.0, "at_most", floor, worst_of="hours")


def shed_needlessly(case: HourCase) -> Iterator[Check]:
    """No tenant is shed, at a cost above that of its energy, while every limit has room for it."""
    hours, tenants = case.hours, case.tenants
    share = case.instance.offers.pass_through_share[tenants.contract]
    paid = (share[:, None] * case.spot_usd_per_mwh - case.steering_usd_per_mwh) * (1.0 + hours.overhead[tenants.bay])
    credit, beyond = _credits(case)
    heat = hours.firm_air_share[tenants.bay], hours.firm_liquid_share[tenants.bay]
    room = np.minimum(tenants.shed_mw, _room(case, tenants.bay, *heat))
    room_mwh = _beyond_tolerance(room) * hours.weight_h
    left = np.maximum(
        np.maximum(credit[:, None] + paid, 0.0) * room_mwh,
        np.maximum(hours.shed_usd_per_mwh + paid, 0.0) * np.minimum(room_mwh, beyond[:, None]),
    )
    axes, floor = (tenants.axis, case.utc), tolerances.MONEY_USD
    yield Check("left by shedding", "USD", axes, left, 0.0, "at_most", floor, worst_of="hours")


HOUR_RULES: dict[str, HourRule] = {
    "HOURS.at_a_loss": at_a_loss,
    "HOURS.left_idle": left_idle,
    "HOURS.shed_needlessly": shed_needlessly,
}


def _credits(case: HourCase) -> tuple[Floats, Floats]:
    """Least that each contract in each bay is owed for a MWh it does not get, and its MWh beyond what is allowed."""
    hours, tenants, offers = case.hours, case.tenants, case.instance.offers
    allowed = offers.outage_usd_per_mwh[tenants.contract] < hours.shed_usd_per_mwh
    allowed &= offers.outage_h_per_month[tenants.contract] > 0
    most_h = offers.outage_h_per_month[tenants.contract] * float(case.instance.tree.months[case.node])
    unserved = tenants.shed_mw @ hours.weight_h
    beyond = np.maximum(unserved - np.where(allowed, most_h, 0.0) * tenants.metered_mw, 0.0)
    return np.where(allowed, offers.outage_usd_per_mwh[tenants.contract], hours.shed_usd_per_mwh), beyond


def _worked(case: HourCase) -> Floats:
    """Rate and penalty spared over rent of each load that works, USD an hour, (J, T)."""
    if case.hours.jobs is None:
        return np.zeros_like(case.load_mw)
    gain = np.maximum(case.hours.jobs.worth_usd_per_mwh[:, None] - case.worth_usd_per_mwh, 0.0)
    return np.asarray((gain[:, :, None] * np.maximum(case.work_mw, 0.0)).sum(axis=0))


def _spared(case: HourCase) -> Floats:
    """What a MWh of each segment spares, (J, T): energy that is paid for anyway while no more than that is drawn, and
    spot where the draw lies within a block."""
    take, block, hours = case.hours.take, case.hours.block, case.hours
    spared = np.zeros(hours.hours)
    if take is not None and float(drawn(case) @ hours.weight_h) <= take.take_mwh + tolerances.limit_mwh(take.take_mwh):
        spared += take.untaken_usd_per_mwh
    if block is not None:
        within = drawn(case) <= block.mw + tolerances.limit_mw(block.mw)
        spared += np.where(within, np.maximum(case.spot_usd_per_mwh, 0.0), 0.0)
    return np.asarray(spared * (1.0 + hours.overhead)[case.segment_bay])


def _margin(case: HourCase) -> Floats:
    """Earnings, Bitcoin at its price and the premium stated, less energy of one MW of each segment, USD/MWh, (J, T).

    Where the head states a strike price, a MWh at the meter counts as earning that price in every miner.
    """
    gross = (1.0 + case.hours.overhead)[case.segment_bay]
    earned = np.broadcast_to(case.worth_usd_per_mwh[:, None], gross.shape)
    if case.strike_usd_per_mwh is not None:
        mines = case.instance.segments.hash_ph_per_mw[case.segment] > 0
        earned = np.where(mines[:, None], case.strike_usd_per_mwh * gross, earned)
    return np.asarray(earned - case.steering_usd_per_mwh * gross)


def _room(case: HourCase, bay: Ints, air_share: Floats, liquid_share: Floats) -> Floats:
    """IT load that the hall, its loops and the site could still take, (K, T), of K loads in `bay`s with heat shares."""
    hours = case.hours
    hall = (hours.it_limit_mw * case.fitted)[:, None] - case.it_load_mw
    site = np.minimum.reduce([hours.site_limit_mw - drawn(case), _energy_room(case), _peak_room(case)])
    site = site / (1.0 + hours.overhead)
    air = _shared(air_room(case)[bay], air_share)
    liquid = _shared(liquid_room(case)[bay], liquid_share)
    plants = _plant_room(case, bay, {"air": air_share, "liquid": liquid_share})
    return np.asarray(np.minimum.reduce([hall[bay], site[bay], _feeder_room(case)[bay], air, liquid, plants]))


def _feeder_room(case: HourCase) -> Floats:
    """IT load that the feeders around each bay could still take, (B, T); inf where there is none."""
    room = np.full((len(case.bay), case.hours.hours), np.inf)
    for feeder, behind in zip(case.hours.feeders, behind_feeders(case), strict=True):
        room[feeder.inside] = np.minimum(room[feeder.inside], feeder.limit_mw - behind)
    return room / (1.0 + case.hours.overhead)


def _plant_room(case: HourCase, bay: Ints, share: Mapping[str, Floats]) -> Floats:
    """IT load that the plants around K loads in `bay`s could still take, (K, T); `share` (K,) of heat by loop."""
    room = np.full((len(bay), case.hours.hours), np.inf)
    for plant, heat in zip(case.hours.plants, plant_heat(case), strict=True):
        let = _shared(np.broadcast_to(plant.limit_mw - heat, room.shape), share[plant.loop])
        room = np.where(plant.inside[bay][:, None], np.minimum(room, let), room)
    return room


def _peak_room(case: HourCase) -> Floats:
    """Gross MW that each step could still draw below the peaks of demand charges, (T,); inf where none counts."""
    draw, room = drawn(case), np.full(case.hours.hours, np.inf)
    for peak in case.hours.peaks:
        room = np.where(peak.counts, np.minimum(room, draw[peak.counts].max() - draw), room)
    return room


def _energy_room(case: HourCase) -> Floats:
    """Gross MW that each step could still draw by itself within the energy budget, (T,)."""
    hours, budget = case.hours, case.hours.energy_budget_mwh
    left = budget - float(drawn(case) @ hours.weight_h)
    spent = np.isfinite(budget) and left <= tolerances.limit_mwh(budget)
    return (0.0 if spent else left) / hours.weight_h


def _shared(room: Floats, share: Floats) -> Floats:
    """Load that a loop's room lets through, (K, T); no limit where none of its heat goes there."""
    used = share > 0
    return np.where(used[:, None], room / np.where(used, share, 1.0)[:, None], np.inf)


def _beyond_tolerance(room: Floats) -> Floats:
    """Room worth speaking of: what is within a solver's tolerance of a limit is at the limit."""
    return np.where(room > 10 * tolerances.POWER_MW, room, 0.0)
