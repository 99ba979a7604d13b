"""Where the cuts of a master were made: made there again they start another solve, with the basis of this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocator.decomposition.cut_rows import CutRows, Linkage
from allocator.decomposition.master import Master
from allocator.instance.tree import Bools, Floats, Ints
from allocator.planning.relaxation import Relaxation, shape_of
from solvers.backends.highs_basis import BASIC, Basis

NOWHERE = -1
"""Of a cut that no capacity alone gives again."""


@dataclass(frozen=True)
class _Root:
    """The last relaxation solved: its basis, and of each cut where it was made and whether it was far from binding."""

    basis: Basis
    point: Ints
    site_node: Ints
    slack: Bools


class Origins:
    """Follows the cuts of a master from its inequalities on, until cuts are dropped.

    Args:
        master: with its inequalities and nothing else.
    """

    def __init__(self, master: Master, linkage: Linkage) -> None:
        self._master, self._linkage, self._inequalities = master, linkage, master.cuts
        self._shape = shape_of(master.problem, self._inequalities)
        self._points: list[Floats] = []
        self._point, self._site_node = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self._recalled = 0
        self._before: Relaxation | None = None
        self._root: _Root | None = None

    def begin(self, before: Relaxation, rows_at: Callable[[Floats], CutRows]) -> None:
        """Make the cuts of an earlier relaxation again; `rows_at` prices the hours at a point."""
        rows, columns = self._master.problem.shape
        if not before.fits(self._shape, columns, rows + self._inequalities, len(self._linkage.theta)):
            return
        for layer, point in enumerate(before.points):
            chosen = before.site_node[before.layer == layer]
            self._master.add(rows_at(point).keep(chosen))
            self.add(point, chosen)
        self._before, self._recalled = before, len(self._point)

    def add(self, at: Floats | None, site_nodes: Ints) -> None:
        """Cuts of some site-nodes were added, made at a point (columns,), or at none that would give them again."""
        self._points += [] if at is None else [at]
        made = NOWHERE if at is None else len(self._points) - 1
        self._point = np.append(self._point, np.full(len(site_nodes), made))
        self._site_node = np.append(self._site_node, site_nodes)

    def start(self) -> bool:
        """Let the next linear program start where the earlier relaxation ended; False where none is known."""
        before = self._before
        if before is None or not len(before.row_status):
            return False
        return self._master.start_from(before.column_status, before.row_status)

    def root(self, x: Floats) -> None:
        """The relaxation was solved, with this optimum."""
        slack = np.zeros(self._master.cuts, dtype=bool)
        slack[self._master.slack(x)] = True
        self._root = _Root(self._master.basis(), self._point, self._site_node, slack[self._inequalities :])

    def left(self) -> Relaxation | None:
        """What the last relaxation leaves: cuts of its basis, and new ones near it; None where none was solved."""
        root = self._root
        if root is None:
            return None
        columns, rows = root.basis.statuses()
        first = self._master.problem.shape[0] + self._inequalities
        fresh = np.arange(len(root.point)) >= self._recalled
        needed = (rows[first:] != BASIC) | (fresh & ~root.slack)
        kept = np.flatnonzero(needed & (root.point != NOWHERE))
        rows = np.concatenate([rows[:first], rows[first:][kept]])
        if (columns == BASIC).sum() + (rows == BASIC).sum() != len(rows):
            columns, rows = columns[:0], rows[:0]  # it is none without the cuts that cannot be made again
        layer, points = self._layered(root.point[kept], root.site_node[kept])
        order = np.argsort(layer, kind="stable")
        if len(rows):
            rows = np.concatenate([rows[:first], rows[first:][order]])
        return Relaxation(self._shape, points, layer[order], root.site_node[kept][order], columns, rows)

    def _layered(self, point: Ints, site_node: Ints) -> tuple[Ints, Floats]:
        """Of each cut its layer, and layers as points: first cuts of all site-nodes make one, second ones another."""
        count = np.zeros(len(self._linkage.theta), dtype=np.int64)
        layer = np.empty(len(point), dtype=np.int64)
        for cut, k in enumerate(site_node.tolist()):
            layer[cut], count[k] = count[k], count[k] + 1
        points = np.zeros((count.max(initial=0), self._master.problem.shape[1]))
        for to, made, k in zip(layer.tolist(), point.tolist(), site_node.tolist(), strict=True):
            own = self._linkage.own(k)
            points[to, own] = self._points[made][own]
        return layer, points
