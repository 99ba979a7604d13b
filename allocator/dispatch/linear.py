"""The hours of one site-node as a linear program, solved warm: exact whatever limits cross.

The rows are those of `rows`, built once; a call only moves bounds: capacity stands on their right-hand sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.hours import Pair, make_hours
from allocator.dispatch.interface import Capacity, Cut, LimitPrices, Schedule, SiteNode, SiteNodeValue
from allocator.dispatch.rows import Supply, add_hours
from allocator.dispatch.schedule import make_schedule, schedule_value
from allocator.instance.tree import Floats
from solvers.backends.highs import HighsSession
from solvers.model import Model
from solvers.options import SolveOptions
from solvers.problem import Family, Problem


@dataclass(frozen=True)
class _Program:
    """The linear program of the hours, R rows and C columns, and how capacity c = (fitted, firm, segments) moves it.

    Row upper bounds are `row_upper - rows_by_capacity @ c`, column upper bounds `columns_by_capacity @ c`.
    """

    problem: Problem
    rows_by_capacity: sp.csr_matrix
    columns_by_capacity: sp.csr_matrix


class LinearDispatch:
    """`SiteNodeDispatch` by linear programming; holds one warm session, so use one object a thread."""

    def __init__(self, site_node: SiteNode) -> None:
        self._here = site_node
        self._program = _program(site_node)
        self._session = HighsSession(self._program.problem, SolveOptions())

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Optimal operation and a tight cut; ValueError where no-load draw alone exceeds a limit."""
        self._check(capacity)
        vector = np.concatenate([capacity.fitted, capacity.firm_mw, capacity.segment_mw])
        program, problem = self._program, self._program.problem
        rows, columns = np.arange(problem.shape[0]), np.arange(problem.shape[1])
        self._session.set_row_bounds(rows, problem.row_lower, problem.row_upper - program.rows_by_capacity @ vector)
        self._session.set_bounds(columns, problem.lower, program.columns_by_capacity @ vector)
        schedule = self._schedule(capacity, self._session.solve().point())
        cut = cut_from_prices(self._here, self._prices())
        return SiteNodeValue(schedule_value(self._here, schedule), schedule, cut)

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Value in USD and a tight cut."""
        solved = self.solve(capacity)
        return solved.value_usd, solved.cut

    def prices(self, capacity: Capacity) -> LimitPrices:
        """Prices of the limits at `capacity`."""
        self.solve(capacity)
        return self._prices()

    def _check(self, capacity: Capacity) -> None:
        here = self._here
        drawn, hours = float(here.no_load_mw @ capacity.fitted), float(here.weight_h.sum())
        limit = float(here.site_limit_mw.min())
        if drawn > limit:
            raise ValueError(f"the halls draw {drawn:.6g} MW at no load, more than the site limit of {limit:.6g} MW")
        if drawn * hours > here.energy_budget_mwh:
            found, budget = f"{drawn * hours:.6g} MWh at no load", f"{here.energy_budget_mwh:.6g} MWh"
            raise ValueError(f"the halls draw {found}, more than the energy budget of {budget}")

    def _schedule(self, capacity: Capacity, x: Floats) -> Schedule:
        here, families = self._here, self._program.problem.columns
        load, shed = np.zeros((here.segments, here.hours)), np.zeros((here.bays, here.hours))
        for name, axis, table in (("load_mw", "segment", load), ("shed_mw", "bay", shed)):
            family = families[name]
            table[family.index[axis], family.index["hour"]] = x[family.slice]
        return make_schedule(here, capacity, load, shed)

    def _prices(self) -> LimitPrices:
        here, dual = self._here, self._session.duals().row
        by_bay = {name: np.zeros((here.bays, here.hours)) for name in ("POWER.hall", "COOLING.air", "COOLING.liquid")}
        for name, table in by_bay.items():
            family = self._program.problem.rows[name]
            table[family.index["bay"], family.index["hour"]] = dual[family.slice]
        site = np.zeros(here.hours)
        family = self._program.problem.rows["POWER.site"]
        site[family.index["hour"]] = dual[family.slice]
        energy = float(dual[self._program.problem.rows["POWER.energy"].slice].sum())
        return LimitPrices(site, by_bay["POWER.hall"], by_bay["COOLING.air"], by_bay["COOLING.liquid"], energy)


def _program(here: SiteNode) -> _Program:
    """Build the rows over capacity columns, then move those columns to the sides.

    FLEET.available and CONTRACT.shed hold one hourly column each, so they become column bounds. They are the first
    rows `add_hours` makes, in the order of the hourly columns.
    """
    whole = _with_capacity_columns(here)
    capacity = 2 * here.bays + here.segments
    hourly = whole.shape[1] - capacity
    matrix = whole.matrix.tocsr()
    problem = Problem(
        sense="max",
        cost=whole.cost[capacity:],
        offset=whole.offset,
        matrix=matrix[hourly:, capacity:].tocsc(),
        row_lower=whole.row_lower[hourly:],
        row_upper=whole.row_upper[hourly:],
        lower=whole.lower[capacity:],
        upper=np.zeros(hourly),
        integer=whole.integer[capacity:],
        rows={f.name: _moved(f, hourly) for f in whole.rows.values() if f.start >= hourly},
        columns={f.name: _moved(f, capacity) for f in whole.columns.values() if f.start >= capacity},
        name="hours",
    )
    return _Program(problem, matrix[hourly:, :capacity], -matrix[:hourly, :capacity])


def _moved(family: Family, by: int) -> Family:
    return Family(family.name, family.start - by, family.index)


def _with_capacity_columns(here: SiteNode) -> Problem:
    model = Model("hours", sense="max")
    bays, segments = np.arange(here.bays), np.arange(here.segments)
    supply = Supply(
        fitted=model.variables("fitted", pd.DataFrame({"bay": bays})).expr,
        firm_mw=model.variables("firm_mw", pd.DataFrame({"bay": bays})).expr,
        segment_mw=model.variables("segment_mw", pd.DataFrame({"segment": segments})).expr,
    )
    everywhere = np.ones(here.bays, dtype=bool)
    pair = Pair(here, 0, 0, 0, bays, segments, bays, segments, everywhere)
    model.objective(add_hours(model, make_hours([pair]), supply).margin_usd)
    return model.build()
