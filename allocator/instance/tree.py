"""The node tree: every planning variable is indexed by node; a deterministic plan is a chain.

A node owns a period of whole months. Lead times are stated in months and turned into relations
between nodes here, so that no family does calendar arithmetic of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class NodeTree:
    """Nodes in an order where every parent precedes its children.

    Attributes:
        name: label of each node, e.g. "2027-01", (N,).
        parent: position of the parent, -1 at a root, (N,).
        probability: unconditional probability, (N,).
        first_month: months from the start of the horizon to the start of the node, (N,).
        months: length of the node's period, whole months, (N,).
        hours: hours in the period, (N,).
        mid_years: years from the start of the horizon to the middle of the period, (N,).
        decision: True where discrete decisions may be taken, (N,).
        horizon_years: years from start to end of the horizon.
        start_month: calendar month of the horizon start, "YYYY-MM".
        unsettled_years: years before the start for which interest is settled with that of the roots.
    """

    name: tuple[str, ...]
    parent: Ints
    probability: Floats
    first_month: Ints
    months: Ints
    hours: Floats
    mid_years: Floats
    decision: Bools
    horizon_years: float
    start_month: str
    unsettled_years: float = 0.0

    def __len__(self) -> int:
        return len(self.name)

    @property
    def leaves(self) -> Ints:
        """Nodes without children."""
        return np.setdiff1d(np.arange(len(self)), self.parent)

    @cached_property
    def chance_share(self) -> Floats:
        """Probability of each node among the children of its parent, of a root among all roots, (N,)."""
        before = self.parent + 1
        return np.asarray(self.probability / np.bincount(before, self.probability)[before])

    def path(self, node: int) -> list[int]:
        """Nodes from the root down to `node`, both included."""
        return list(self._paths[node])

    def within(self, nodes: Ints) -> Bools:
        """Whether each node is one of `nodes` or a descendant of one, (N,)."""
        found = np.zeros(len(self), dtype=bool)
        found[nodes] = True
        for node in range(len(self)):
            found[node] |= self.parent[node] >= 0 and found[self.parent[node]]
        return found

    @cached_property
    def _paths(self) -> list[list[int]]:
        paths: list[list[int]] = []
        for node, parent in enumerate(self.parent.tolist()):
            paths.append([*paths[parent], node] if parent >= 0 else [node])
        return paths

    def children(self) -> list[Ints]:
        """Children of every node, in order."""
        order = np.argsort(self.parent, kind="stable")
        bounds = np.searchsorted(self.parent[order], np.arange(len(self) + 1))
        return [order[bounds[node] : bounds[node + 1]] for node in range(len(self))]

    def below(self) -> Bools:
        """(N, N): [m, n] is True where n is m or one of its descendants."""
        below = np.eye(len(self), dtype=np.bool_)
        for node, parent in enumerate(self.parent):
            if parent >= 0:
                below[:, node] |= below[:, parent]
        return below

    def accrual(self, per_year: float | Floats) -> Floats:
        """Interest on one dollar from the middle of the parent, or from where it was settled before the start, to the
        middle of each node, (N,).

            (1 + r) ** (t_n - t_a(n)) - 1, r annual effective, a number or one a node

        A sum that grows so and is discounted at the same rate is worth the same at every node.
        """
        return np.asarray((1.0 + per_year) ** self.years_since_parent - 1.0)

    @property
    def years_since_parent(self) -> Floats:
        """Years from the middle of the parent, or from where interest was settled before the start, to the middle of
        each node, (N,)."""
        return self.mid_years - np.where(self.parent >= 0, self.mid_years[self.parent], -self.unsettled_years)

    def calendar_month(self, months_from_start: int) -> str:
        """Calendar label "YYYY-MM" of a month counted from the start of the horizon."""
        return str(np.datetime64(self.start_month, "M") + np.timedelta64(months_from_start, "M"))

    def ready(self, lead_months: int) -> pd.DataFrame:
        """Pairs (made, node): what is decided at `made` first counts at `node`.

        `node` is the first descendant-or-self whose period starts no earlier than the start of `made`
        plus the lead.
        """
        if lead_months not in self._ready:
            self._ready[lead_months] = _pairs(self._made_and_ready(lead_months))
        return self._ready[lead_months]

    @cached_property
    def _ready(self) -> dict[int, pd.DataFrame]:
        return {}

    def _made_and_ready(self, lead_months: int) -> list[tuple[int, int]]:
        return [
            (m, n)
            for n, path in enumerate(self._paths)
            for m in path
            if self._due(m, lead_months) <= self.first_month[n]
            and (m == n or self._due(m, lead_months) > self.first_month[self.parent[n]])
        ]

    def during(self, from_months: int, to_months: int) -> pd.DataFrame:
        """Pairs (made, node): the node overlaps [start(made) + from, start(made) + to) months; none if from = to."""
        first, last = self.first_month.tolist(), (self.first_month + self.months).tolist()
        pairs = [
            (m, n)
            for n, path in enumerate(self._paths)
            for m in path
            if from_months < to_months and first[n] < first[m] + to_months and last[n] > first[m] + from_months
        ]
        return _pairs(pairs)

    def ready_from(self, made: int, lead_months: int) -> Ints:
        """Nodes at which what is decided at `made` first counts, as `ready` pairs them."""
        due, starts = self._due(made, lead_months), self.first_month
        late = starts[self.parent] < due
        late[made] = True
        return np.flatnonzero(self._below[made] & (starts >= due) & late)

    def during_from(self, made: int, from_months: int, to_months: int) -> Ints:
        """Nodes that overlap these months after the start of `made`, as `during` pairs them."""
        if from_months >= to_months:
            return np.empty(0, dtype=np.int64)
        since = self.first_month - self.first_month[made]
        return np.flatnonzero(self._below[made] & (since < to_months) & (since + self.months > from_months))

    @cached_property
    def _below(self) -> Bools:
        return self.below()

    def _due(self, made: int, lead_months: int) -> int:
        return int(self.first_month[made]) + lead_months


def _pairs(pairs: list[tuple[int, int]]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["made", "node"], dtype="int64")
