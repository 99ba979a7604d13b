"""A site over the hours of a backtest: what stands there, what its market did, and what any run of it earns.

Tenants are served as far as limits let them, whatever power costs: who runs machines by price does not run tenants by
it. Machines that are on run at full load; where limits leave no room for all of them, those with the best earnings per
gross MWh run first, as in the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Capacity, Schedule
from allocator.dispatch.peaks import limit_mw
from allocator.instance.tree import Bools, Floats, Ints
from allocator.series.clock import local_times
from allocator.studies.backtest.controller import Machines, Operated
from allocator.studies.backtest.demand import Bill, billed_usd
from allocator.studies.backtest.knowledge import Market
from allocator.studies.backtest.perfect import FleetHours
from allocator.studies.backtest.services import Services, fed_by_grid
from allocator.studies.backtest.store import Around, Flows
from allocator.week.interface import Part, Structure
from allocator.week.offered import stand_behind

GLADLY_USD_PER_MWH = 1.0
"""What a MWh more would be paid for, at least, where everything that is on is to run."""
FULL = 1e-9
"""Relative room below which a tier runs at full load."""


@dataclass(frozen=True)
class Hours:
    """What happened in each hour, (T,) each, USD and MWh; hours that do not count are 0.

    Attributes:
        revenue: of machines before power. restarts: lost to starts. energy: of the whole meter at the real-time price.
        unserved: credits of tenants. day_ahead: gained by energy bought ahead against the real-time price.
        run_mwh: IT energy of machines. metered_mwh: of the whole meter. wear: of the battery. traded: what it gave at
            the price of the hour less what it took and its wear, part of the other figures. given_mwh: by it.
        services: paid by ancillary services. billed: by demand charges on the peaks of the run, no part of the margin.
    """

    revenue: Floats
    restarts: Floats
    energy: Floats
    unserved: Floats
    day_ahead: Floats
    run_mwh: Floats
    metered_mwh: Floats
    wear: Floats
    traded: Floats
    given_mwh: Floats
    services: Floats
    billed: Floats

    @property
    def margin(self) -> Floats:
        """Revenue less power, restarts, credits and wear, with what services pay and energy bought ahead gained."""
        spent = self.restarts + self.energy + self.unserved + self.wear
        return self.revenue - spent + self.services + self.day_ahead


@dataclass(frozen=True)
class Ahead:
    """What was settled before its day.

    Attributes:
        bought_mw: energy, gross, (T,); None: nothing.
        awarded_mw: by services, (K, T); None: what whoever looks at the prices of the day before offers.
    """

    bought_mw: Floats | None = None
    awarded_mw: Floats | None = None


NOTHING_AHEAD = Ahead()


@dataclass(frozen=True)
class Hashprice:
    """What a PH/s earned a day, (T,): over the plan's of the month, as it was and as known at the start of the hour.

    `known_usd_per_ph_day`: what was known, NaN where the scenario has no series of it.
    """

    real_share: Floats
    known_share: Floats
    known_usd_per_ph_day: Floats


@dataclass(frozen=True)
class Site:
    """T hours of one site; J tiers, F fleets.

    Attributes:
        structure: what stands, at the prices that came. market: from long before the first hour on.
        first: position of the first hour on the market's axis.
        hashprice: what came, and what was known. mined_usd_per_mwh: what of a tier's value is hashprice, (J, T), at
            that of the plan. mines: tiers that mine, (J,).
        adder_usd_per_mwh: what the meter costs on top of the market, (T,).
        carried: pieces of fleets that the battery can keep running, dearest first; empty without one.
        services: ancillary services that it may offer to; None: none. bills: of demand charges, in order of time.
    """

    structure: Structure
    market: Market
    first: int
    hashprice: Hashprice
    mined_usd_per_mwh: Floats
    mines: Bools
    adder_usd_per_mwh: Floats
    carried: Ints
    services: Services | None = None
    bills: tuple[Bill, ...] = ()

    @property
    def hours(self) -> int:
        """T."""
        return self.structure.hours

    @property
    def at(self) -> slice:
        """The hours on the market's axis."""
        return slice(self.first, self.first + self.hours)

    @cached_property
    def days(self) -> list[tuple[int, int]]:
        """First hour and the one after the last of each day of the market's clock."""
        local, _ = local_times(self.structure.utc, self.market.zone)
        day = local.astype("datetime64[D]")
        first = np.flatnonzero(np.append(True, day[1:] != day[:-1])).tolist()
        return list(zip(first, [*first[1:], self.hours], strict=True))

    @cached_property
    def machines(self) -> Machines:
        """Which tiers start together."""
        return Machines(self.structure.fleet, self.structure.first_tier, self.structure.restarts)

    @cached_property
    def real_time(self) -> Floats:
        """Price at the meter as recorded, (T,); NaN where there is none."""
        return np.asarray(self.market.real_time[self.at] + self.adder_usd_per_mwh)

    @cached_property
    def day_ahead(self) -> Floats:
        """The same of energy bought ahead."""
        return np.asarray(self.market.day_ahead[self.at] + self.adder_usd_per_mwh)

    @cached_property
    def counted(self) -> Bools:
        """Hours with a price, (T,)."""
        return ~np.isnan(self.real_time)

    def value_at(self, hashprice_share: Floats) -> Floats:
        """What a MWh of IT load of each tier earns at a hashprice, in shares of the month's (T,), (J, T)."""
        return self.structure.value_usd_per_mwh + (hashprice_share - 1.0) * self.mined_usd_per_mwh

    @cached_property
    def value(self) -> Floats:
        """The same at the hashprice of the hour."""
        return self.value_at(self.hashprice.real_share)

    @cached_property
    def own_strikes(self) -> Floats:
        """Price at the meter up to which each tier earns more than its power costs, by what was known, (J, T)."""
        return self.value_at(self.hashprice.known_share) / self.gross

    @cached_property
    def usual_mw(self) -> Floats:
        """What rules that look at the prices of the day before are awarded by services, (K, T); K may be 0."""
        if self.services is None:
            return np.zeros((0, self.hours))
        return self.services.awarded_mw(self.services.usual_mw(self.gross * self.full[0], self.own_strikes))

    @cached_property
    def lift(self) -> Floats:
        """What those awards raise strike prices by, (J, T)."""
        return self.lift_at(self.usual_mw, slice(0, self.hours))

    def lift_at(self, awarded_mw: Floats, hours: slice) -> Floats:
        """What awards raise strike prices by in some hours, (K, h), (J, h)."""
        bears = self.own_strikes[:, hours]
        if self.services is None:
            return np.zeros(bears.shape)
        return self.services.lift_usd_per_mwh(awarded_mw, (self.gross * self.full[0])[:, hours], bears, hours)

    @cached_property
    def break_even_strikes(self) -> Floats:
        """Price at the meter up to which each tier earns more than its power costs, with what services pay, (J, T)."""
        return np.asarray(self.own_strikes + self.lift)

    @cached_property
    def gross(self) -> Floats:
        """Gross MWh a MWh of IT load draws, (J, T)."""
        return 1.0 + self.structure.overhead

    @cached_property
    def everything(self) -> tuple[Floats, Floats]:
        """Load of each tier (J, T) and tenants not served (K, T) with everything on."""
        return self._filled(np.ones((len(self.structure.tiers), self.hours), dtype=bool))

    @cached_property
    def full(self) -> tuple[Floats, Bools]:
        """Load of each tier with everything on, (J, T), and hours in which that is all its machines can, (T,)."""
        load, shed = self.everything
        whole = load >= self.structure.capacity_mw * (1.0 - FULL) - FULL
        return load, whole.all(axis=0) & (shed.sum(axis=0) <= FULL)

    @cached_property
    def around(self) -> Around | None:
        """What stands around the battery; None without one."""
        owned = [part.here.battery for part in self.structure.parts]
        battery = next((one.battery for one in owned if one is not None), None)
        if battery is None:
            return None
        parts = self.structure.parts
        stands = (
            np.concatenate([np.full(p.here.hours, float(p.here.battery is not None)) for p in parts]) * self.counted
        )
        limit = np.concatenate([limit_mw(part.here, part.capacity)[0] for part in parts])
        gross = self.gross * self.full[0]
        powers = battery.charge_mw * stands, battery.discharge_mw * stands
        return Around(battery, *powers, gross, self.standing[0], limit, self.carried)

    @cached_property
    def standing(self) -> tuple[Floats, Floats]:
        """Gross draw (T,) and tenants not served (K, T) with no machine on."""
        none = np.zeros((len(self.structure.tiers), self.hours), dtype=bool)
        _, shed = self._filled(none)
        return self._gross_mw(np.zeros_like(self.gross), shed), shed

    def run(self, operated: Operated, ahead: Ahead = NOTHING_AHEAD) -> Hours:
        """What machines did, and what was bought and offered ahead, in money."""
        return self._settled(operated, self._loads(operated.on), ahead, None)

    def run_stored(self, operated: Operated, flows: Flows, ahead: Ahead = NOTHING_AHEAD) -> Hours:
        """The same beside a battery. Where limits leave no room for all machines, each keeps the share it has then."""
        load, shed = self.everything
        return self._settled(operated, (np.where(operated.on, load, 0.0), shed), ahead, flows)

    def _settled(self, operated: Operated, loads: tuple[Floats, Floats], ahead: Ahead, flows: Flows | None) -> Hours:
        machines, first, (load, shed) = self.machines, self.machines.first, loads
        lost = machines.lost_share(operated.run_h) * operated.on[first]
        back = 1.0 - lost[machines.fleet]
        back[first] = 1.0
        load = load * back
        earned, first_mw = self.value * load, load[first]
        restarts = (earned[first] * lost).sum(axis=0)
        restarts += (operated.started * first_mw * machines.restarts.restart_usd_per_mw[:, None]).sum(axis=0)
        asked = np.zeros(self.hours) if ahead.bought_mw is None else ahead.bought_mw
        bought = np.where(np.isnan(self.day_ahead), 0.0, asked)
        return self.settled(load, shed, restarts, bought, flows, self._behind(ahead.awarded_mw, load))

    def _behind(self, awarded_mw: Floats | None, load: Floats) -> Floats | None:
        """What runs behind awards, (K, J, T); of usual ones where none are stated."""
        if self.services is None:
            return None
        awarded = self.usual_mw if awarded_mw is None else awarded_mw
        return stand_behind(self.services.terms, awarded, self.gross * load, self.own_strikes)

    def settled(
        self,
        load: Floats,
        shed: Floats,
        restarts: Floats,
        bought_mw: Floats,
        flows: Flows | None = None,
        offer_mw: Floats | None = None,
    ) -> Hours:
        """Loads (J, T), tenants not served (K, T), starts, energy bought ahead, the battery, and loads that stand
        behind awards, (K, J, T), in money."""
        none = np.zeros(self.hours)
        taken, given = (none, none) if flows is None else (flows.taken, flows.given)
        price, grid = np.nan_to_num(self.real_time), self._gross_mw(load, shed) + taken - given
        wear = given * (0.0 if self.around is None else self.around.battery.wear_usd_per_mwh)
        unserved = np.concatenate(
            [
                (part.here.unserved_usd_per_mwh() * shed[:, at]).sum(axis=0)
                for part, at in zip(self.structure.parts, self.structure.slices, strict=True)
            ]
        )
        figures = Hours(
            revenue=(self.value * load).sum(axis=0),
            restarts=restarts,
            energy=price * grid,
            unserved=unserved,
            day_ahead=np.nan_to_num(self.real_time - self.day_ahead) * bought_mw,
            run_mwh=load.sum(axis=0),
            metered_mwh=grid,
            wear=wear,
            traded=price * (given - taken) - wear,
            given_mwh=given,
            services=self._paid(offer_mw, grid + given - taken, given),
            billed=none,
        )
        told = Hours(**{name: np.where(self.counted, values, 0.0) for name, values in vars(figures).items()})
        return replace(told, billed=billed_usd(self.bills, told.metered_mwh))

    def _paid(self, offer_mw: Floats | None, drawn_mw: Floats, given_mw: Floats) -> Floats:
        """By services, (T,): nothing for what the battery feeds."""
        if self.services is None or offer_mw is None:
            return np.zeros(self.hours)
        offers = fed_by_grid(offer_mw, drawn_mw - given_mw)
        return self.services.paid_usd(offers, np.nan_to_num(self.real_time), self.value / self.gross)

    def fleets(self, load_mw: Floats) -> list[FleetHours]:
        """Every fleet at loads of its tiers when on, (J, T)."""
        counted, price = self.counted, np.nan_to_num(self.real_time)
        load = np.where(counted, load_mw, 0.0)
        earns = (self.value + self.gross * self.lift) * load
        return fleets_of(self.machines, earns, price * self.gross * load, load)

    def _loads(self, on: Bools) -> tuple[Floats, Floats]:
        """Loads (J, T) and tenants not served (K, T) with some tiers on; limits are only looked at where they bind."""
        full, whole = self.full
        load, shed = np.where(on, full, 0.0), np.zeros_like(self.standing[1])
        if not whole.all():
            tight_load, tight_shed = self._filled(on, ~whole)
            load[:, ~whole], shed[:, ~whole] = tight_load[:, ~whole], tight_shed[:, ~whole]
        return load, shed

    def _gross_mw(self, load: Floats, shed: Floats) -> Floats:
        drawn = [
            _gross_of(part, load[:, at], shed[:, at])
            for part, at in zip(self.structure.parts, self.structure.slices, strict=True)
        ]
        return np.concatenate(drawn)

    def _filled(self, on: Bools, wanted: Bools | None = None) -> tuple[Floats, Floats]:
        """Loads and tenants not served under the limits, in the wanted hours; others are left at 0."""
        wanted = np.ones(self.hours, dtype=bool) if wanted is None else wanted
        loads, sheds = [], []
        for part, at in zip(self.structure.parts, self.structure.slices, strict=True):
            load, shed = _part_filled(part, on[:, at], wanted[at])
            loads.append(load)
            sheds.append(shed)
        return np.concatenate(loads, axis=1), np.concatenate(sheds, axis=1)


