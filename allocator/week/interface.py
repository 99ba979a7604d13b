"""What the hours of a week are asked of, and what they answer: plain arrays, one site at a time.

Months decide what stands: halls, machines, tenants, how high the peak may be. The week takes that as given, a
`Structure`, and decides the hours from prices as they are expected now and machines as they are now. Nothing here knows
of files, plans or nights; `structure` makes a `Structure` of an instance and decisions.

Axes: T steps, J tiers (a tier is one power-mode step of the machines of one model in one bay), F fleets (machines of
one model in one bay: the tiers that stop and start together), K tenancies, P demand charges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from allocator.dispatch.interface import Capacity, Schedule, SiteNode
from allocator.instance.restarts import Restarts
from allocator.instance.tree import Bools, Floats, Ints

Stamps = NDArray[np.datetime64]


@dataclass(frozen=True)
class Tier:
    """One power-mode step of the machines of one model in one bay (a hall in one fit-out)."""

    hall: str
    fit_out: str
    model: str
    step: int


@dataclass(frozen=True)
class Part:
    """The steps of the window that lie in one node of the plan: a week may end in another month than it begins in.

    Attributes:
        node: name of the node.
        here: limits, overheads and earnings, cut down to these steps; `price_usd_per_mwh` less
            `tenants.spot_usd_per_mwh` is what the meter costs on top of spot. What a month allows or asks for in all
            (energy budget, outage allowance, deferrable work, energy to be taken) is the share of these hours in it.
        capacity: what stands: fitted bays, firm load, MW of every tier, height of every peak.
        left_h: hours of the node from the first of these steps to its end; None: these steps alone.
    """

    node: str
    here: SiteNode
    capacity: Capacity
    left_h: float | None = None


@dataclass(frozen=True)
class Structure:
    """What stands at one site in the steps of a window; parts follow one another and have the same axes J, K.

    Attributes:
        site: name. utc: start of each step, (T,). step_h: their length, all alike.
        parts: at least one. tiers: (J,) names. fleet: fleet of each tier, (J,), 0 .. F - 1, tiers of one adjacent and
            in the order of their steps.
        restarts: terms of each fleet, (F,).
        tenant_halls: hall and fit-out of each tenancy, (K,).
        btc_per_mwh: Bitcoin mined per MWh of IT load of each tier and part, (parts, J); 0 where unknown.
    """

    site: str
    utc: Stamps
    step_h: float
    parts: tuple[Part, ...]
    tiers: tuple[Tier, ...]
    fleet: Ints
    restarts: Restarts
    tenant_halls: tuple[tuple[str, str], ...]
    btc_per_mwh: Floats

    @property
    def hours(self) -> int:
        """T."""
        return len(self.utc)

    @property
    def fleets(self) -> int:
        """F."""
        return len(self.restarts.restart_h)

    @property
    def slices(self) -> tuple[slice, ...]:
        """Steps of each part among those of the window."""
        ends = np.cumsum([0, *(part.here.hours for part in self.parts)]).tolist()
        return tuple(slice(a, b) for a, b in pairwise(ends))

    @property
    def first_tier(self) -> Ints:
        """Tier of the first power-mode step of each fleet, (F,): a machine that runs runs at least there."""
        return np.asarray(np.unique(self.fleet, return_index=True)[1], dtype=np.int64)

    @property
    def capacity_mw(self) -> Floats:
        """Critical IT MW of every tier in every step, (J, T)."""
        return self.over_steps([part.capacity.segment_mw for part in self.parts])

    @property
    def value_usd_per_mwh(self) -> Floats:
        """What a MWh of IT load of every tier earns before power, (J, T)."""
        return self.over_steps([part.here.segment_value_usd_per_mwh for part in self.parts])

    @property
    def overhead(self) -> Floats:
        """Overhead of every tier's bay, (J, T)."""
        return np.concatenate([p.here.overhead[p.here.segment_bay] for p in self.parts], axis=1)

    @property
    def price_usd_per_mwh(self) -> Floats:
        """Of a MWh at the meter, (T,)."""
        return np.concatenate([part.here.price_usd_per_mwh for part in self.parts])

    @property
    def strike_usd_per_mwh(self) -> Floats:
        """Price at the meter up to which each tier earns more than its power costs, (J, T): value / (1 + overhead)."""
        return self.value_usd_per_mwh / (1.0 + self.overhead)

    def over_steps(self, by_part: Sequence[Floats]) -> Floats:
        """What stands part by part, (R,) each, in every step, (R, T)."""
        counts = [part.here.hours for part in self.parts]
        return np.repeat(np.stack(by_part, axis=1), counts, axis=1)


