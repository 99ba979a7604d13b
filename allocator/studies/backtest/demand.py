"""What demand charges bill on the peaks that a run of a site set itself.

    billed[i] = max(peak metered in the hours that count, least that is billed,
                    ratchet share * most billed of the months that it looks back to)

Peaks stand as planned, so every rule keeps below the same ones. What its own are billed is told beside its margin: a
rule chooses no peak, and neither does perfect foresight. A period that is replayed in part is billed that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance
from allocator.week.interface import Structure


@dataclass(frozen=True)
class Bill:
    """One charge in one period of the plan.

    Attributes:
        counts: hours that set its peak, (T,). last: last hour of the period that is replayed.
        usd_per_mw: of the part of the period that is replayed. least_mw: billed at least.
        ratchet_share: of what earlier bills, by position, billed.
    """

    counts: Bools
    last: int
    usd_per_mw: float
    least_mw: float
    ratchet_share: float
    before: tuple[int, ...]


def site_bills(instance: Instance, structure: Structure, counted: Bools) -> tuple[Bill, ...]:
    """Bills of a site in order of time; only hours that count (T,) set peaks."""
    demand, s = instance.demand, instance.sites.names.index(structure.site)
    reach = {tuple(row) for row in demand.reach.tolist()}
    found, keys = list[Bill](), list[tuple[int, int]]()
    for part, at in zip(structure.parts, structure.slices, strict=True):
        n = list(instance.tree.name).index(part.node)
        replayed = part.here.hours / float(instance.hours.weight_h[instance.hours.steps(s, n)].sum())
        for peak in part.here.peaks:
            counts, k = np.zeros(structure.hours, dtype=bool), peak.label
            counts[at] = peak.counts & counted[at]
            before = tuple(i for i, (charge, node) in enumerate(keys) if charge == k and (k, node, n) in reach)
            usd, least = replayed * float(demand.usd_per_mw[k, n]), float(demand.least_mw[k, n])
            found.append(Bill(counts, at.stop - 1, usd, least, float(demand.ratchet_share[k]), before))
            keys.append((k, n))
    return tuple(found)


def billed_usd(bills: Sequence[Bill], metered_mw: Floats) -> Floats:
    """What a draw (T,) is billed, in the last hour of each period, (T,)."""
    usd, billed = np.zeros(len(metered_mw)), list[float]()
    for bill in bills:
        floor = bill.ratchet_share * max((billed[i] for i in bill.before), default=0.0)
        billed.append(max(float(metered_mw[bill.counts].max(initial=0.0)), bill.least_mw, floor))
        usd[bill.last] += billed[-1] * bill.usd_per_mw
    return usd
