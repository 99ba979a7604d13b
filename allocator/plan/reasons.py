"""Why a contract was accepted or refused, in words: what it earns, what does not fit, what its margin lacks.

A refusal is explained against the plan as it stands, all other decisions kept. What a contract would earn is
bounded with the cuts of the hours, which never overstate what the hours give up by more than they must;
a lack is thus never invented, and the words say "about".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.dispatch.interface import Cut
from allocator.instance.types import Instance
from allocator.plan.extract.contracts import signatures
from allocator.plan.extract.settled import Settled
from allocator.plan.room import SLACK, Chance, Room, allowed_bays, chance, room_of, starts

Cuts = Mapping[tuple[int, int], Cut]
"""By (site, node) positions, at the capacities of the plan."""

Cause = Literal["accepted", "never_in_window", "one_of", "no_fit_out", "does_not_fit", "margin"]


@dataclass(frozen=True)
class Reason:
    """Why one contract stands where it does.

    Attributes:
        text: one sentence for people.
        lack: what is missing: MW (no_fit_out, does_not_fit) or USD (margin); 0 otherwise.
    """

    contract: str
    cause: Cause
    text: str
    lack: float = 0.0


def explain(settled: Settled, cuts: Cuts) -> list[Reason]:
    """One reason a contract, in the order of the offers."""
    room = room_of(settled)
    return [_explain(settled, cuts, room, contract) for contract in range(len(settled.instance.offers.names))]


def standalone_usd(instance: Instance, contract: int, signed: int) -> float:
    """Expected discounted rent of a contract signed at a node, beyond the horizon included, less signing capex."""
    finance, service, tree = instance.finance, instance.service, instance.tree
    rows = (service.contract == contract) & (service.signed == signed)
    node = service.node[rows]
    weight = finance.discount_contracted[node] * tree.probability[node]
    capex = instance.offers.signing_capex_usd[contract] * finance.discount_operations[signed]
    beyond = instance.terminal.contract_usd[contract, signed] - capex
    return float((service.rent_usd[rows] * weight).sum() + beyond * tree.probability[signed])


def gain_usd(settled: Settled, cuts: Cuts, contract: int, found: Chance) -> float:
    """Most the plan could gain by adding the contract as `found` places it, all other decisions kept; discounted."""
    energy = sum(
        count / found.tranches * _energy_usd(settled, cuts, contract, found.signed, bay) for bay, count in found.placed
    )
    return standalone_usd(settled.instance, contract, found.signed) + energy


def _energy_usd(settled: Settled, cuts: Cuts, contract: int, signed: int, bay: int) -> float:
    """Pass-through less what the hours give up for the whole load in one bay, beyond the horizon included."""
    instance, service, finance = settled.instance, settled.instance.service, settled.instance.finance
    site = int(instance.bays.site[bay])
    own = bay - int(np.argmax(instance.bays.site == site))
    total = 0.0
    for row in np.flatnonzero((service.contract == contract) & (service.signed == signed)):
        node = int(service.node[row])
        passed = instance.offers.pass_through_share[contract] * instance.pass_through.usd_per_mw[bay, node]
        given = cuts[site, node].firm_usd_per_mw[own] * finance.discount_operations[node]
        usd_per_mw = passed * finance.discount_contracted[node] + given
        total += float(service.metered_mw[row] * usd_per_mw * instance.tree.probability[node])
    beyond = instance.terminal.contract_energy_usd_per_mw[contract, signed, bay]
    return total - float(beyond * instance.offers.critical_it_mw[contract] * instance.tree.probability[signed])


def _explain(settled: Settled, cuts: Cuts, room: Room, contract: int) -> Reason:
    instance = settled.instance
    name = instance.offers.names[contract]
    if signed := signatures(settled, contract):
        return Reason(name, "accepted", _accepted_text(settled, contract, signed[0]))
    if not starts(instance, contract):
        return Reason(name, "never_in_window", "no decision in the horizon lets its service start within its window")
    if rival := _rival(settled, contract):
        return Reason(name, "one_of", f"only one of {rival[0]} may be signed, and {rival[1]} is")
    chances = [chance(instance, room, contract, signed) for signed in starts(instance, contract)]
    best = max(chances, key=lambda found: (found.fitted, found.share))
    if not best.fitted:
        lack = float(instance.offers.critical_it_mw[contract])
        return Reason(name, "no_fit_out", _no_fit_out_text(instance, contract), lack)
    if best.share < 1.0 - SLACK:
        return _short_reason(instance, contract, best)
    return _margin_reason(settled, cuts, contract, [found for found in chances if found.share >= 1.0 - SLACK])


def _accepted_text(settled: Settled, contract: int, signed: int) -> str:
    instance = settled.instance
    bays = np.flatnonzero(settled.point.place[contract, :, signed] > 0.5)
    where = ", ".join(instance.bays.names[bay] for bay in bays)
    worth = usd(standalone_usd(instance, contract, signed))
    return f"stands in {where}; rent less signing capex is worth {worth}, beyond the horizon included"


def _rival(settled: Settled, contract: int) -> tuple[str, str] | None:
    """(group, accepted contract) that keeps this one out."""
    groups = settled.instance.compatibility
    for name, members in zip(groups.group_names, groups.exclusive, strict=True):
        taken = [other for other in members if other != contract and signatures(settled, other)]
        if contract in members and taken:
            return name, settled.instance.offers.names[taken[0]]
    return None


def _no_fit_out_text(instance: Instance, contract: int) -> str:
    """No allowed hall is fitted over the service: name the cheapest conversion and what the contract brings."""
    allowed = allowed_bays(instance, contract)
    convertible = [int(bay) for bay in allowed if instance.bays.convertible[bay]]
    if not convertible:
        return "no hall can ever be fitted for it"
    bay = min(convertible, key=lambda bay: float(instance.bays.capex_usd[bay].min()))
    capex = usd(float(instance.bays.capex_usd[bay].min()))
    worth = usd(max(standalone_usd(instance, contract, signed) for signed in starts(instance, contract)))
    return (
        f"no hall is fitted for it over its service; {instance.bays.names[bay]} would cost {capex} "
        f"beside what it displaces, and the contract's rent less signing capex is worth {worth} before energy"
    )


def _short_reason(instance: Instance, contract: int, best: Chance) -> Reason:
    mw = float(instance.offers.critical_it_mw[contract])
    name, fits = instance.offers.names[contract], best.share * mw
    parts = f" in {best.tranches} equal parts" if best.tranches > 1 else ""
    text = f"{fits:.4g} of its {mw:.4g} MW fit{parts}; {best.limit}"
    return Reason(name, "does_not_fit", text, mw - fits)


def _margin_reason(settled: Settled, cuts: Cuts, contract: int, chances: list[Chance]) -> Reason:
    instance = settled.instance
    gain, best = max(((gain_usd(settled, cuts, contract, found), found) for found in chances), key=lambda pair: pair[0])
    name, where = instance.offers.names[contract], ", ".join(instance.bays.names[bay] for bay, _ in best.placed)
    if gain < 0:
        text = f"fits in {where}, but its margin lacks about {usd(-gain)} after energy and what it displaces"
        return Reason(name, "margin", text, -gain)
    text = f"fits in {where} and would add at most {usd(gain)}; cash, budget or the accepted gap keep it out"
    return Reason(name, "margin", text)


def usd(amount: float) -> str:
    """An amount for people: millions from 0.1 M on, else whole dollars."""
    return f"${amount / 1e6:,.2f}M" if abs(amount) >= 1e5 else f"${amount:,.0f}"
