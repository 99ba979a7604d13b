"""The rows of one site-node as a linear program over its hourly columns, with capacity on the sides.

Rows and columns are those of `rows`, whatever takes part in the hours: capacity columns are moved to the right-hand
sides, so that a call only moves bounds. The bound of weak duality is taken from the program as it stands: with
row duals y (>= 0 where a row has an upper side only, <= 0 with a lower side only, free on equalities) and reduced
profits d = cost - A' y, every point that keeps the rows and lower <= x <= upper earns at most

    value <= y side(c) + sum_j max(0, d_j) upper_j(c) + sum_j min(0, d_j) lower_j + standing c

where side(c) = side - rows_by_capacity c and upper(c) = upper + columns_by_capacity c are linear in the capacity c. So
this is a `Cut` for *any* y: solver tolerance costs tightness and never validity, and a family of rows that is added
to the hours needs no derivation of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.dispatch.hours import Pair, make_hours
from allocator.dispatch.interface import Capacity, Cut, SiteNode
from allocator.dispatch.reserve_value import offer_btc_per_mw
from allocator.dispatch.rows import Supply, add_hours
from allocator.instance.tree import Floats
from solvers.model import Model
from solvers.problem import Family, Problem

SIDES = ("FLEET.available", "CONTRACT.shed")
"""Rows that hold one hourly column each; they come first, in the order of these columns, and become column bounds."""


@dataclass(frozen=True)
class Program:
    """The hours at capacity c = (fitted, firm, segments, peaks), K numbers, over R rows and C columns.

    Attributes:
        problem: at zero capacity. standing_usd: what capacity costs whatever runs, (K,).
        rows_by_capacity: (R, K), both sides of a row fall by it. columns_by_capacity: (C, K), upper bounds rise by it.
        bays, tenancies, segments: how many of the K numbers are `fitted`, `firm` and `segment`; the rest are peaks.
        mined_btc: of one unit of each column, (C,); 0 where Bitcoin is worth its price.
    """

    problem: Problem
    standing_usd: Floats
    rows_by_capacity: sp.csr_matrix
    columns_by_capacity: sp.csr_matrix
    bays: int
    tenancies: int
    segments: int
    mined_btc: Floats

    def at_premium(self, premium_usd_per_btc: float) -> Program:
        """The same hours where a mined Bitcoin is worth that much more."""
        cost = self.problem.cost + premium_usd_per_btc * self.mined_btc
        return replace(self, problem=replace(self.problem, cost=cost))

    def row_bounds(self, capacity: Capacity) -> tuple[Floats, Floats]:
        """Lower and upper sides, (R,) each."""
        moved = self.rows_by_capacity @ _vector(capacity)
        return self.problem.row_lower - moved, self.problem.row_upper - moved

    def column_bounds(self, capacity: Capacity) -> tuple[Floats, Floats]:
        """Lower and upper bounds, (C,) each."""
        return self.problem.lower, self.problem.upper + self.columns_by_capacity @ _vector(capacity)

    def cut(self, row_duals: Floats) -> Cut:
        """The module's bound from any row duals (R,); tight at the capacity they are optimal for."""
        problem = self.problem
        y = np.where(np.isfinite(problem.row_upper), row_duals, np.minimum(row_duals, 0.0))
        y = np.where(np.isfinite(problem.row_lower), y, np.maximum(y, 0.0))
        side = np.where(y > 0, problem.row_upper, problem.row_lower)
        reduced = problem.cost - problem.matrix.T @ y
        gain, loss = np.maximum(reduced, 0.0), np.minimum(reduced, 0.0)
        slope = self.standing_usd - self.rows_by_capacity.T @ y + self.columns_by_capacity.T @ gain
        counts = np.cumsum([self.bays, self.tenancies, self.segments])
        priced, (fitted, firm, segment, peak) = y != 0.0, np.split(slope, counts)
        return Cut(
            intercept_usd=float(y[priced] @ side[priced] + gain @ problem.upper + loss @ problem.lower),
            fitted_usd=fitted,
            firm_usd_per_mw=firm,
            segment_usd_per_mw=segment,
            peak_usd_per_mw=peak,
        )