def fleets_of(machines: Machines, earns_usd: Floats, costs_usd: Floats, load_mw: Floats) -> list[FleetHours]:
    """Every fleet, from what its tiers earn and cost at full load and that load, (J, T) each."""
    terms, found = machines.restarts, []
    for f, first in enumerate(machines.first):
        own, start = machines.fleet == f, terms.restart_usd_per_mw[f] * load_mw[first]
        least = int(machines.least_run[f]), int(machines.least_off[f])
        found.append(FleetHours(earns_usd[own], costs_usd[own], start, float(terms.restart_h[f]), *least))
    return found


def _gross_of(part: Part, load: Floats, shed: Floats) -> Floats:
    here, capacity = part.here, part.capacity
    it = np.zeros((here.bays, here.hours))
    np.add.at(it, here.tenants.bay, capacity.firm_mw[:, None] - shed)
    np.add.at(it, here.segment_bay, load)
    return np.asarray(((1.0 + here.overhead) * it).sum(axis=0) + here.no_load_mw @ capacity.fitted)


def _part_filled(part: Part, on: Bools, wanted: Bools) -> tuple[Floats, Floats]:
    """Each pattern of tiers that are on is filled for itself: a month has few."""
    here = part.here
    load, shed = np.zeros(on.shape), np.zeros((here.tenancies, here.hours))
    loss = max(0.0, -float(here.segment_value_usd_per_mwh.min(initial=0.0)))
    pays = np.full(here.hours, -GLADLY_USD_PER_MWH - loss)
    tenants = np.isin(np.arange(here.bays), here.tenants.bay[part.capacity.firm_mw > 0.0])
    dispatch = choose_dispatch(replace(here, price_usd_per_mwh=pays, battery=None, reserves=None), tenants).dispatch
    hours = np.flatnonzero(wanted)
    patterns, of_hour = np.unique(on[:, hours], axis=1, return_inverse=True)
    for k in range(patterns.shape[1]):
        found = dispatch.solve(_masked(part.capacity, patterns[:, k])).schedule
        own = hours[of_hour.ravel() == k]
        load[:, own], shed[:, own] = _at(found, own)
    return load, shed


def _masked(capacity: Capacity, on: Bools) -> Capacity:
    return replace(capacity, segment_mw=np.where(on, capacity.segment_mw, 0.0))


def _at(found: Schedule, hours: Ints) -> tuple[Floats, Floats]:
    return found.load_mw[:, hours], found.shed_mw[:, hours]
