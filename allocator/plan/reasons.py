"""Why a contract was accepted or refused, in words: what it earns, what does not fit, what its margin lacks.

A refusal is explained against the plan as it stands, all other decisions kept. What a contract would earn is
bounded with the cuts of the hours, which never overstate what the hours give up by more than they must;
a lack is thus never invented, and the words say "about".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.dispatch.interface import Cut
from allocator.plan.contract_gain import energy_usd, standalone_usd
from allocator.plan.conversion_gain import ConversionChance, best_conversion
from allocator.plan.extract.contracts import contract_entries, signatures
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.fleets import fleet_entries
from allocator.plan.extract.halls import conversion_entries
from allocator.plan.extract.settled import Settled
from allocator.plan.room import SLACK, Chance, Room, chance, room_mw, room_of, starts
from allocator.plan.schema import CAPITAL_LINES

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


def gain_usd(settled: Settled, cuts: Cuts, contract: int, found: Chance) -> float:
    """Most the plan could gain by adding the contract as `found` places it, all other decisions kept; discounted."""
    energy = sum(
        count / found.tranches * energy_usd(settled, cuts, contract, found.signed, bay) for bay, count in found.placed
    )
    return standalone_usd(settled.instance, contract, found.signed) + energy


def _explain(settled: Settled, cuts: Cuts, room: Room, contract: int) -> Reason:
    instance = settled.instance
    name = instance.offers.names[contract]
    if signed := signatures(settled, contract):
        return Reason(name, "accepted", _accepted_text(settled, contract, signed))
    if not starts(instance, contract):
        return Reason(name, "never_in_window", "no decision in the horizon lets its service start within its window")
    if rival := _rival(settled, contract):
        return Reason(name, "one_of", f"only one of {rival[0]} may be signed, and {rival[1]} is")
    chances = [chance(instance, room, contract, signed) for signed in starts(instance, contract)]
    best = max(chances, key=lambda found: (found.fitted, found.share))
    if best.share < 1.0 - SLACK:
        return _no_room_reason(settled, cuts, room, contract, best)
    return _margin_reason(settled, cuts, contract, [found for found in chances if found.share >= 1.0 - SLACK])


def _accepted_text(settled: Settled, contract: int, signed: list[int]) -> str:
    """Where it stands and what it is worth, of all nodes where it is signed together."""
    instance = settled.instance
    bays = np.flatnonzero((settled.point.place[contract][:, signed] > 0.5).any(axis=1))
    where = ", ".join(instance.bays.names[bay] for bay in bays)
    worth = usd(sum(standalone_usd(instance, contract, node) for node in signed))
    chance = float(instance.tree.probability[signed].sum())
    if chance > 1.0 - SLACK:
        return f"stands in {where}; rent less signing capex is worth {worth}, beyond the horizon included"
    share = f"{100 * chance:.0f} % of futures"
    return (
        f"stands in {where} in {share}; rent less signing capex is worth {worth}, expected over all futures, "
        "beyond the horizon included"
    )


def _rival(settled: Settled, contract: int) -> tuple[str, str] | None:
    """(group, accepted contract) that keeps this one out."""
    groups = settled.instance.compatibility
    for name, members in zip(groups.group_names, groups.exclusive, strict=True):
        taken = [other for other in members if other != contract and signatures(settled, other)]
        if contract in members and taken:
            return name, settled.instance.offers.names[taken[0]]
    return None


def _no_room_reason(settled: Settled, cuts: Cuts, room: Room, contract: int, best: Chance) -> Reason:
    """What does not fit in the halls as the plan has them, and whether converting another would pay."""
    instance = settled.instance
    mw, name = float(instance.offers.critical_it_mw[contract]), instance.offers.names[contract]
    fits = best.share * mw
    parts = f" in {best.tranches} equal parts" if best.tranches > 1 else ""
    short = f"{room_mw(fits)} of its {mw:.4g} MW fit{parts}; {best.limit}"
    text = short if best.fitted else "no hall is fitted for it over its service"
    found = best_conversion(settled, cuts, room, contract)
    also = "no other hall could be converted for it in time" if found is None else _conversion_text(settled, found)
    return Reason(name, "does_not_fit" if best.fitted else "no_fit_out", f"{text}; {also}", mw - fits)


def _conversion_text(settled: Settled, found: ConversionChance) -> str:
    instance = settled.instance
    where, when = instance.bays.names[found.bay], instance.tree.name[found.made]
    what = f"with {where} converted from {when} for {usd(found.capex_usd)}"
    if found.gain_usd < 0:
        return f"{what}, its margin would lack about {usd(-found.gain_usd)}"
    left = capital_left_usd(settled)
    if left < found.capex_usd:
        return f"{what}, it would exceed the capital budget, of which {usd(left)} is left"
    return f"{what}, it would add at most {usd(found.gain_usd)}; cash, other uses or the accepted gap keep it out"


def capital_left_usd(settled: Settled) -> float:
    """Least capital budget left on any path, USD; inf where no budget is set."""
    instance = settled.instance
    spent = [0.0] * len(instance.tree)
    for entry in capital_entries(settled):
        spent[entry.node] -= entry.amount_usd
    paths = [sum(spent[node] for node in instance.tree.path(leaf)) for leaf in instance.tree.leaves.tolist()]
    return instance.finance.capex_budget_usd - max(paths)


def capital_entries(settled: Settled) -> Iterator[Entry]:
    """Entries that count against the capital budget."""
    for entry in (*fleet_entries(settled), *conversion_entries(settled), *contract_entries(settled)):
        if entry.line in CAPITAL_LINES:
            yield entry


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
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}${size / 1e6:,.2f} M" if size >= 1e5 else f"{sign}${size:,.0f}"