@dataclass(frozen=True)
class Prices:
    """Prices of the site's steps, USD/MWh of energy before adders, (T,) each.

    Attributes:
        spot_usd_per_mwh: at which the meter is expected to settle, as known now.
        day_ahead_usd_per_mwh: of energy bought a day ahead, published or expected; nan: nothing can be bought ahead.
    """

    utc: Stamps
    spot_usd_per_mwh: Floats
    day_ahead_usd_per_mwh: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Steps with a day-ahead price, (T,)."""
        return np.isfinite(self.day_ahead_usd_per_mwh)


def expected(utc: Stamps, spot_usd_per_mwh: Floats) -> Prices:
    """Prices where nothing can be bought ahead."""
    return Prices(utc, spot_usd_per_mwh, np.full(len(utc), np.nan))


@dataclass(frozen=True)
class Opening:
    """The site as it is when the window begins; None, or nothing: not known, and then nothing is in the way.

    Attributes:
        running_mw: IT load of each tier in the step before, (J,); None: any start in the first step is free.
        off_h: how long the machines of each fleet that do not run have been off, h, (F,); None: long enough.
        available_share: of each tier's capacity in each step, (J, T) or (J, 1): machines that are down, halls taken
            out of service, tiers held off by hand. None: all of it.
        site_limit_mw: most gross draw in each step, (T,): emergency curtailment, a call of the utility; inf: no more
            than the site's own limit. None: the same everywhere.
        battery_mwh: stored; the window ends with as much. None: the level at which the scenario begins.
        battery_idle: True where the battery may neither take nor give, (T,). None: nowhere.
        energy_left_mwh, outage_left_h: of the first part's month, gross MWh and (K,) hours of full load, still left,
            all steps of the month from the window's first one on counted. None: the share of the window's hours.
        peak_mw: highest draw of the month so far in the hours of each demand charge, (P,); no peak is held below it.
        scheduled_mw: load of each tier and step by the schedule that is out, (J, T), nan where it says nothing.
        bought_mw: bought ahead already in each step, gross, (T,), nan where bids are still taken. None: nowhere yet.
    """

    running_mw: Floats | None = None
    off_h: Floats | None = None
    available_share: Floats | None = None
    site_limit_mw: Floats | None = None
    battery_mwh: float | None = None
    battery_idle: Bools | None = None
    energy_left_mwh: float | None = None
    outage_left_h: Floats | None = None
    peak_mw: Floats | None = None
    scheduled_mw: Floats | None = None
    bought_mw: Floats | None = None


UNKNOWN = Opening()
"""Of a site of which nobody said how it stands."""


@dataclass(frozen=True)
class Spread:
    """What the price that settles does around the expected one: x[t+1] = persistence x[t] + noise, per hour.

    Attributes:
        sd_usd_per_mwh: standard deviation of x over time; 0: it settles as expected, but for one hour's surprise.
        persistence: correlation of x with that of an hour before, 0 <= persistence < 1.
        noise_usd_per_mwh: amounts of the noise, all as likely, lowest first, of mean 0; empty: it is normal.
        scales: what x is multiplied by in each step, (T,): dear hours surprise more. None: 1.
    """

    sd_usd_per_mwh: float = 0.0
    persistence: float = 0.0
    noise_usd_per_mwh: tuple[float, ...] = ()
    scales: Floats | None = None

    def scale(self, steps: int) -> Floats:
        """In each step, (T,)."""
        return np.ones(steps) if self.scales is None else self.scales

    def __post_init__(self) -> None:
        if not (self.sd_usd_per_mwh >= 0.0 and 0.0 <= self.persistence < 1.0):
            raise ValueError(f"a spread needs sd >= 0 and 0 <= persistence < 1, not {self}")


@dataclass(frozen=True)
class DayAhead:
    """How much may be bought a day ahead.

    Attributes:
        most_share: of what the week's plan draws in the step, 0 .. 1: what is bought is never more than what is used.
        premium_usd_per_mwh: paid at most on top of the expected price, to be rid of what the spread may bring.
    """

    most_share: float = 1.0
    premium_usd_per_mwh: float = 0.0


@dataclass(frozen=True)
class WeekOptions:
    """How the week is decided.

    Attributes:
        churn_usd_per_mw: price of moving a MW of IT load in a step against the schedule that is out; it decides
            between schedules and is no part of their value.
        most_moved_mw: most IT load that may be moved in a step against it; inf: any. What limits take away moves all
            the same, and is said.
        lag_h: with which machines follow the prices that settle.
    """

    spread: Spread = Spread()
    day_ahead: DayAhead = DayAhead()
    churn_usd_per_mw: float = 0.0
    most_moved_mw: float = np.inf
    lag_h: float = 0.0


DEFAULTS = WeekOptions()
FAR_USD_PER_MW = 1e5
"""Price of moving a MW more than may be moved: far above what any MW earns, so that only limits make it happen."""


@dataclass(frozen=True)
class CurveStep:
    """One stair of what a site takes: up to `price_usd_per_mwh` in the market, `mw` in all, gross; (T,) each."""

    price_usd_per_mwh: Floats
    mw: Floats


@dataclass(frozen=True)
class StoredPrices:
    """Price of energy at the meter by cell of what the battery stores, lowest first: L cells.

    Attributes:
        from_mwh, to_mwh: ends of each cell, (L,). take_below_usd_per_mwh: below which it is filled, (L, T).
        give_above_usd_per_mwh: above which it is emptied, and which whatever it keeps running has to bear, (L, T);
            never below the other. Neither rises from one cell to the next.
    """

    from_mwh: Floats
    to_mwh: Floats
    take_below_usd_per_mwh: Floats
    give_above_usd_per_mwh: Floats


@dataclass(frozen=True)
class WeekMoney:
    """USD over the window.

    Attributes:
        operation: earnings less power and what is not served, part by part, as `dispatch.schedule.schedule_value`.
        restarts: cost of starts: what is not earned while machines come back, and what a start costs.
        day_ahead: expected gain of what is bought ahead against settling at spot.
        moving: price of moving the schedule that is out, `FAR_USD_PER_MW` beyond the most that may be moved included:
            it decides, and is paid to nobody.
    """

    operation: float
    restarts: float
    day_ahead: float
    moving: float = 0.0

    @property
    def value(self) -> float:
        """What the schedule is worth; what is bought ahead moves money between days and not the hours."""
        return self.operation - self.restarts


@dataclass(frozen=True)
class WeekPlan:
    """The hours of a site.

    Attributes:
        load_mw: IT load of each tier, restarting machines included, (J, T).
        on_share: share of each fleet's machines that is switched on, (F, T); of one without restart terms what its
            first step runs.
        started_share: share of them started at the beginning of the step, (F, T); 0 without restart terms.
        schedules: loads, tenants, battery, offers and work of each part, as the hours of a plan have them.
        strike_off_usd_per_mwh, strike_on_usd_per_mwh: price at the meter above which a running tier stops, and below
            which a stopped one starts, (J, T); the first is never the lower.
        day_ahead_mw: bought ahead, gross, (T,). curve: what the site takes at which price, dearest stair first.
        stored: prices at which the battery changes what it does; None: there is none.
        offered_mw: to ancillary services before their prices are known, gross, (K, T); None: there are none.
        money, bound_usd: USD; nothing is worth more than the bound, what moving costs deducted.
        method: "merit order", "linear program", or "fleet by fleet". remarks: what a reader should know.
    """

    structure: Structure
    prices: Prices
    opening: Opening
    options: WeekOptions
    load_mw: Floats
    on_share: Floats
    started_share: Floats
    schedules: tuple[Schedule, ...]
    strike_off_usd_per_mwh: Floats
    strike_on_usd_per_mwh: Floats
    day_ahead_mw: Floats
    curve: tuple[CurveStep, ...]
    money: WeekMoney
    bound_usd: float
    method: str
    remarks: tuple[str, ...] = field(default=())
    stored: StoredPrices | None = None
    offered_mw: Floats | None = None

    @property
    def value_usd(self) -> float:
        """What the hours are worth."""
        return self.money.value

    @property
    def gap(self) -> float:
        """(bound - decided) / max(1 USD, |decided|), at least 0; decided is the value less what moving costs."""
        decided = self.money.value - self.money.moving
        return max(0.0, self.bound_usd - decided) / max(1.0, abs(decided))

    @property
    def grid_mw(self) -> Floats:
        """Gross draw at the meter, (T,)."""
        return np.concatenate([schedule.grid_mw for schedule in self.schedules])

    @property
    def shed_mw(self) -> Floats:
        """Firm IT load of each tenancy not served, (K, T)."""
        return np.concatenate([schedule.shed_mw for schedule in self.schedules], axis=1)


def at_prices(structure: Structure, prices: Prices) -> Structure:
    """The structure at other prices; adders, and what a block replaces, follow.

    Raises:
        ValueError: prices stand at other steps than the structure.
    """
    if not np.array_equal(structure.utc, prices.utc):
        raise ValueError(f"prices of {len(prices.utc)} steps do not stand at the {structure.hours} of the structure")
    parts = [
        _part_at(part, prices.spot_usd_per_mwh[at]) for part, at in zip(structure.parts, structure.slices, strict=True)
    ]
    return replace(structure, parts=tuple(parts))


def _part_at(part: Part, spot: Floats) -> Part:
    here = part.here
    adder = here.price_usd_per_mwh - here.tenants.spot_usd_per_mwh
    block = None if here.block is None else replace(here.block, worth_usd_per_mwh=np.maximum(spot, 0.0))
    tenants = replace(here.tenants, spot_usd_per_mwh=spot)
    return replace(part, here=replace(here, price_usd_per_mwh=spot + adder, tenants=tenants, block=block))


def planned_prices(structure: Structure) -> Prices:
    """Prices as the plan had them."""
    return expected(structure.utc, np.concatenate([part.here.tenants.spot_usd_per_mwh for part in structure.parts]))
