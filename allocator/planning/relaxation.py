"""What the relaxation of a master leaves to a later solve of a like scenario: where its cuts were made, and its basis.

A cut bounds the hours that it was made of and no others, so no cut is kept. What is kept are the capacities at which
the hours were asked. Asked there again, the hours of another day give cuts that hold for them, near those of before,
and the basis that was optimal then is nearly so now. A wrong one costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allocator.instance.tree import Floats, Ints

if TYPE_CHECKING:
    from solvers.problem import Family, Problem

Statuses = NDArray[np.uint8]
MOST_STATUS = 4
"""Highest number of a status, as `solvers.backends.highs_basis` numbers them."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Of a master with C columns and R rows, its inequalities included, and of its cuts.

    Attributes:
        shape: families of its columns and rows with their sizes, in order; a master of another shape has no use for it.
        points: capacities at which cuts were made, as columns of the master, (layers, C); 0 in all other columns.
        layer, site_node: of each cut its row of `points` and its site * N + node, (cuts,).
        column_status, row_status: the basis, (C,) and (R + cuts,); both empty where none is known.
    """

    shape: tuple[str, ...]
    points: Floats
    layer: Ints
    site_node: Ints
    column_status: Statuses
    row_status: Statuses

    def fits(self, shape: tuple[str, ...], columns: int, rows: int, site_nodes: int) -> bool:
        """Whether it can be of a master with so many columns and rows, and means something there."""
        cuts = len(self.site_node)
        sizes = (self.shape, self.points.shape[1:], self.layer.shape) == (shape, (columns,), (cuts,))
        within = _below(self.layer, len(self.points)) and _below(self.site_node, site_nodes)
        basis = (len(self.column_status), len(self.row_status)) in ((0, 0), (columns, rows + cuts))
        known = _below(self.column_status, MOST_STATUS + 1) and _below(self.row_status, MOST_STATUS + 1)
        return sizes and within and basis and known and bool(np.isfinite(self.points).all())


def shape_of(problem: Problem, inequalities: int) -> tuple[str, ...]:
    """Families of a master's columns and rows with their sizes, and how many inequalities it has besides."""
    return (*_sizes(problem.columns), *_sizes(problem.rows), f"inequalities {inequalities}")


def _sizes(families: Mapping[str, Family]) -> list[str]:
    return [f"{name} {len(family.index)}" for name, family in families.items()]


def _below(numbers: NDArray[np.integer], limit: int) -> bool:
    return bool(((numbers >= 0) & (numbers < limit)).all())
