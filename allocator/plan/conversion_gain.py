"""What a refused contract would bring if another hall were converted for it, all other decisions kept.

The hours give up what their cuts say, which never understates what is left; the gain is thus an upper bound,
and a lack that shows here is real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.interface import Cut
from allocator.instance.tree import Ints
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
    for signed in starts(instance, contract):
        served = served_nodes(instance, contract, signed)
        for bay in allowed_bays(instance, contract).tolist():
            made = _latest_decision(instance, bay, int(served[0]))
            if made >= 0 and _untouched(settled, bay) and _fits(instance, room, contract, bay, served):
                gain = _gain_usd(settled, cuts, contract, bay, made, signed)
                yield ConversionChance(bay, made, signed, gain, float(instance.bays.capex_usd[bay, made]))


def _latest_decision(instance: Instance, bay: int, first_served: int) -> int:
    """Last decision node from which the bay is ready when service begins; -1 for none, or a bay not to be had."""
    if not instance.bays.convertible[bay]:
        return -1
    pairs = instance.tree.ready(int(instance.bays.lead_months[bay]))
    path = instance.tree.path(first_served)
    made = pairs.loc[pairs["node"].isin(path), "made"].to_numpy()
    possible = made[instance.tree.decision[made]]
    return int(possible.max()) if len(possible) else -1


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


def _gain_usd(settled: Settled, cuts: Cuts, contract: int, bay: int, made: int, signed: int) -> float:
    instance = settled.instance
    ready, lost = _ready_and_lost(instance, bay, made)
    hours = sum(_hours_usd(settled, cuts, bay, node, bool(ready[node] > 0)) for node in np.flatnonzero(lost).tolist())
    gained = contract_usd(settled, cuts, contract, signed, bay)
    machines = sum(_machines_usd(settled, bay, node) for node in _first_of(instance, lost))
    return gained + hours + machines - _capex_usd(instance, bay, made) - _tail_usd(settled, bay, lost)


def _ready_and_lost(instance: Instance, bay: int, made: int) -> tuple[Ints, Ints]:
    """1 for nodes in which the new fit-out stands, and for those the old one does not, (N,) each."""
    tree, bays = instance.tree, instance.bays
    lead, down = int(bays.lead_months[bay]), int(bays.downtime_months[bay])
    pairs = tree.ready(lead)
    ready = tree.within(pairs.loc[pairs["made"] == made, "node"].to_numpy()).astype(np.int64)
    idle = tree.during(lead - down, lead)
    lost = ready.copy()
    lost[idle.loc[idle["made"] == made, "node"]] = 1
    return ready, lost


def _hours_usd(settled: Settled, cuts: Cuts, bay: int, node: int, ready: bool) -> float:
    """Change of the operating margin of a node without the opening fit-out and, once ready, with the new one."""
    instance, site = settled.instance, int(settled.instance.bays.site[bay])
    cut, first = cuts[site, node], int(np.argmax(instance.bays.site == site))
    opening = _opening(instance, bay)
    of_site = np.flatnonzero(instance.segments.site == site)
    inside = instance.segments.bay[of_site] == opening
    units = settled.point.installed_units[instance.segments.placement[of_site], node]
    load = float((cut.segment_usd_per_mw * instance.segments.mw_per_unit[of_site] * units)[inside].sum())
    change = (cut.fitted_usd[bay - first] if ready else 0.0) - cut.fitted_usd[opening - first] - load
    return float(change * instance.finance.discount_operations[node] * instance.tree.probability[node])


def _first_of(instance: Instance, lost: Ints) -> list[int]:
    """Nodes that lose the old fit-out on each way."""
    parent = instance.tree.parent
    before = np.where(parent >= 0, lost[parent], 0)
    return np.flatnonzero((lost > 0) & (before == 0)).tolist()


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


def _tail_usd(settled: Settled, bay: int, lost: Ints) -> float:
    """Mining beyond the horizon that the hall no longer does."""
    instance, opening = settled.instance, _opening(settled.instance, bay)
    leaves = instance.tree.leaves
    weight = instance.tree.probability[leaves] * lost[leaves]
    value = instance.terminal.mining_usd_per_mw[opening][:, leaves] * settled.point.tail_mw[opening]
    return float((value.sum(axis=0) * weight).sum())


def _opening(instance: Instance, bay: int) -> int:
    return int(instance.halls.opening_bay[instance.bays.hall[bay]])
