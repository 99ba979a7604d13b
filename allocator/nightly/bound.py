"""Hours of a schedule held to what really can run and to what is ordered.

What a tier cannot run is taken off its load, and what is ordered to run is added. Where a site may draw less than is
left, the tiers that earn the least per MWh at the meter stop first, those that are ordered to run last; tenants are not
touched here, and an alert says so where that is not enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.schedule import Row, Schedule, position, sure_nodes
from allocator.nightly.state.opening import during
from allocator.nightly.state.orders import Order, forced_mw
from allocator.plan.plan import Plan
from allocator.week.interface import Opening, Structure
from allocator.week.structure import Window, planned_structure

OpeningOf = Callable[[Structure], Opening]
Place = tuple[str, str, str, str, int, str]
"""Site, hall, fit-out, model, step and moment of a row of machines."""
LEAST_MW = 1e-6
STATE = "machines down or out"


@dataclass(frozen=True)
class Bounded:
    """The hours as they can be.

    Attributes:
        bound_by: who or what bounds or moves hours, by row; the others follow prices.
        limited, over: what cannot run of what was asked, and sites that draw more than they may, in words.
        idle: orders that hold batteries idle.
    """

    schedule: Schedule
    bound_by: Mapping[Place, str] = field(default_factory=lambda: MappingProxyType({}))
    limited: tuple[Alert, ...] = ()
    over: tuple[Alert, ...] = ()
    idle: tuple[Order, ...] = ()


def place_of(row: Row) -> Place | None:
    """Of machines; None of tenants."""
    return None if row.step is None else (row.site, row.hall, row.fit_out, row.model, row.step, row.utc)


def bounded(
    found: Schedule, instance: Instance, plan: Plan, opening_of: OpeningOf, orders: Sequence[Order]
) -> Bounded:  # fmt: skip
    """The schedule with each site's opening and orders in force; `opening_of` counts what orders hold off and cap."""
    rows, by, limited, over = list[Row](), dict[Place, str](), list[Alert](), list[Alert]()
    for site in dict.fromkeys(row.site for row in found.rows):
        own = [row for row in found.rows if row.site == site]
        held = _Site(own, _structure(instance, plan, site, own), opening_of, orders, _grid(instance, plan, site, own))
        rows += held.rows()
        by.update(held.bound_by())
        limited += held.limited()
        over += held.over()
    idle = tuple(one for one in orders if one.battery)
    return Bounded(replace(found, rows=tuple(rows)), by, tuple(limited), tuple(over), idle)


