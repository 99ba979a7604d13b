"""From a point of the planning model to the capacity of each site-node, and from a cut to a row.

Both the whole model and the master of a decomposition carry the same capacity columns, so one map serves both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.dispatch.interface import Capacity, Cut
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.context import USD_PER_MUSD
from solvers.problem import Problem


@dataclass(frozen=True)
class CutRow:
    """The row  sum coefs * x[cols] <= rhs  in the units of the planning model."""

    cols: Ints
    coefs: Floats
    rhs: float


@dataclass(frozen=True)
class CapacityMap:
    """Columns of the planning model that make capacity; -1 where a column does not exist (and counts as 0).

    Attributes:
        fitted: (B, N). firm: of each tenancy, (K, N). installed: (P, N). peak: of each demand charge, (D, N).
        theta: (S, N), all -1 in a model that carries the hours. mined: (S, N), -1 where a Bitcoin is worth its price.
        due: what each cause of coincident peaks adds, (E,). due_pair: its site * N + node, (E,).
        mw_per_block: critical IT MW of one installed block in each segment, (J,).
        bays_of, tenancies_of, segments_of: for each site its bays, tenancies and segments, positions.
        placement: of each segment, (J,).
        charges_of: for each site and node the demand charges that are billed there, positions.
    """

    fitted: Ints
    firm: Ints
    installed: Ints
    peak: Ints
    theta: Ints
    mined: Ints
    due: Ints
    due_pair: Ints
    mw_per_block: Floats
    bays_of: tuple[Ints, ...]
    tenancies_of: tuple[Ints, ...]
    segments_of: tuple[Ints, ...]
    placement: Ints
    charges_of: tuple[tuple[Ints, ...], ...]

    def capacity(self, x: Floats, site: int, node: int) -> Capacity:
        """Capacity of a site-node at a point (columns,) of the model; fractions stay, small negatives become 0."""
        values = np.append(np.maximum(x, 0.0), 0.0)
        bays, tenancies, segments = self.bays_of[site], self.tenancies_of[site], self.segments_of[site]
        installed = values[self.installed[self.placement[segments], node]]
        return Capacity(
            fitted=values[self.fitted[bays, node]],
            firm_mw=values[self.firm[tenancies, node]],
            segment_mw=self.mw_per_block[segments] * installed,
            peak_mw=values[self.peak[self.charges_of[site][node], node]],
        )

    def cut_row(self, cut: Cut, site: int, node: int) -> CutRow:
        """theta - slopes @ capacity <= intercept, in MUSD; raises ValueError where the model has no theta."""
        theta = int(self.theta[site, node])
        if theta < 0:
            raise ValueError("this model carries the hours themselves; cuts belong to the master")
        bays, tenancies, segments = self.bays_of[site], self.tenancies_of[site], self.segments_of[site]
        cols = np.concatenate(
            [
                [theta],
                self.fitted[bays, node],
                self.firm[tenancies, node],
                self.installed[self.placement[segments], node],
                self.peak[self.charges_of[site][node], node],
            ]
        )
        segment_usd = cut.segment_usd_per_mw * self.mw_per_block[segments]
        slopes = np.concatenate([cut.fitted_usd, cut.firm_usd_per_mw, segment_usd, cut.peak_usd_per_mw])
        coefs = np.concatenate([[1.0], -slopes / USD_PER_MUSD])
        there = (cols >= 0) & (coefs != 0.0)
        unique, place = np.unique(cols[there], return_inverse=True)
        return CutRow(
            unique, np.bincount(place, coefs[there], len(unique)).astype(float), cut.intercept_usd / USD_PER_MUSD
        )


def make_capacity_map(instance: Instance, problem: Problem) -> CapacityMap:
    """Find the capacity columns of a planning problem by their families."""
    sites, nodes = len(instance.sites.names), len(instance.tree)
    bays, placements, segments = len(instance.bays.names), len(instance.placements.bay), instance.segments
    block = instance.models.block_units[instance.placements.model[segments.placement]]
    return CapacityMap(
        fitted=columns_of(problem, "fitted", ("bay", "node"), (bays, nodes)),
        firm=columns_of(problem, "firm_mw", ("tenancy", "node"), (len(instance.tenancies.bay), nodes)),
        installed=columns_of(problem, "installed_blocks", ("placement", "node"), (placements, nodes)),
        peak=columns_of(problem, "peak_mw", ("charge", "node"), (len(instance.demand.names), nodes)),
        theta=columns_of(problem, "theta_musd", ("site", "node"), (sites, nodes)),
        mined=columns_of(problem, "mined_btc", ("site", "node"), (sites, nodes)),
        due=columns_of(problem, "later_musd", ("cause",), (len(instance.coincident.peak),)),
        due_pair=instance.coincident.pair(nodes),
        mw_per_block=segments.mw_per_unit * block,
        bays_of=tuple(np.flatnonzero(instance.bays.site == s) for s in range(sites)),
        tenancies_of=tuple(np.flatnonzero(instance.tenancies.site == s) for s in range(sites)),
        segments_of=tuple(np.flatnonzero(segments.site == s) for s in range(sites)),
        placement=segments.placement,
        charges_of=tuple(tuple(instance.demand.at(s, n) for n in range(nodes)) for s in range(sites)),
    )


def columns_of(problem: Problem, name: str, axes: tuple[str, ...], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Column of every member of a family as a dense table over its axes, -1 where there is none."""
    table = np.full(shape, -1, dtype=np.int64)
    family = problem.columns.get(name)
    if family is not None:
        table[tuple(family.index[axis].to_numpy() for axis in axes)] = family.start + np.arange(len(family.index))
    return table
