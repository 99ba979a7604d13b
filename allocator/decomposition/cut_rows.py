"""All capacities of a master's point at once, and all cuts of a round as one sparse block of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from allocator.dispatch.interface import Capacity, Cut
from allocator.instance.tree import Floats, Ints
from allocator.planning.capacity_map import CapacityMap
from allocator.planning.context import USD_PER_MUSD


@dataclass(frozen=True)
class CutRows:
    """Rows  matrix @ x <= upper  of the master; matrix is (rows, columns). Cuts are in MUSD."""

    matrix: sp.csr_matrix
    upper: Floats

    def violation(self, x: Floats) -> Floats:
        """How far the point lies beyond each row; <= 0 where the row holds."""
        return np.asarray(self.matrix @ x - self.upper)

    def keep(self, chosen: Ints) -> CutRows:
        """Some of the rows."""
        return CutRows(self.matrix[chosen], self.upper[chosen])


@dataclass(frozen=True)
class _Own:
    """Positions of what a site-node has: bays, tenancies, segments and demand charges billed in the node."""

    bays: Ints
    tenancies: Ints
    segments: Ints
    charges: Ints
    mw_per_block: Floats
    node: int


class Linkage:
    """Which columns of the master make the capacity of each site-node.

    A column -1 does not exist and stands for 0. Site-node k is site * N + node.
    """

    def __init__(self, capacity_map: CapacityMap, columns: int) -> None:
        self._map = capacity_map
        self._columns = columns
        self.theta: Ints = capacity_map.theta.ravel()
        self._mined: Ints = capacity_map.mined.ravel()
        self._due, self._due_pair = capacity_map.due, capacity_map.due_pair
        nodes = capacity_map.theta.shape[1]
        self._layout = [
            _Own(bays, tenancies, segments, charges[node], capacity_map.mw_per_block[segments], node)
            for bays, tenancies, segments, charges in zip(
                capacity_map.bays_of,
                capacity_map.tenancies_of,
                capacity_map.segments_of,
                capacity_map.charges_of,
                strict=True,
            )
            for node in range(nodes)
        ]
        self._cols = [self._columns_of(own) for own in self._layout]
        self._peaks = capacity_map.peak[capacity_map.peak >= 0]
        self._row = np.repeat(np.arange(len(self._cols)), [len(cols) for cols in self._cols])
        self._col = np.concatenate(self._cols)

    def _columns_of(self, own: _Own) -> Ints:
        link, node = self._map, own.node
        installed, peak = link.installed[link.placement[own.segments], node], link.peak[own.charges, node]
        return np.concatenate([link.fitted[own.bays, node], link.firm[own.tenancies, node], installed, peak])

    def own(self, k: int) -> Ints:
        """Columns that make capacity and production of site-node k."""
        columns = np.append(self._cols[k], self._mined[k])
        return np.asarray(columns[columns >= 0])

    def no_cut(self, k: int) -> Cut:
        """The place of a cut of site-node k that is not known."""
        own = self._layout[k]
        sizes = (len(each) for each in (own.bays, own.tenancies, own.segments, own.charges))
        return Cut(0.0, *(np.zeros(size) for size in sizes))

    def capacities(self, x: Floats) -> list[Capacity]:
        """Capacity of every site-node at a point (columns,); small negatives become 0."""
        values = np.append(np.maximum(x, 0.0), 0.0)
        found = []
        for own, cols in zip(self._layout, self._cols, strict=True):
            counts = np.cumsum([len(own.bays), len(own.tenancies), len(own.segments)])
            fitted, firm, blocks, peak = np.split(values[cols], counts)
            found.append(Capacity(fitted, firm, blocks * own.mw_per_block, peak))
        return found

    def mined_btc(self, x: Floats) -> Floats:
        """Production of every site-node at a point (columns,); nan where a Bitcoin is worth its price, (S * N,)."""
        return np.where(self._mined >= 0, np.append(x, 0.0)[self._mined], np.nan)

    def operated_as(self, x: Floats, other: Floats) -> Floats:
        """A point (columns,) whose hours mine and draw at their peaks what those of another one do, where they do."""
        columns = np.concatenate([self._mined[self._mined >= 0], self._peaks])
        at = x.copy()
        at[columns] = np.where(other[columns] > 0.0, other[columns], x[columns])
        return at

    def due_usd(self, x: Floats) -> Floats:
        """What is due of every site-node at a point (columns,); nan where it causes nothing, (S * N,)."""
        caused = np.full(len(self.theta), np.nan)
        caused[self._due_pair] = 0.0
        np.add.at(caused, self._due_pair, USD_PER_MUSD * x[self._due])
        return caused

    def operation(self, x: Floats, margin_usd: Floats, mined_btc: Floats, due_usd: Floats) -> tuple[Ints, Floats]:
        """Columns of margin, production, peaks and what is due, and what an operation makes of them at a point;
        margin and production (S * N,), due (E,)."""
        counted = np.flatnonzero(self._mined >= 0)
        columns = np.concatenate([self.theta, self._mined[counted], self._peaks, self._due])
        money = margin_usd / USD_PER_MUSD, due_usd / USD_PER_MUSD
        return columns, np.concatenate([money[0], mined_btc[counted], x[self._peaks], money[1]])

    def rows(self, cuts: Sequence[Cut], premium_usd_per_btc: Floats, later_premium: Floats | None = None) -> CutRows:
        """One row a site-node: theta + premium * mined + later premium * due - slopes @ capacity <= intercept;
        premiums (S * N,)."""
        slopes = np.concatenate(
            [
                np.concatenate(
                    [
                        cut.fitted_usd,
                        cut.firm_usd_per_mw,
                        cut.segment_usd_per_mw * own.mw_per_block,
                        cut.peak_usd_per_mw,
                    ]
                )
                for cut, own in zip(cuts, self._layout, strict=True)
            ]
        )
        there, counted = self._col >= 0, np.flatnonzero(self._mined >= 0)
        later = np.zeros(len(self._due)) if later_premium is None else later_premium[self._due_pair]
        row = np.concatenate([self._row[there], np.arange(len(cuts)), counted, self._due_pair])
        col = np.concatenate([self._col[there], self.theta, self._mined[counted], self._due])
        premium = premium_usd_per_btc[counted] / USD_PER_MUSD
        coefficient = np.concatenate([-slopes[there] / USD_PER_MUSD, np.ones(len(cuts)), premium, later])
        matrix = sp.coo_matrix((coefficient, (row, col)), shape=(len(cuts), self._columns)).tocsr()
        return CutRows(matrix, np.array([cut.intercept_usd for cut in cuts]) / USD_PER_MUSD)
