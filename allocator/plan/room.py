"""Where a contract that was refused could still stand, all other decisions kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.extract.contracts import reserved_mw
from allocator.plan.extract.settled import Settled
from allocator.plan.shared_room import SharedRoom, shared_room

SLACK = 1e-9
WHOLE_SLACK = 1e-6
"""Of a hundredth of a MW, by which room may fall short of it and count as one."""
MOST = 1e9
"""More tranches than anyone offers."""
LIMITS = ("electrical limit", "air cooling", "liquid cooling")


@dataclass(frozen=True)
class Room:
    """What is free under the plan.

    Attributes:
        limit_mw: critical IT MW that may be promised in the bay when it is fitted, (B, N).
        free_mw: what of it is not promised yet, (B, N).
        limit: which of LIMITS sets it, (B, N).
        fitted: the bay is usable, (B, N).
        reserve_mw: gross MW not yet claimed at the interconnect, (S, N).
        shared: what feeders and plants could still be promised.
    """

    limit_mw: Floats
    free_mw: Floats
    limit: Ints
    fitted: Bools
    reserve_mw: Floats
    shared: SharedRoom


@dataclass(frozen=True)
class Chance:
    """The best a contract could do when signed at one node.

    Attributes:
        placed: (bay, tranches) that fit, best hall first.
        tranches: of the contract. fitted: some allowed bay is fitted over the whole service.
        limit: what keeps the next tranche out, "" where all fit.
    """

    signed: int
    placed: tuple[tuple[int, int], ...]
    tranches: int
    fitted: bool
    limit: str

    @property
    def share(self) -> float:
        """Share of the contract that fits."""
        return sum(count for _, count in self.placed) / self.tranches


def room_of(settled: Settled) -> Room:
    """Free room in every bay and at every interconnect."""
    instance, nodes = settled.instance, len(settled.instance.tree)
    bays = instance.bays
    limits = np.array(
        [
            np.repeat(bays.it_limit_mw[:, None], nodes, axis=1),
            _per_mw(bays.firm_air_limit_mw, bays.firm_air_share),
            _per_mw(bays.firm_liquid_limit_mw, bays.firm_liquid_share),
        ]
    )
    return Room(
        limit_mw=limits.min(axis=0),
        free_mw=limits.min(axis=0) - settled.contracted_mw,
        limit=limits.argmin(axis=0),
        fitted=settled.point.fitted > 0.5,
        reserve_mw=instance.sites.power_limit_mw[:, None] - reserved_mw(settled),
        shared=shared_room(settled),
    )


def chance(instance: Instance, room: Room, contract: int, signed: int) -> Chance:
    """Place tranches hall by hall, the hall with most room first, until a limit keeps the next one out."""
    nodes, tranches = served_nodes(instance, contract, signed), int(instance.offers.tranches[contract])
    fitted = [int(bay) for bay in allowed_bays(instance, contract) if room.fitted[bay, nodes].all()]
    one_mw = float(instance.offers.critical_it_mw[contract]) / tranches
    claim_mw = one_mw * float(instance.offers.gross_up[contract])
    reserve = {int(site): float(room.reserve_mw[site, nodes].min()) for site in np.unique(instance.bays.site[fitted])}
    together, placed, limit = room.shared, list[tuple[int, int]](), ""
    for bay in sorted(fitted, key=lambda bay: -float(room.free_mw[bay, nodes].min())):
        site, left = int(instance.bays.site[bay]), tranches - sum(count for _, count in placed)
        own, claimed = _whole(float(room.free_mw[bay, nodes].min()), one_mw), _whole(reserve[site], claim_mw)
        shared = _whole(together.fits_mw(bay, nodes), one_mw)
        count = min(own, claimed, shared, left)
        placed += [(bay, count)] if count else []
        if count < left and not limit:
            limit = f"{instance.bays.names[bay]}: {_binding(instance, room, bay, nodes)}"
            limit = limit if own == count else f"power reserved at {instance.sites.names[site]}"
            limit = limit if count < shared else _shared(instance, together, bay, nodes)
        reserve[site] -= count * claim_mw
        together = together.without(bay, nodes, count * one_mw)
    fits = sum(count for _, count in placed) == tranches
    return Chance(signed, tuple(placed), tranches, bool(fitted), "" if fits else limit)


def starts(instance: Instance, contract: int) -> list[int]:
    """Nodes at which the contract could be signed."""
    return [int(node) for node in np.unique(instance.service.signed[instance.service.contract == contract])]


def served_nodes(instance: Instance, contract: int, signed: int) -> Ints:
    """Nodes the contract serves when signed at a node."""
    service = instance.service
    served: Ints = service.node[(service.contract == contract) & (service.signed == signed)]
    return served


def room_mw(mw: float) -> str:
    """MW with two decimals, rounded down, so that what does not fit never looks as if it did."""
    hundredths = float(np.floor(mw / 0.01 + WHOLE_SLACK))
    if hundredths < 1 and mw > SLACK:
        return "under 0.01"
    return f"{hundredths / 100:,.2f}".rstrip("0").rstrip(".")


def allowed_bays(instance: Instance, contract: int) -> Ints:
    """Bays the contract may stand in."""
    allowed: Ints = instance.compatibility.bay[instance.compatibility.contract == contract]
    return allowed


def _whole(free: float, one: float) -> int:
    return max(0, int(np.floor(min(free / one, MOST) + SLACK))) if one > 0 else 0


def _shared(instance: Instance, together: SharedRoom, bay: int, nodes: Ints) -> str:
    name, free, worst = together.tightest(bay, nodes)
    return f"{instance.bays.names[bay]}: {room_mw(free)} MW left to promise on {name} in {instance.tree.name[worst]}"


def _binding(instance: Instance, room: Room, bay: int, nodes: Ints) -> str:
    worst = int(nodes[int(np.argmin(room.free_mw[bay, nodes]))])
    free = max(0.0, float(room.free_mw[bay, worst]))
    return f"{room_mw(free)} MW free under its {LIMITS[int(room.limit[bay, worst])]} in {instance.tree.name[worst]}"


def _per_mw(limit_mw: Floats, share: Floats) -> Floats:
    """Tenant MW a heat limit allows, inf where tenants bring that loop no heat, (B, N)."""
    none = np.full(limit_mw.shape, np.inf)
    allowed: Floats = np.divide(limit_mw, share[:, None], out=none, where=share[:, None] > 0)
    return allowed
