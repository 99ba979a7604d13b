"""A conflict between rows of the model, told in the words of the scenario: who, where, which month, how many MW.

Rows that only define quantities (balances, lead times) are left out of the telling: what a planner can change
are limits and obligations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.infeasible_money import MONEY_TELLERS
from allocator.pipeline.told import Index, Teller, Told


def _contract(instance: Instance, index: Index) -> str:
    position = int(index["contract"])
    mw = instance.offers.critical_it_mw[position]
    return f"contract {instance.offers.names[position]} (scenario.yaml: contracts[{position}], {mw:g} MW)"


def _hall(instance: Instance, index: Index) -> str:
    bay = int(index["bay"])
    return f"hall {instance.halls.names[int(instance.bays.hall[bay])]} as {instance.bays.fit_out[bay]}"


def _once(instance: Instance, index: Index, side: str) -> Told | None:
    who = _contract(instance, index)
    if not instance.offers.must_accept[int(index["contract"])]:
        return None
    if int(index["contract"]) in instance.opening.signed:
        return Told(f"{who} was signed before the start", f"end {who}, or correct where it stands", "signatures")
    return Told(
        f"{who} must be accepted", f"drop must_accept of {who}, if its start window cannot be wider", "signatures"
    )


def _exclusive(instance: Instance, index: Index, side: str) -> Told:
    group = instance.compatibility.group_names[int(index["group"])]
    word = "at most one may be signed" if side == "upper" else "one must be signed"
    fix = f"take a contract out of group {group}" if side == "upper" else f"set required: false for group {group}"
    return Told(f"of the group {group} {word}", fix, "signatures")


def _placed(instance: Instance, index: Index, _: str) -> Told | None:
    contract, who = int(index["contract"]), _contract(instance, index)
    if not _obliged(instance, contract):
        return None
    late = _late_bays(instance, contract)
    if not late:
        return Told(f"all of {who} must stand in halls it allows", f"offer {who} more halls", "tranches")
    names = ", ".join(f"{instance.bays.names[bay]} ({instance.bays.lead_months[bay]} months of lead)" for bay in late)
    last = instance.tree.calendar_month(int(instance.offers.last_service_month[contract]))
    return Told(
        f"{who} must start by {last}, and no hall it allows can be fitted by then: {names}",
        f"widen the start window of {who}, or shorten the lead of {names}",
        "tranches",
    )


def _obliged(instance: Instance, contract: int) -> bool:
    """Whether it must be signed, or belongs to a group of which one must."""
    groups = instance.compatibility
    required = any(
        contract in group for group, must in zip(groups.exclusive, groups.group_required, strict=True) if must
    )
    return bool(instance.offers.must_accept[contract]) or required


def _late_bays(instance: Instance, contract: int) -> list[int]:
    """Bays the contract allows, where none of them can be ready when any of its service begins; else none."""
    tree, service, bays = instance.tree, instance.service, instance.bays
    begins = tree.first_month[service.node[service.contract == contract]]
    allowed = instance.compatibility.bay[instance.compatibility.contract == contract].tolist()
    first = int(tree.first_month[tree.decision].min()) if tree.decision.any() else 0
    latest = min(int(begins.max()) if len(begins) else 0, int(instance.offers.last_service_month[contract]))
    in_time = [
        bay
        for bay in allowed
        if bay in instance.halls.opening_bay or (bays.convertible[bay] and first + bays.lead_months[bay] <= latest)
    ]
    return [] if in_time else allowed


def _fitted(instance: Instance, index: Index, _: str) -> Told:
    who, where = _contract(instance, index), _hall(instance, index)
    return Told(
        f"{who} stands in {where} only while the hall is fitted so",
        f"convert earlier, shorten the conversion's lead, or accept {who} later",
        "tranches",
    )


def _fits_hall(instance: Instance, index: Index, _: str) -> Told:
    where, limit = _hall(instance, index), instance.bays.it_limit_mw[int(index["bay"])]
    return Told(f"{where} offers {limit:g} MW of critical IT", f"raise it_limit_mw of {where} by {{amount}}")


def _fits_air(instance: Instance, index: Index, _: str) -> Told:
    where, limit = _hall(instance, index), instance.bays.firm_air_limit_mw[int(index["bay"]), int(index["node"])]
    return Told(
        f"{where} can promise tenants {limit:.4g} MW of air cooling (heat)",
        f"raise air_heat_limit_mw of {where} so that {{amount}} more are left after heat_derate",
    )


def _fits_liquid(instance: Instance, index: Index, _: str) -> Told:
    where, limit = _hall(instance, index), instance.bays.firm_liquid_limit_mw[int(index["bay"]), int(index["node"])]
    return Told(
        f"{where} can promise tenants {limit:.4g} MW of liquid cooling (heat)",
        f"raise liquid_heat_limit_mw of {where} so that {{amount}} more are left after liquid_derate",
    )


def _fits_feeder(instance: Instance, index: Index, _: str) -> Told:
    name, limit = instance.feeders.names[int(index["feeder"])], instance.feeders.limit_mw[int(index["feeder"])]
    return Told(
        f"feeder {name} carries {limit:g} MW of what tenants are promised, overhead and draw at no load included",
        f"raise limit_mw of feeder {name} by {{amount}}",
    )


def _fits_plant(instance: Instance, index: Index, _: str) -> Told:
    plant, plants = int(index["plant"]), instance.plants
    name, limit = plants.names[plant], plants.firm_limit_mw[plant, int(index["node"])]
    return Told(
        f"plant {name} can promise tenants {limit:.4g} MW of {plants.loop[plant]} cooling (heat)",
        f"raise heat_limit_mw of plant {name} by {{amount}}",
    )


def _reserved(instance: Instance, index: Index, _: str) -> Told:
    site, limit = instance.sites.names[int(index["site"])], instance.sites.power_limit_mw[int(index["site"])]
    return Told(
        f"site {site} has {limit:g} MW at the interconnect for contracts to reserve (critical MW x gross_up)",
        f"raise power_limit_mw of {site} by {{amount}}",
    )


def _hall_once(instance: Instance, index: Index, _: str) -> Told:
    hall = int(index["hall"])
    name, most = instance.halls.names[hall], int(instance.halls.max_conversions[hall])
    return Told(f"hall {name} converts at most {most} times", f"raise max_conversions of {name} by {{amount}}", "")


def _lead_time(instance: Instance, index: Index, _: str) -> Told | None:
    bay = int(index["bay"])
    if not instance.bays.convertible[bay]:
        return None
    lead = int(instance.bays.lead_months[bay])
    where = _hall(instance, index)
    return Told(
        f"{where} is usable {lead} {'month' if lead == 1 else 'months'} after its conversion is decided",
        f"shorten lead_months of {where}",
        "",
    )


def _slots(instance: Instance, index: Index, _: str) -> Told:
    where, slots = _hall(instance, index), instance.bays.slots[int(index["bay"])]
    return Told(f"{where} has {slots:g} slots", f"raise slots of {where} by {{amount}}", "slots")


def _hosted_mw(instance: Instance, index: Index, _: str) -> Told:
    agreement = int(index["agreement"])
    name, limit = instance.hosting.names[agreement], instance.hosting.capacity_mw[agreement]
    return Told(f"host {name} is contracted for {limit:g} MW of machines", f"raise capacity_mw of {name} by {{amount}}")


def _site(instance: Instance, index: Index, _: str) -> Told:
    site, limit = instance.sites.names[int(index["site"])], instance.sites.power_limit_mw[int(index["site"])]
    return Told(f"site {site} draws at most {limit:g} MW at the meter", f"raise power_limit_mw of {site} by {{amount}}")


def _feeder(instance: Instance, index: Index, _: str) -> Told:
    name, limit = instance.feeders.names[int(index["feeder"])], instance.feeders.limit_mw[int(index["feeder"])]
    return Told(f"feeder {name} carries at most {limit:g} MW", f"raise limit_mw of feeder {name} by {{amount}}")


def _energy(instance: Instance, index: Index, _: str) -> Told:
    position, node = int(index["site"]), int(index["node"])
    site, budget = instance.sites.names[position], instance.sites.energy_budget_mwh[position, node]
    months = int(instance.tree.months[node])
    return Told(
        f"site {site} draws at most {budget:,.6g} MWh in {months} months, its energy budget"
        if months > 1
        else f"site {site} draws at most {budget:,.6g} MWh a month, its energy budget",
        f"raise energy_budget_mwh_per_month of {site} by {{amount}}",
        "MWh a month",
        1.0 / months,
    )


TELLERS: Mapping[str, Teller] = {
    **MONEY_TELLERS,
    "CONTRACT.once": _once,
    "CONTRACT.exclusive": _exclusive,
    "CONTRACT.placed": _placed,
    "CONTRACT.fitted": _fitted,
    "CONTRACT.fits_hall": _fits_hall,
    "CONTRACT.fits_air": _fits_air,
    "CONTRACT.fits_liquid": _fits_liquid,
    "CONTRACT.fits_feeder": _fits_feeder,
    "CONTRACT.fits_plant": _fits_plant,
    "POWER.reserved": _reserved,
    "HALL.once": _hall_once,
    "HALL.lead_time": _lead_time,
    "HALL.slots": _slots,
    "HOSTING.capacity": _hosted_mw,
    "POWER.site": _site,
    "POWER.energy": _energy,
    "POWER.feeder": _feeder,
}

HOURLY_LIMITS = ("POWER.site", "POWER.hall", "POWER.feeder")
"""Limits on what the hours draw. They bound what mining can earn, and so close many a conflict of money that has
nothing to do with them: machines bound it too."""
REPAIR_WEIGHTS: Mapping[str | tuple[str, str], float] = {
    "CONTRACT.fits_hall": 1.0,
    "CONTRACT.fits_air": 1.0,
    "CONTRACT.fits_liquid": 1.0,
    "CONTRACT.fits_feeder": 1.0,
    "CONTRACT.fits_plant": 1.0,
    "POWER.reserved": 1.0,
    "HOSTING.capacity": 1.0,
    "POWER.site": 1.0,
    "POWER.feeder": 1.0,
    "POWER.energy": 1.0 / 730.0,
    "LOAN.schedule": 0.2,
    "LOAN.call": 0.2,
    "LOAN.cured": 0.2,
    "LOAN.headroom": 0.1,
    "COVENANT.liquidity": 0.2,
    "COVENANT.coverage": 0.2,
    "COVENANT.leverage": 0.2,
    "CASH.minimum": 0.2,
    "CHANCE.month": 10.0,
    "CHANCE.paths": 10.0,
    "CHANCE.event": 0.2,
    "CASH.budget": 0.2,
    "HALL.slots": 0.01,
    "HALL.once": 100.0,
    "CONTRACT.once": 10_000.0,
    "CONTRACT.exclusive": 10_000.0,
}
"""Price of one unit (MW, MUSD, slot, conversion, signature) of violation in the search for a repair: limits before
obligations, since a limit of every month is repaired once but counted in each."""


def conflict_lines(instance: Instance, rows: Sequence[tuple[str, Index, str]]) -> list[str]:
    """The requirements of a conflict, one line each, months of the same requirement drawn together.

    Rows of families that only define quantities are left out; where nothing else is in conflict, they are named
    by family and position, so that there always is a line.
    """
    found: dict[str, list[int]] = {}
    for family, index, side in rows:
        where = located(instance, index)
        told = told_of(instance, family, where, side)
        if told is not None:
            found.setdefault(told.says, []).append(node_of(where))
    if not found:
        return [f"{family} {dict(index)}" for family, index, _ in rows]
    return [f"{says}{months_text(instance, nodes)}" for says, nodes in found.items()]


def repair_lines(instance: Instance, repairs: Sequence[tuple[str, Index, float]]) -> list[str]:
    """What would restore feasibility, one line each: of the same limit in many months, the largest amount."""
    largest: dict[str, tuple[float, Told, list[int]]] = {}
    for family, index, amount in repairs:
        where = located(instance, index)
        told = told_of(instance, family, where, "lower" if amount < 0 else "upper")
        if told is None:
            continue
        most, _, nodes = largest.get(told.restore, (0.0, told, []))
        largest[told.restore] = (max(most, abs(amount) * told.scale), told, [*nodes, node_of(where)])
    return [
        told.restore.replace("{amount}", amount_text(most, told.unit)) + months_text(instance, nodes)
        for most, told, nodes in largest.values()
    ]


def told_of(instance: Instance, family: str, index: Index, side: str) -> Told | None:
    """A row in words; None where it only defines quantities."""
    return TELLERS.get(family, _untold)(instance, index, side)


def _untold(_: Instance, __: Index, ___: str) -> None:
    """Families that only define quantities."""


def located(instance: Instance, index: Index) -> Index:
    """Axes with the site and node of an hour in the hour store."""
    if "hour" not in index:
        return index
    site, node = instance.hours.pair_of(np.array(index["hour"]))
    return {**index, "site": int(site), "node": int(node)}


def node_of(index: Index) -> int:
    """Node of a row, -1 where it has none."""
    return int(index.get("node", -1))


def months_text(instance: Instance, nodes: Sequence[int]) -> str:
    """From the first to the last node, in brackets."""
    known = sorted({node for node in nodes if node >= 0})
    if not known:
        return ""
    first, last = instance.tree.name[known[0]], instance.tree.name[known[-1]]
    return f" ({first})" if first == last else f" ({first} to {last})"


def amount_text(amount: float, unit: str) -> str:
    """An amount in its unit."""
    return f"${amount:,.0f}" if unit == "USD" else f"{amount:.4g} {unit}".rstrip()
