"""Decide the hours of a window: the best way to run what stands, what to buy ahead, and at which prices to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Schedule
from allocator.dispatch.reserve_value import no_offers
from allocator.dispatch.schedule import make_schedule, schedule_value
from allocator.dispatch.work_value import no_work
from allocator.instance.tree import Floats
from allocator.week import fleets, program
from allocator.week.bids import curve
from allocator.week.day_ahead import bought_ahead
from allocator.week.interface import (
    DEFAULTS,
    UNKNOWN,
    Opening,
    Part,
    Prices,
    Structure,
    WeekMoney,
    WeekOptions,
    WeekPlan,
)
from allocator.week.moves import moving, scheduled_mw
from allocator.week.offered import standing_offers
from allocator.week.standing import Standing, always_fits, standing
from allocator.week.stored import stored_prices
from allocator.week.strike import strike_prices

FLEET_BY_FLEET = "fleet by fleet"
LINEAR_PROGRAM = "linear program"
MERIT_ORDER = "merit order"
SMALL_MW = 1e-6
"""Moved beyond the most by rounding alone."""


def plan_week(
    structure: Structure, prices: Prices, opening: Opening = UNKNOWN, options: WeekOptions = DEFAULTS
) -> WeekPlan:
    """The hours of a site that are worth most at the prices expected.

    Closed form or dynamic programming where that is exact, one linear program elsewhere (`WeekPlan.method` says which).

    Raises:
        ValueError: prices or opening do not fit the structure, or what always draws exceeds a limit.
    """
    site = standing(structure, prices, opening)
    decided = _decided(site, opening, options)
    load = np.concatenate([schedule.load_mw for schedule in decided.schedules], axis=1)
    grid = np.concatenate([schedule.grid_mw for schedule in decided.schedules])
    plain = strike_prices(site, options.spread)
    strikes = strike_prices(site, options.spread, options.lag_h) if options.lag_h else plain
    ahead = bought_ahead(prices, grid, options.day_ahead, opening.bought_mw)
    return WeekPlan(
        structure=site.structure,
        prices=prices,
        opening=opening,
        options=options,
        load_mw=load,
        on_share=decided.on_share,
        started_share=decided.started_share,
        schedules=decided.schedules,
        strike_off_usd_per_mwh=strikes.off_usd_per_mwh,
        strike_on_usd_per_mwh=strikes.on_usd_per_mwh,
        day_ahead_mw=ahead.mw,
        curve=curve(site, plain.at(load > 0.0)),
        money=WeekMoney(
            _operation_usd(site, decided.schedules), decided.restarts_usd, ahead.gain_usd, decided.moving_usd
        ),
        bound_usd=decided.bound_usd,
        method=decided.method,
        remarks=(*site.remarks, *decided.remarks),
        stored=stored_prices(site, options.spread),
        offered_mw=standing_offers(site),
    )


@dataclass(frozen=True)
class _Decided:
    """Hours and switching of all fleets, (F, T) each."""

    schedules: tuple[Schedule, ...]
    on_share: Floats
    started_share: Floats
    restarts_usd: float
    bound_usd: float
    method: str
    remarks: tuple[str, ...] = ()
    moving_usd: float = 0.0


def _decided(site: Standing, opening: Opening, options: WeekOptions) -> _Decided:
    moves = options.churn_usd_per_mw > 0.0 or np.isfinite(options.most_moved_mw)
    scheduled = scheduled_mw(opening.scheduled_mw if moves else None, site.available_mw)
    if not np.isnan(scheduled).all():
        return _by_program(site, scheduled, options)
    if len(site.slow):
        by_fleet = always_fits(site.structure, site.available_mw)
        return _by_fleet(site) if by_fleet else _by_program(site, scheduled, options)
    by_program = site.varies or _stored_across(site)
    return _by_program(site, scheduled, options) if by_program else _as_months_do(site)


def _stored_across(site: Standing) -> bool:
    """Whether a battery carries energy from one part to the next."""
    owned = [part.here.battery for part in site.structure.parts]
    return any(one is not None and one.goes_on for one in owned)


def _by_program(site: Standing, scheduled: Floats, options: WeekOptions) -> _Decided:
    solved = program.solve(site, scheduled, options)
    on, started = _switching(site, solved.schedules, solved.on_share, solved.started_share)
    load = np.concatenate([schedule.load_mw for schedule in solved.schedules], axis=1)
    price, beyond = moving(load, scheduled, options.churn_usd_per_mw, options.most_moved_mw)
    words = f"limits move {beyond:.6g} MW-steps more than the most that may be moved"
    remarks = (words,) if beyond > SMALL_MW else ()
    usd, bound = _restarts_usd(site, solved.started_share), solved.bound_usd
    return _Decided(solved.schedules, on, started, usd, bound, LINEAR_PROGRAM, remarks, price)


def _as_months_do(site: Standing) -> _Decided:
    """Nothing but what a plan knows: the dispatch of its months, part by part."""
    solved, bound, methods = [], 0.0, set()
    for part in site.structure.parts:
        choice = choose_dispatch(part.here, _tenant_bays(part))
        value = choice.dispatch.solve(part.capacity)
        solved.append(value.schedule)
        bound += value.cut.at(part.capacity)
        methods.add(choice.method.value)
    none = np.zeros((0, site.structure.hours))
    on, started = _switching(site, solved, none, none)
    method = MERIT_ORDER if methods == {"merit_order"} else LINEAR_PROGRAM
    return _Decided(tuple(solved), on, started, 0.0, bound, method)


def _by_fleet(site: Standing) -> _Decided:
    """Nothing binds: every fleet by itself, everything else hour by hour."""
    structure, slow = site.structure, site.slow_fleets
    margin = structure.value_usd_per_mwh - (1.0 + structure.overhead) * structure.price_usd_per_mwh
    on, started = fleets.switch_each(slow, margin)
    load = np.where(margin > 0.0, site.available_mw, 0.0)
    load[slow.first] = slow.capacity_mw[slow.first] * on
    load[slow.later] *= slow.back_share(on, started)[slow.later_fleet]
    schedules = tuple(
        _plain(part, load[:, at]) for part, at in zip(structure.parts, structure.slices, strict=True)
    )  # fmt: skip
    usd = _restarts_usd(site, started)
    shares = _switching(site, schedules, on, started)
    return _Decided(schedules, *shares, usd, _operation_usd(site, schedules) - usd, FLEET_BY_FLEET)


def _plain(part: Part, load_mw: Floats) -> Schedule:
    """Loads given; tenants are shed where serving them costs more."""
    here = part.here
    power = here.price_usd_per_mwh * (1.0 + here.overhead[here.tenants.bay])
    shed = np.where(power > here.unserved_usd_per_mwh(), part.capacity.firm_mw[:, None], 0.0)
    return make_schedule(here, part.capacity, load_mw, shed, None, no_offers(here), no_work(here))


def _switching(
    site: Standing, schedules: Sequence[Schedule], on_share: Floats, started_share: Floats
) -> tuple[Floats, Floats]:
    """Shares of all fleets: decided for slow ones, what their first mode runs for the others, (F, T) each."""
    first = site.structure.first_tier
    load = np.concatenate([schedule.load_mw for schedule in schedules], axis=1)[first]
    can = site.available_mw[first]
    on, started = np.where(can > 0.0, load / np.where(can > 0.0, can, 1.0), 0.0), np.zeros_like(load)
    on[site.slow], started[site.slow] = on_share, started_share
    return on, started


def _restarts_usd(site: Standing, started: Floats) -> float:
    return float((site.slow_fleets.start_usd * started).sum())


def _operation_usd(site: Standing, schedules: Sequence[Schedule]) -> float:
    return sum(schedule_value(p.here, one) for p, one in zip(site.structure.parts, schedules, strict=True))


def _tenant_bays(part: Part) -> np.ndarray:
    found = np.zeros(part.here.bays, dtype=bool)
    found[part.here.tenants.bay[part.capacity.firm_mw > 0.0]] = True
    return found
