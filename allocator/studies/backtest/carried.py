"""Machines that a battery can keep running are a fleet of their own.

A battery gives less than a hall draws. Where the price stops a hall, part of its machines may run on from what is
stored; so fleets are cut where the battery's power ends, the dearest first, and each piece is stopped and started by
itself. For a linear program both pieces together are what the whole fleet was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.week.interface import Part, Structure


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
        btc = here.segment_btc_per_mwh
        cut = replace(
            here,
            segment_bay=here.segment_bay[tier],
            segment_air_share=here.segment_air_share[tier],
            segment_liquid_share=here.segment_liquid_share[tier],
            segment_value_usd_per_mwh=here.segment_value_usd_per_mwh[tier],
            segment_btc_per_mwh=None if btc is None else btc[tier],
        )
        return replace(part, here=cut, capacity=replace(part.capacity, segment_mw=self.over(part.capacity.segment_mw)))

    def over(self, machines: Floats) -> Floats:
        """What stands of each tier, (J,), by pieces, (J',)."""
        return machines[self.tier] * self.share


def pieces(site: Structure, given_mw: float) -> Pieces:
    """Fleets cut for a battery that gives so much, with the machines of all its hours."""
    gross = ((1.0 + site.overhead) * site.capacity_mw).max(axis=1)
    by_fleet = np.bincount(site.fleet, gross, site.fleets)
    bears = site.strike_usd_per_mwh.mean(axis=1)[site.first_tier]
    share, left = np.zeros(site.fleets), given_mw
    order = [int(f) for f in np.argsort(-bears, kind="stable") if by_fleet[f] > 0.0]
    for f in order:
        share[f] = min(1.0, left / by_fleet[f])
        left -= share[f] * by_fleet[f]
    return _pieces(site.fleet, share, order)


def _pieces(fleet: Ints, share: Floats, order: list[int]) -> Pieces:
    """`share` of each fleet is carried; what is cut stands before what is left of it."""
    tier, part, of_tier, fleets, first = [], [], [], list[int](), dict[int, int]()
    for f in range(len(share)):
        own = np.flatnonzero(fleet == f)
        for rank, size in enumerate((share[f], 1.0 - share[f])):
            if size <= 0.0 and not (rank == 1 and share[f] <= 0.0):
                continue
            first.setdefault(f, len(fleets))
            tier.append(own)
            part.append(np.full(len(own), size))
            of_tier.append(np.full(len(own), len(fleets)))
            fleets.append(f)
    carried = np.array([first[f] for f in order if share[f] > 0.0], dtype=np.int64)
    return Pieces(np.concatenate(tier), np.concatenate(part), np.array(fleets), np.concatenate(of_tier), carried)
