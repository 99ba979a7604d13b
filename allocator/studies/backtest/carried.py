"""Machines that a battery can keep running, or that services pay for, are a fleet of their own.

A battery gives less than a hall draws. Where the price stops a hall, part of its machines may run on from what is
stored; so fleets are cut where the battery's power ends, the dearest first, and each piece is stopped and started by
itself. So they are where what ancillary services take ends. For a linear program the pieces together are what the whole
fleet was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.battery import Battery
from allocator.instance.reserves import NodeReserves
from allocator.instance.tree import Floats, Ints
from allocator.week.interface import Part, Structure

PARTS = 2
"""Into which what a battery can carry is cut."""
WHOLE = 1e-9


@dataclass(frozen=True)
class Pieces:
    """How tiers are cut: J' tiers of pieces, J of the site.

    Attributes:
        tier: tier of the site that each tier of a piece is cut from, (J',). share: its share of the machines, (J',).
        fleet: fleet of the site of each piece, (F',). of_tier: piece of each tier, (J',).
        carried: pieces that the battery can keep running together, dearest first.
    """

    tier: Ints
    share: Floats
    fleet: Ints
    of_tier: Ints
    carried: Ints

    def cut(self, whole: Structure) -> Structure:
        """The site with its fleets in pieces."""
        return replace(
            whole,
            parts=tuple(self._part(part) for part in whole.parts),
            tiers=tuple(whole.tiers[j] for j in self.tier),
            fleet=self.of_tier,
            restarts=whole.restarts.of(self.fleet),
            btc_per_mwh=whole.btc_per_mwh[:, self.tier],
        )

    def _part(self, part: Part) -> Part:
        here, tier = part.here, self.tier
        btc, offers = here.segment_btc_per_mwh, here.reserves
        cut = replace(
            here,
            segment_bay=here.segment_bay[tier],
            segment_air_share=here.segment_air_share[tier],
            segment_liquid_share=here.segment_liquid_share[tier],
            segment_value_usd_per_mwh=here.segment_value_usd_per_mwh[tier],
            segment_btc_per_mwh=None if btc is None else btc[tier],
            reserves=None if offers is None else replace(offers, qualifies=offers.qualifies[:, tier]),
        )
        return replace(part, here=cut, capacity=replace(part.capacity, segment_mw=self.over(part.capacity.segment_mw)))

    def over(self, machines: Floats) -> Floats:
        """What stands of each tier, (J,), by pieces, (J',)."""
        return machines[self.tier] * self.share


def pieces(site: Structure, battery: Battery) -> Pieces:
    """Fleets cut for a battery, with the machines of all its hours: full, it feeds what is carried for whole hours, and
    in `PARTS` parts, so that it feeds some of it from less."""
    full_mwh = battery.energy_mwh * battery.discharge_efficiency
    hours = np.ceil(full_mwh / battery.discharge_mw - WHOLE)
    return _cut(site, np.full(PARTS, battery.kept_share_per_h**hours * full_mwh / hours / PARTS))


def paid_pieces(site: Structure, terms: NodeReserves) -> Pieces:
    """Fleets cut where what ancillary services take ends, so that what is paid for runs on by itself."""
    takes = terms.most_mw / terms.qualifying_share
    found = _cut(site, takes[np.isfinite(takes)])
    return replace(found, carried=np.zeros(0, dtype=np.int64))


def _cut(site: Structure, sizes_mw: Floats) -> Pieces:
    """Fleets cut into pieces of some gross draws, the dearest first, and what is left."""
    gross = ((1.0 + site.overhead) * site.capacity_mw).max(axis=1)
    by_fleet = np.bincount(site.fleet, gross, site.fleets)
    bears = site.strike_usd_per_mwh.mean(axis=1)[site.first_tier]
    left = sizes_mw.copy()
    order = [int(f) for f in np.argsort(-bears, kind="stable")]
    shares, part = [list[float]() for _ in order], 0
    for f in order:
        of_fleet = by_fleet[f]
        while part < len(left) and of_fleet > 0.0:
            taken = min(of_fleet, left[part])
            shares[f].append(taken / by_fleet[f])
            of_fleet, left[part] = of_fleet - taken, left[part] - taken
            part += int(left[part] <= 0.0)
    return _pieces(site.fleet, shares, order)


def _pieces(fleet: Ints, shares: list[list[float]], order: list[int]) -> Pieces:
    """`shares` of each fleet that are carried; what is cut stands before what is left of it."""
    tier, size, of_tier, fleets, carried = [], [], [], list[int](), [list[int]() for _ in order]
    for f, own in enumerate(shares):
        rest = 1.0 - sum(own)
        for k, share in enumerate([*own, rest]):
            if k == len(own) and own and rest <= WHOLE:
                continue
            tiers = np.flatnonzero(fleet == f)
            tier.append(tiers)
            size.append(np.full(len(tiers), share))
            of_tier.append(np.full(len(tiers), len(fleets)))
            if k < len(own):
                carried[f].append(len(fleets))
            fleets.append(f)
    listed = [piece for f in order for piece in carried[f]]
    return Pieces(
        np.concatenate(tier), np.concatenate(size), np.array(fleets), np.concatenate(of_tier), np.array(listed, int)
    )
