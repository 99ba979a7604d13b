"""How an operator runs a battery by prices of what it stores, beside machines that follow theirs.

Every hour, at the price seen: first the machines. Pieces of fleets that the battery can carry go on, or start, although
the price is above theirs, where enough is stored, in cells given below what they bear, to feed them for the whole
hour. Then the battery gives what is stored in cells whose price of giving the seen one exceeds, as far as its power and
the site's own draw let it, or else takes up to the last cell whose price of taking the seen one undercuts, as far as
its power and the room at the meter do. It gives nothing at a negative price, and stands in hours without one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.battery import Battery
from allocator.instance.tree import Bools, Floats, Ints
from allocator.studies.backtest.controller import Machines, Operated, State
from allocator.week.interface import StoredPrices

SMALL = 1e-9


@dataclass(frozen=True)
class CellPrices:
    """Cells of what is stored, lowest first, and their prices in each hour: ends (L + 1, h), prices (L, h)."""

    ends_mwh: Floats
    take_below: Floats
    give_above: Floats

    @staticmethod
    def of(stored: StoredPrices, hours: int) -> CellPrices:
        """Those of a week in its first hours."""
        ends = np.append(stored.from_mwh, stored.to_mwh[-1])
        prices = stored.take_below_usd_per_mwh, stored.give_above_usd_per_mwh
        return CellPrices(np.repeat(ends[:, None], hours, axis=1), *(price[:, :hours] for price in prices))

    @staticmethod
    def same(take_below: float, give_above: float, energy_mwh: float, hours: int) -> CellPrices:
        """One pair of prices for all that is stored, in every hour."""
        one = np.ones((1, hours))
        return CellPrices(np.concatenate([0.0 * one, energy_mwh * one]), take_below * one, give_above * one)

    def floor_mwh(self, t: int, price: float) -> float:
        """Down to which is given at a price."""
        given = np.flatnonzero(self.give_above[:, t] < price)
        return float(self.ends_mwh[given[0] if len(given) else -1, t])

    def ceiling_mwh(self, t: int, price: float) -> float:
        """Up to which is taken at a price."""
        taken = np.flatnonzero(self.take_below[:, t] > price)
        return float(self.ends_mwh[taken[-1] + 1 if len(taken) else 0, t])


@dataclass(frozen=True)
class Around:
    """What stands around a battery in T hours.

    Attributes:
        charge_mw, discharge_mw: most it takes and gives, 0 where it does not stand or no price is recorded, (T,).
        gross_mw: draw of every tier when on, (J, T). always_mw: draw with none on, (T,). limit_mw: of the meter, (T,).
        carried: pieces of fleets that it can keep running.
    """

    battery: Battery
    charge_mw: Floats
    discharge_mw: Floats
    gross_mw: Floats
    always_mw: Floats
    limit_mw: Floats
    carried: Ints

    def hours(self, first: int, end: int) -> Around:
        """The same of some hours."""
        by_hour = ("charge_mw", "discharge_mw", "gross_mw", "always_mw", "limit_mw")
        return replace(self, **{name: getattr(self, name)[..., first:end] for name in by_hour})


@dataclass(frozen=True)
class Flows:
    """Taken and given at the meter, MW, and stored at the end of each hour, MWh, (T,) each."""

    taken: Floats
    given: Floats
    stored: Floats


def joined(parts: list[Flows]) -> Flows:
    """One after the other."""
    return Flows(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("taken", "given", "stored")))


class _Hours:
    """Machines and battery hour by hour."""

    def __init__(self, around: Around, machines: Machines, start: State, stored_mwh: float) -> None:
        self.around, self.machines, self.stored = around, machines, stored_mwh
        self.on, self.for_h = start.on.copy(), start.for_h
        self.higher = np.setdiff1d(np.arange(len(machines.fleet)), machines.first)
        self.tiers = [np.flatnonzero(machines.fleet == f) for f in range(len(machines.first))]

    def carry(self, t: int, price: float, bears: Floats, cells: CellPrices) -> Bools:
        """Pieces that run on what is stored, (F,); `bears`: price up to which each would run, (F,)."""
        found, given = np.zeros(len(bears), dtype=bool), 0.0
        for f in self.around.carried.tolist():
            draw = float(self.around.gross_mw[self.tiers[f], t].sum())
            if price <= bears[f] or not np.isfinite(bears[f]) or draw <= 0.0:
                continue
            left = self.above(cells.floor_mwh(t, float(bears[f]))) - given
            if given + draw <= self.around.discharge_mw[t] + SMALL and draw <= left + SMALL:
                found[f], given = True, given + draw
        return found

    def above(self, floor_mwh: float) -> float:
        """MWh at the meter of what is stored above a level."""
        return max(0.0, self.stored - floor_mwh) * self.around.battery.discharge_efficiency

    def switch(self, goes_on: Bools, starts: Bools, carried: Bools) -> Bools:
        """Machines of the hour, (J,); each fleet under its least times, higher modes as prices have them."""
        machines, first = self.machines, self.machines.first
        now = self.on[first]
        keeps = goes_on[first] | carried | (self.for_h < machines.least_run)
        after = np.where(now, keeps, (starts[first] | carried) & (self.for_h >= machines.least_off))
        started = after & ~now
        self.for_h = np.where(after == now, self.for_h + 1, 1)
        on = after[machines.fleet]
        own = carried[machines.fleet] | np.where(self.on, goes_on, starts)
        on[self.higher] &= own[self.higher]
        self.on = on
        return started

    def flow(self, t: int, price: float, cells: CellPrices, own_mw: float) -> tuple[float, float]:
        """Taken and given at the meter."""
        around, battery = self.around, self.around.battery
        given = taken = 0.0
        if price >= 0.0:
            most = min(around.discharge_mw[t], own_mw)
            given = min(most, self.above(cells.floor_mwh(t, price)))
        if given == 0.0 and not np.isnan(price):
            room = max(0.0, around.limit_mw[t] - own_mw)
            wanted = max(0.0, cells.ceiling_mwh(t, price) - self.stored) / battery.charge_efficiency
            taken = min(around.charge_mw[t], room, wanted)
        self.stored += battery.charge_efficiency * taken - given / battery.discharge_efficiency
        self.stored = min(max(self.stored, 0.0), battery.energy_mwh)
        return taken, given


def operate_stored(
    price: Floats,
    strikes: tuple[Floats, Floats],
    cells: CellPrices,
    around: Around,
    machines: Machines,
    start: State,
    stored_mwh: float,
) -> tuple[Operated, Flows]:
    """Follow strike prices (run below, stop above; (J, T) each) and prices of what is stored, at a price seen (T,)."""
    below, above = strikes
    hours, first = _Hours(around, machines, start, stored_mwh), machines.first
    on, ran = np.empty(below.shape, dtype=bool), np.empty((len(first), len(price)), dtype=np.int64)
    flows = np.zeros((3, len(price)))
    goes_on, starts = np.isnan(price) | (price <= above), price <= below
    for t in range(len(price)):
        hours.stored *= around.battery.kept_share_per_h
        bears = np.where(hours.on[first], above[first, t], below[first, t])
        started = hours.switch(goes_on[:, t], starts[:, t], hours.carry(t, price[t], bears, cells))
        on[:, t], ran[:, t] = hours.on, np.where(hours.on[first], hours.for_h - 1, 0)
        back = hours.on & ~started[machines.fleet]
        back[first] = hours.on[first]
        own = float(around.always_mw[t] + around.gross_mw[back, t].sum())
        flows[0, t], flows[1, t] = hours.flow(t, price[t], cells, own)
        flows[2, t] = hours.stored
    before = np.concatenate([start.on[first][:, None], on[first][:, :-1]], axis=1)
    done = Operated(on, on[first] & ~before, ran, State(hours.on, hours.for_h))
    return done, Flows(*flows)
