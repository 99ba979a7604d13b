"""What a refused contract would bring if another hall were converted for it, all other decisions kept.

The hours give up what their cuts say, which never understates what is left; the gain is thus an upper bound,
and a lack that shows here is real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.interface import Cut
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.contract_gain import contract_usd
from allocator.plan.extract.halls import paid_shares
from allocator.plan.extract.settled import Settled
from allocator.plan.room import SLACK, Room, allowed_bays, served_nodes, starts

Cuts = Mapping[tuple[int, int], Cut]


@dataclass(frozen=True)
class ConversionChance:
    """A hall that could be converted for a contract: the bay it becomes, decided when, signed when, and the gain."""

    bay: int
    made: int
    signed: int
    gain_usd: float
    capex_usd: float


def best_conversion(settled: Settled, cuts: Cuts, room: Room, contract: int) -> ConversionChance | None:
    """The conversion with the largest gain, of a hall that the plan leaves as it opened; None where there is none."""
    chances = list(_chances(settled, cuts, room, contract))
    return max(chances, key=lambda found: found.gain_usd, default=None)


def _chances(settled: Settled, cuts: Cuts, room: Room, contract: int) -> Iterator[ConversionChance]:
    instance = settled.instance
    halls = [bay for bay in allowed_bays(instance, contract).tolist() if _untouched(settled, bay)]
    hours = {bay: _hours_usd(settled, cuts, bay) for bay in halls}
    for signed in starts(instance, contract):
        served = served_nodes(instance, contract, signed)
        for bay in halls:
            made = _latest_decision(instance, bay, int(served[0]))
            if made >= 0 and _fits(instance, room, contract, bay, served):
                gain = contract_usd(settled, cuts, contract, signed, bay) + _left_usd(settled, hours[bay], bay, made)
                yield ConversionChance(bay, made, signed, gain, float(instance.bays.capex_usd[bay, made]))


def _latest_decision(instance: Instance, bay: int, first_served: int) -> int:
    """Last decision node from which the bay is ready when service begins; -1 for none, or a bay not to be had."""
    if not instance.bays.convertible[bay]:
        return -1
    path = np.array(instance.tree.path(first_served))
    in_time = (
        instance.tree.first_month[path] + instance.bays.lead_months[bay] <= instance.tree.first_month[first_served]
    )
    possible = path[in_time & instance.tree.decision[path]]
    return int(possible[-1]) if len(possible) else -1


def _untouched(settled: Settled, bay: int) -> bool:
    """The hall keeps its opening fit-out, without tenants, and the bay is another."""
    opening = _opening(settled.instance, bay)
    stays = bool((settled.point.fitted[opening] > 0.5).all())
    return opening != bay and stays and not settled.contracted_mw[opening].any()


def _fits(instance: Instance, room: Room, contract: int, bay: int, served: Ints) -> bool:
    mw = float(instance.offers.critical_it_mw[contract])
    claim = mw * float(instance.offers.gross_up[contract])
    spare = float(room.reserve_mw[instance.bays.site[bay], served].min())
    own = min(float(room.limit_mw[bay, served].min()), room.shared.fits_mw(bay, served))
    return own >= mw - SLACK and spare >= claim - SLACK


@dataclass(frozen=True)
class _Hours:
    """Change of the operating margin of each node, (N,) each: by a new fit-out, and without the opening one."""

    gained_usd: Floats
    lost_usd: Floats


def _left_usd(settled: Settled, hours: _Hours, bay: int, made: int) -> float:
    """What a conversion changes besides the contract that it is for."""
    instance = settled.instance
    ready, lost = _ready_and_lost(instance, bay, made)
    change = float(hours.gained_usd[ready].sum() - hours.lost_usd[lost].sum())
    machines = sum(_machines_usd(settled, bay, node) for node in _first_of(instance, lost))
    return change + machines - _capex_usd(instance, bay, made) - _tail_usd(settled, bay, lost)


def _ready_and_lost(instance: Instance, bay: int, made: int) -> tuple[Bools, Bools]:
    """Nodes in which the new fit-out stands, and those in which the old one does not, (N,) each."""
    tree, bays = instance.tree, instance.bays
    lead, down = int(bays.lead_months[bay]), int(bays.downtime_months[bay])
    ready = tree.within(tree.ready_from(made, lead))
    lost = ready.copy()
    lost[tree.during_from(made, lead - down, lead)] = True
    return ready, lost


def _hours_usd(settled: Settled, cuts: Cuts, bay: int) -> _Hours:
    """Of a bay that its hall could become."""
    instance, site = settled.instance, int(settled.instance.bays.site[bay])
    own = [cuts[site, node] for node in range(len(instance.tree))]
    fitted = np.array([cut.fitted_usd for cut in own])
    first, opening = int(np.argmax(instance.bays.site == site)), _opening(instance, bay)
    inside = np.flatnonzero(instance.segments.bay[instance.segments.site == site] == opening)
    segment = np.flatnonzero(instance.segments.site == site)[inside]
    units = settled.point.installed_units[instance.segments.placement[segment]]
    load = np.array([cut.segment_usd_per_mw[inside] for cut in own]) * instance.segments.mw_per_unit[segment] * units.T
    worth = instance.finance.discount_operations * instance.tree.probability
    return _Hours(fitted[:, bay - first] * worth, (fitted[:, opening - first] + load.sum(axis=1)) * worth)


def _first_of(instance: Instance, lost: Bools) -> list[int]:
    """Nodes that lose the old fit-out on each way."""
    parent = instance.tree.parent
    return np.flatnonzero(lost & ~((parent >= 0) & lost[parent])).tolist()


def _machines_usd(settled: Settled, bay: int, node: int) -> float:
    """Expected gain of selling the hall's machines when it empties over keeping them to the horizon; at least 0."""
    instance = settled.instance
    models, finance = instance.models, instance.finance
    standing = np.flatnonzero(instance.placements.bay == _opening(instance, bay))
    model = instance.placements.model[standing]
    tree = instance.tree
    ends = tree.leaves[tree.within(np.array([node]))[tree.leaves]]
    now = models.resale_usd[model, node] * finance.discount_operations[node] * tree.probability[node]
    then = models.resale_usd[np.ix_(model, ends)] @ tree.probability[ends] * finance.discount_horizon
    return float((settled.point.installed_units[standing, node] * np.maximum(0.0, now - then)).sum())


def _capex_usd(instance: Instance, bay: int, made: int) -> float:
    paid = paid_shares(instance.tree, made, int(instance.bays.lead_months[bay]))
    weight = instance.finance.discount_operations * instance.tree.probability
    return float(instance.bays.capex_usd[bay, made] * sum(share * weight[node] for node, share in paid.items()))


def _tail_usd(settled: Settled, bay: int, lost: Bools) -> float:
    """Mining beyond the horizon that the hall no longer does."""
    instance, opening = settled.instance, _opening(settled.instance, bay)
    leaves = instance.tree.leaves
    weight = instance.tree.probability[leaves] * lost[leaves]
    value = instance.terminal.mining_usd_per_mw[opening][:, leaves] * settled.point.tail_mw[opening]
    return float((value.sum(axis=0) * weight).sum())


def _opening(instance: Instance, bay: int) -> int:
    return int(instance.halls.opening_bay[instance.bays.hall[bay]])