def make_program(here: SiteNode) -> Program:
    """Build the rows over capacity columns, then move those columns to the sides.

    Raises:
        ValueError: a column has no finite bound, so that no dual vector bounds the value.
    """
    whole = _with_capacity_columns(here)
    capacity = here.bays + here.tenancies + here.segments + len(here.peaks)
    sides = sum(len(whole.rows[name].index) for name in SIDES)
    matrix = whole.matrix.tocsr()
    bounded = sp.vstack([-matrix[:sides, :capacity], sp.csr_matrix((whole.shape[1] - capacity - sides, capacity))])
    upper = np.append(np.zeros(sides), whole.upper[capacity + sides :])
    if not (np.isfinite(upper).all() and np.isfinite(whole.lower).all()):
        raise ValueError("every hourly column needs finite bounds")
    problem = Problem(
        sense="max",
        cost=whole.cost[capacity:],
        offset=whole.offset,
        matrix=matrix[sides:, capacity:].tocsc(),
        row_lower=whole.row_lower[sides:],
        row_upper=whole.row_upper[sides:],
        lower=whole.lower[capacity:],
        upper=upper,
        integer=whole.integer[capacity:],
        rows={f.name: _moved(f, sides) for f in whole.rows.values() if f.name not in SIDES},
        columns={f.name: _moved(f, capacity) for f in whole.columns.values() if f.start >= capacity},
        name="hours",
    )
    by_capacity = matrix[sides:, :capacity], bounded.tocsr()
    counts = here.bays, here.tenancies, here.segments
    return Program(problem, whole.cost[:capacity], *by_capacity, *counts, _mined(here, problem))


def _mined(here: SiteNode, problem: Problem) -> Floats:
    mined, loads = np.zeros(problem.shape[1]), problem.columns["load_mw"]
    segment, hour = loads.index["segment"].to_numpy(), loads.index["hour"].to_numpy()
    mined[loads.slice] = here.btc_per_mwh[segment] * here.weight_h[hour]
    offers = problem.columns.get("offer_mw")
    if offers is not None:
        service, segment, hour = (offers.index[axis].to_numpy() for axis in ("service", "segment", "hour"))
        mined[offers.slice] = -offer_btc_per_mw(here)[service, segment, hour] * here.weight_h[hour]
    return mined


def _vector(capacity: Capacity) -> Floats:
    return np.concatenate([capacity.fitted, capacity.firm_mw, capacity.segment_mw, capacity.peak_mw])


def _moved(family: Family, by: int) -> Family:
    return Family(family.name, family.start - by, family.index)


def _with_capacity_columns(here: SiteNode) -> Problem:
    model = Model("hours", sense="max")
    counts = here.bays, here.tenancies, here.segments, len(here.peaks)
    bays, tenancies, segments, peaks = (np.arange(count) for count in counts)
    supply = Supply(
        fitted=model.variables("fitted", pd.DataFrame({"bay": bays})).expr,
        firm_mw=model.variables("firm_mw", pd.DataFrame({"tenancy": tenancies})).expr,
        segment_mw=model.variables("segment_mw", pd.DataFrame({"segment": segments})).expr,
        peak_mw=model.variables("peak_mw", pd.DataFrame({"charge": peaks})).expr,
    )
    services = np.arange(0 if here.reserves is None else here.reserves.services)
    jobs = np.arange(0 if here.jobs is None else here.jobs.jobs)
    pair = Pair(here, 0, 0, 0, bays, tenancies, segments, bays, tenancies, segments, services, jobs, peaks)
    model.objective(add_hours(model, make_hours([pair]), supply).margin_usd)
    return model.build()
