"""Cuts of a master: hours asked at a point, and what they say that another point does not keep to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.decomposition.cut_rows import CutRows, Linkage
from allocator.decomposition.known import KnownCuts
from allocator.decomposition.master import Master
from allocator.decomposition.no_load import within_no_load_limits
from allocator.decomposition.oracle import Operated, Oracle, Priced
from allocator.decomposition.origins import Origins
from allocator.dispatch.interface import Capacity
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.relaxation import Relaxation

VIOLATION = 1e-7
"""Relative violation below which a cut says nothing new."""


@dataclass
class Cutting:
    """Asks for the hours, and adds cuts to a master that has only its inequalities so far.

    Attributes:
        known: cuts of earlier solves, used and added to; without, `before` says where those of the last plan were made.
    """

    instance: Instance
    master: Master
    linkage: Linkage
    oracle: Oracle
    known: KnownCuts | None
    before: Relaxation | None

    def __post_init__(self) -> None:
        self.origins = Origins(self.master, self.linkage)
        if self.known is not None:
            self._recall(self.known)
        elif self.before is not None:
            self.origins.begin(self.before, lambda at: self._rows(self.price(at)))

    def _recall(self, known: KnownCuts) -> None:
        """Begin with the cuts that are known."""
        best = known.best
        is_like = best is not None and best.shape == self.master.problem.cost.shape
        known.begin(self.oracle, self.capacities(best) if best is not None and is_like else None)
        for rows in known.rows(self.linkage):
            self.master.add(rows)

    def relaxation(self) -> Relaxation | None:
        """What the last relaxation leaves to a later solve; of cuts that came from elsewhere nothing is known."""
        return self.origins.left() if self.known is None else None

    def cut(self, at: Floats, x: Floats) -> tuple[Priced, int]:
        """Price the hours at one point and add the cuts that another point violates; returns how many."""
        priced = self.price(at)
        return priced, self.add(priced, x, at)

    def price(self, at: Floats) -> Priced:
        """Value and cut of every site-node at a point."""
        return self.oracle.price(self.capacities(at), self.linkage.mined_btc(at))

    def operation(self, x: Floats, priced: Priced, asked_usd: Floats | None = None) -> Operated:
        """Hours at x whose draw causes what is asked for, (S * N,); what is best without."""
        free = np.full(len(priced.values_usd), np.nan)
        asked = free if asked_usd is None else asked_usd
        return self.oracle.operate(priced, self.capacities(x), self.linkage.mined_btc(x), asked)

    def add(self, priced: Priced, x: Floats, at: Floats | None, later_premium: Floats | None = None) -> int:
        """Add the cuts that a point violates, made at another, or at none alone; returns how many."""
        rows = self._rows(priced, later_premium)
        scale = np.maximum(1.0, np.abs(priced.values_usd) / USD_PER_MUSD)
        violated = np.flatnonzero(rows.violation(x) > VIOLATION * scale)
        self.master.add(rows.keep(violated))
        self.origins.add(at, violated)
        if self.known is not None:
            self.known.add(priced, later_premium, violated)
        return len(violated)

    def capacities(self, x: Floats) -> list[Capacity]:
        """Capacity of every site-node at a point, within what halls may draw at no load."""
        return within_no_load_limits(self.instance, self.linkage.capacities(x))

    def _rows(self, priced: Priced, later_premium: Floats | None = None) -> CutRows:
        return self.linkage.rows(priced.cuts, priced.premium_usd_per_btc, later_premium)