def _structure(instance: Instance, plan: Plan, site: str, rows: Sequence[Row]) -> Structure:
    stamps = [pd.Timestamp(row.utc) for row in rows]
    first, last, splits = min(stamps), max(stamps), max(1, round(1.0 / rows[0].hours))
    window = Window(np.datetime64(first.tz_localize(None)), int((last - first).total_seconds() // 3600) + 1, splits)
    return planned_structure(instance, plan.tables, site, sure_nodes(plan.tables["nodes"]), window)


def _grid(instance: Instance, plan: Plan, site: str, rows: Sequence[Row]) -> Mapping[str, float]:
    """Draw at the meter by moment: of the week where there is one, of the plan elsewhere."""
    if all(row.site_grid_mw is not None for row in rows):
        return {row.utc: float(row.site_grid_mw or 0.0) for row in rows}
    drawn = dict[pd.Timestamp, float]()
    for node in sure_nodes(plan.tables["nodes"]):
        utc, step_of_hour = instance.hours.every_hour(*position(instance, site, node))
        grid = plan.dispatch[site, node]["hours"]["grid_mw"].to_numpy()[step_of_hour]
        drawn.update(zip(pd.DatetimeIndex(utc, tz="UTC"), grid.tolist(), strict=True))
    return {row.utc: float(drawn[pd.Timestamp(row.utc).floor("h")]) for row in rows}


class _Site:
    """The hours of one site: load as planned and as it can be, (J, T)."""

    def __init__(
        self, rows: Sequence[Row], structure: Structure, opening_of: OpeningOf, orders: Sequence[Order],
        grid: Mapping[str, float],
    ) -> None:  # fmt: skip
        self.planned, self.structure, self.orders = rows, structure, orders
        self.tiers = {(one.hall, one.fit_out, one.model, one.step): j for j, one in enumerate(structure.tiers)}
        self.steps = {stamp.isoformat(): t for t, stamp in enumerate(pd.DatetimeIndex(structure.utc, tz="UTC"))}
        self.opening = opening_of(structure)
        self.load = np.zeros((len(structure.tiers), structure.hours))
        draw = np.zeros(structure.hours)
        for row in rows:
            draw[self.steps[row.utc]] = grid[row.utc]
            if (at := self._at(row)) is not None:
                self.load[at] = row.load_mw
        self.left, self.over_mw = self._limited(draw)
        self.more_mw = ((self.left - self.load) * (1.0 + structure.overhead)).sum(axis=0)

    def _at(self, row: Row) -> tuple[int, int] | None:
        if row.step is None:
            return None
        return self.tiers[row.hall, row.fit_out, row.model, row.step], self.steps[row.utc]

    def _limited(self, draw: Floats) -> tuple[Floats, float]:
        """Load that is left, and the most that the site draws above its limit all the same."""
        structure, opening = self.structure, self.opening
        share = np.ones(1) if opening.available_share is None else opening.available_share
        forced = forced_mw(structure, opening, self.orders)
        left = np.maximum(np.minimum(self.load, structure.capacity_mw * share), forced)
        gross = 1.0 + structure.overhead
        limits = np.concatenate([part.here.site_limit_mw for part in structure.parts])
        limits = limits if opening.site_limit_mw is None else np.minimum(limits, opening.site_limit_mw)
        over = np.maximum(0.0, draw + ((left - self.load) * gross).sum(axis=0) - limits)
        for t in np.flatnonzero(over > LEAST_MW):
            dearest_last = np.argsort(structure.strike_usd_per_mwh[:, t], kind="stable")
            for floor in (forced[:, t], np.zeros(len(forced))):
                for j in dearest_last:
                    less = min(max(0.0, left[j, t] - floor[j]), over[t] / gross[j, t])
                    left[j, t] -= less
                    over[t] -= less * gross[j, t]
        return left, float(over.max(initial=0.0))

    def rows(self) -> Iterator[Row]:
        for row in self.planned:
            more = float(self.more_mw[self.steps[row.utc]])
            grid = None if row.site_grid_mw is None else row.site_grid_mw + more
            at = self._at(row)
            moved = at is not None and abs(self.left[at] - self.load[at]) > LEAST_MW
            if at is None or not moved:
                yield row if abs(more) <= LEAST_MW else replace(row, site_grid_mw=grid)
            else:
                yield replace(row, load_mw=float(self.left[at]), site_grid_mw=grid, state=self._state(row, at))

    def _state(self, row: Row, at: tuple[int, int]) -> str:
        if not row.state or self.left[at] <= LEAST_MW:
            return row.state and "off"
        return "on" if self.left[at] >= self.structure.capacity_mw[at] - LEAST_MW else "part"

    def bound_by(self) -> Iterator[tuple[Place, str]]:
        """Orders that hold for a row, else the state that takes something of it."""
        site, shape = self.structure.site, self.load.shape
        known = self.opening.available_share
        share = np.broadcast_to(np.ones(1) if known is None else known, shape)
        held = [
            (one.by, one.tiers(self.structure) | (one.site == site), during(self.structure, one.begins, one.ends))
            for one in self.orders
            if not one.battery
        ]
        for row in self.planned:
            at, place = self._at(row), place_of(row)
            if at is not None and place is not None:
                by = "; ".join(by for by, tiers, now in held if tiers[at[0]] and now[at[1]])
                if by or share[at] < 1.0 or abs(self.left[at] - self.load[at]) > LEAST_MW:
                    yield place, by or STATE

    def limited(self) -> Iterator[Alert]:
        site, lost = self.structure.site, np.maximum(0.0, self.load - self.left).sum() * self.structure.step_h
        if lost > LEAST_MW:
            words = f"{site}: {lost:,.1f} MWh of the planned hours cannot run: machines down, outages or instructions"
            yield Alert(Severity.INFO, "schedule_limited", words, about=site)

    def over(self) -> Iterator[Alert]:
        if self.over_mw > LEAST_MW:
            site = self.structure.site
            words = f"{site}: tenants and overhead draw up to {self.over_mw:,.2f} MW more than the meter may take"
            yield Alert(Severity.CRITICAL, "site_over_limit", words, about=site)
