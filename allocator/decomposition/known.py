"""Cuts of earlier solves, for another solve whose hours are partly the same.

A cut bounds what the hours of one site in one node can earn, at every capacity. It comes from prices that are feasible
in the dual of those hours (`dispatch.interface.Cut`), and nothing enters it but their `SiteNode` and where firm load
may ever stand: no decision, no loan, no cash, no other site and no other node. So it bounds the hours of any instance
in which these are the same, field by field, whatever else changed. Of a site-node that differs in any field no cut is
used, but its hours are priced anew at the capacity of the last best plan, at every premium at which they were priced
before: after a small change the best premiums are near those, and would be sought again one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from allocator.decomposition.cut_rows import CutRows, Linkage
from allocator.decomposition.oracle import Hours, Oracle, Priced
from allocator.dispatch.interface import Capacity, Cut
from allocator.instance.tree import Floats, Ints

MOST = 16
"""Cuts kept of each site-node, the last ones: they are nearest to an optimum."""


@dataclass(frozen=True)
class KnownCut:
    """margin + premium_usd_per_btc * mined + later_premium * due <= cut."""

    cut: Cut
    premium_usd_per_btc: float
    later_premium: float


@dataclass
class KnownCuts:
    """Cuts by site-node, used and added to by one solve after the other.

    Attributes:
        best: the best point of the last solve, of a master (columns,).
    """

    best: Floats | None = None
    _hours: dict[int, Hours] = field(default_factory=dict)
    _cuts: dict[int, deque[KnownCut]] = field(default_factory=dict)

    def copy(self) -> KnownCuts:
        """The same cuts; what is added to one is not added to the other."""
        return KnownCuts(self.best, dict(self._hours), {k: cuts.copy() for k, cuts in self._cuts.items()})

    def begin(self, oracle: Oracle, capacities: Sequence[Capacity] | None) -> None:
        """Take up the hours of a solve; cuts of those that differ are made anew at capacities, or dropped without."""
        for k, own in enumerate(oracle.hours()):
            if k not in self._hours or not same(self._hours[k], own):
                before = self._cuts.get(k, ())
                self._hours[k], self._cuts[k] = own, deque(maxlen=MOST)
                if capacities is not None:
                    self._cuts[k].extend(_anew(oracle, k, capacities[k], before))

    def add(self, priced: Priced, later_premium: Floats | None, chosen: Ints) -> None:
        """Remember the cuts of some site-nodes."""
        for k in chosen.tolist():
            later = 0.0 if later_premium is None else float(later_premium[k])
            self._cuts[k].append(KnownCut(priced.cuts[k], float(priced.premium_usd_per_btc[k]), later))

    def rows(self, linkage: Linkage) -> Iterator[CutRows]:
        """The cuts as rows of a master, in blocks."""
        for depth in range(max((len(cuts) for cuts in self._cuts.values()), default=0)):
            there = np.array([k for k, cuts in self._cuts.items() if depth < len(cuts)])
            every = [linkage.no_cut(k) for k in range(len(self._hours))]
            premium, later = np.zeros(len(every)), np.zeros(len(every))
            for k in there.tolist():
                known = self._cuts[k][depth]
                every[k], premium[k], later[k] = known.cut, known.premium_usd_per_btc, known.later_premium
            yield linkage.rows(every, premium, later).keep(there)


def _anew(oracle: Oracle, k: int, capacity: Capacity, before: Iterable[KnownCut]) -> Iterator[KnownCut]:
    """Cuts of the hours of a site-node as they are now, at the premiums of others."""
    for premium, later in dict.fromkeys((one.premium_usd_per_btc, one.later_premium) for one in before):
        yield KnownCut(oracle.cut_at(k, capacity, premium, later), premium, later)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in every field and every element; what cannot be compared is not."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    if is_dataclass(one):
        return all(same(getattr(one, of.name), getattr(other, of.name)) for of in fields(one))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
