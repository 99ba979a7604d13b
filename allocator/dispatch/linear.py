"""The hours of one site-node as a linear program, solved warm: exact whatever limits cross.

The rows are those of `rows`, built once, by the first call; a call only moves bounds: capacity stands on their
right-hand sides.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Literal

import numpy as np

from allocator.dispatch.battery_prices import battery_prices
from allocator.dispatch.interface import (
    Capacity,
    Cut,
    LimitPrices,
    Schedule,
    SiteNode,
    SiteNodeValue,
    Start,
    with_premium,
)
from allocator.dispatch.program import Program, make_program
from allocator.dispatch.schedule import make_schedule, offers_at, schedule_value, storage_flows, work_at
from allocator.instance.tree import Floats
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions


class LinearDispatch:
    """`SiteNodeDispatch` by linear programming; holds one warm session, so use one object a thread."""

    def __init__(self, site_node: SiteNode) -> None:
        self._here = site_node

    @cached_property
    def _program(self) -> Program:
        return make_program(self._here)

    @cached_property
    def _session(self) -> HighsSession:
        return HighsSession(self._program.problem, SolveOptions())

    def solve(self, capacity: Capacity) -> SiteNodeValue:
        """Optimal operation and a tight cut; ValueError where no-load draw alone exceeds a limit."""
        self._check(capacity)
        program, problem = self._program, self._program.problem
        if program.mined_btc.any():
            self._session.set_cost(np.arange(problem.shape[1]), problem.cost)
        self._session.set_row_bounds(np.arange(problem.shape[0]), *program.row_bounds(capacity))
        self._session.set_bounds(np.arange(problem.shape[1]), *program.column_bounds(capacity))
        schedule = self._schedule(capacity, self._session.solve().point())
        cut = program.cut(self._session.duals().row)
        return SiteNodeValue(schedule_value(self._here, schedule), schedule, cut)

    def price(self, capacity: Capacity) -> tuple[float, Cut]:
        """Value in USD and a tight cut."""
        solved = self.solve(capacity)
        return solved.value_usd, solved.cut

    def prices(self, capacity: Capacity) -> LimitPrices:
        """Prices of the limits at `capacity`."""
        self.solve(capacity)
        return self._prices()

    def at_premium(self, premium_usd_per_btc: float) -> LinearDispatch:
        """The same hours where a mined Bitcoin is worth that much more than its price; the session is shared."""
        session = self._session
        shifted = copy(self)
        shifted._session = session
        shifted._here = with_premium(self._here, premium_usd_per_btc)
        shifted._program = self._program.at_premium(premium_usd_per_btc)
        return shifted

    def start(self) -> Start:
        """The basis of the last solve."""
        return self._session.basis()

    def start_from(self, start: Start) -> None:
        """Forget earlier solves, and start the next one from a basis."""
        self._session.start_from(start)

    def _check(self, capacity: Capacity) -> None:
        here = self._here
        held = here.battery.battery.holding_mw if here.battery else 0.0
        for k, peak in enumerate(here.peaks):
            if peak.counts.any() and float(here.no_load_mw @ capacity.fitted) + held > capacity.peak_mw[k]:
                raise ValueError(f"what always draws is more than the peak of {capacity.peak_mw[k]:.6g} MW")
        drawn, hours = float(here.no_load_mw @ capacity.fitted) + held, float(here.weight_h.sum())
        limit = float(here.site_limit_mw.min())
        if drawn > limit:
            raise ValueError(f"the halls draw {drawn:.6g} MW at no load, more than the site limit of {limit:.6g} MW")
        for feeder in here.feeders:
            behind = float((here.no_load_mw * feeder.inside) @ capacity.fitted)
            if behind > feeder.limit_mw:
                found = f"the halls behind feeder {feeder.name} draw {behind:.6g} MW at no load"
                raise ValueError(f"{found}, more than its limit of {feeder.limit_mw:.6g} MW")
        if drawn * hours > here.energy_budget_mwh:
            found, budget = f"{drawn * hours:.6g} MWh at no load", f"{here.energy_budget_mwh:.6g} MWh"
            raise ValueError(f"the halls draw {found}, more than the energy budget of {budget}")

    def _schedule(self, capacity: Capacity, x: Floats) -> Schedule:
        here, families = self._here, self._program.problem.columns
        load, shed = np.zeros((here.segments, here.hours)), np.zeros((here.tenancies, here.hours))
        for name, axis, table in (("load_mw", "segment", load), ("shed_mw", "tenancy", shed)):
            family = families[name]
            table[family.index[axis], family.index["hour"]] = x[family.slice]
        problem = self._program.problem
        flows, offers = storage_flows(here, problem, x), offers_at(here, problem, x)
        return make_schedule(here, capacity, load, shed, flows, offers, work_at(here, problem, x))

    def _prices(self) -> LimitPrices:
        here, dual = self._here, self._session.duals().row
        by_bay = {name: np.zeros((here.bays, here.hours)) for name in ("POWER.hall", "COOLING.air", "COOLING.liquid")}
        for name, table in by_bay.items():
            family = self._program.problem.rows[name]
            table[family.index["bay"], family.index["hour"]] = dual[family.slice]
        feeder, plant = self._shared("POWER.feeder", "feeder"), self._shared("COOLING.plant", "plant")
        site = np.zeros(here.hours)
        family = self._program.problem.rows["POWER.site"]
        site[family.index["hour"]] = dual[family.slice]
        energy = float(dual[self._program.problem.rows["POWER.energy"].slice].sum())
        hall, air, liquid = by_bay["POWER.hall"], by_bay["COOLING.air"], by_bay["COOLING.liquid"]
        battery = battery_prices(self._program.problem, self._session.duals().column)
        owned = float(battery.power.sum()), float(battery.energy.sum())
        shared = energy, feeder, plant, *owned
        return LimitPrices(site, hall, air, liquid, *shared, self._reserve_prices(dual), self._peak_prices(dual))

    def _shared(self, name: str, axis: Literal["feeder", "plant"]) -> Floats:
        """Prices of the site-node's feeders or plants, (F, T) or (K, T); 0 in hours when they cannot bind."""
        limits = self._here.feeders if axis == "feeder" else self._here.plants
        table, family = np.zeros((len(limits), self._here.hours)), self._program.problem.rows[name]
        position = np.searchsorted([limit.label for limit in limits], family.index[axis])
        table[position, family.index["hour"]] = self._session.duals().row[family.slice]
        return table

    def _peak_prices(self, dual: Floats) -> Floats:
        """Prices of the peaks, (P, T)."""
        here, family = self._here, self._program.problem.rows["PEAK.metered"]
        prices = np.zeros((len(here.peaks), here.hours))
        position = np.searchsorted([peak.label for peak in here.peaks], family.index["charge"])
        prices[position, family.index["hour"]] = dual[family.slice]
        return prices

    def _reserve_prices(self, dual: Floats) -> Floats | None:
        here, family = self._here, self._program.problem.rows.get("RESERVE.most")
        if here.reserves is None or family is None:
            return None
        prices = np.zeros((here.reserves.services, here.hours))
        prices[family.index["service"], family.index["hour"]] = dual[family.slice]
        return prices
