"""Simple rules of running machines, beside what the nightly run does, and the best anyone could have done.

All of them stand under the same machines: what a start costs, least run and least off times, limits, tenants; and all
but perfect foresight see prices with the same lag. Machines that do not mine run up to what they earn in every rule
that has a strike price of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats
from allocator.studies.backtest.controller import Operated, all_running, operate, operated, seen
from allocator.studies.backtest.foresight import foreseen
from allocator.studies.backtest.perfect import best_hours
from allocator.studies.backtest.site import Ahead, Hours, Site

PERFECT, FREE, NIGHTLY, TOLD = "perfect_foresight", "no_restart_terms", "nightly", "nightly_told"
BREAK_EVEN, DAY_AHEAD, ALWAYS, NEVER = "break_even", "day_ahead", "run_always", "stand_still"
PERFECT_WITHOUT, NIGHTLY_WITHOUT = "perfect_foresight_without_battery", "nightly_without_battery"
TOLD_WITHOUT = "nightly_told_without_battery"
PAIR_HINDSIGHT, PAIR_BEFORE = "battery_fixed_hindsight", "battery_fixed_year_before"
BATTERY_AHEAD = "battery_day_ahead"
HINDSIGHT, BEFORE, STATED = "fixed_strike_hindsight", "fixed_strike_year_before", "fixed_strike_stated"

WORDS = {
    PERFECT: "every price known, under all terms of machines: the best there is",
    FREE: "every price followed at once, machines stop and start at will",
    NIGHTLY: "strike prices of the nightly run, from what was known",
    TOLD: "the nightly run told the prices that came",
    BREAK_EVEN: "each tier runs while it earns more than its power costs",
    DAY_AHEAD: "runs, and buys, the hours whose day-ahead price is below what the tier earns",
    HINDSIGHT: "one strike price for all miners, the best in hindsight",
    BEFORE: "one strike price for all miners, the best of the year before",
    STATED: "one strike price for all miners, as stated",
    ALWAYS: "machines always run",
    NEVER: "no miner runs",
    PERFECT_WITHOUT: "every price known, the battery left alone",
    NIGHTLY_WITHOUT: "strike prices of the nightly run, the battery left alone",
    TOLD_WITHOUT: "the nightly run told the prices that came, the battery left alone",
    PAIR_HINDSIGHT: "break-even machines; the battery takes and gives at two prices, the best in hindsight",
    PAIR_BEFORE: "break-even machines; the battery takes and gives at two prices, the best of the year before",
    BATTERY_AHEAD: "break-even machines; the battery as is best at the day-ahead prices of the day",
}


WITHOUT_BATTERY = {
    PERFECT: PERFECT_WITHOUT,
    NIGHTLY: NIGHTLY_WITHOUT,
    TOLD: TOLD_WITHOUT,
    PAIR_HINDSIGHT: BREAK_EVEN,
    PAIR_BEFORE: BREAK_EVEN,
    BATTERY_AHEAD: BREAK_EVEN,
}
"""The rule of the same machines with the battery left alone."""


@dataclass(frozen=True)
class Run:
    """How a rule ran a site.

    Attributes:
        strike_usd_per_mwh: where it has one. bound_usd: no run under the terms earns more. pair_usd_per_mwh: prices
            below which the battery takes and above which it gives, where it has two.
    """

    rule: str
    operated: Operated
    hours: Hours
    strike_usd_per_mwh: float | None = None
    bound_usd: float | None = None
    pair_usd_per_mwh: tuple[float, float] | None = None


def always(site: Site) -> Run:
    """Everything on."""
    return _by_strike(site, ALWAYS, np.full(len(site.structure.tiers), np.inf))


def never(site: Site) -> Run:
    """No miner on."""
    return _by_strike(site, NEVER, np.full(len(site.structure.tiers), -np.inf))


def fixed(site: Site, rule: str, strike_usd_per_mwh: float, lag_h: int) -> Run:
    """All miners by one strike price."""
    return _by_strike(site, rule, np.full(len(site.structure.tiers), strike_usd_per_mwh), strike_usd_per_mwh, lag_h)


def _by_strike(site: Site, rule: str, strike: Floats, told: float | None = None, lag_h: int = 0) -> Run:
    own = site.break_even_strikes
    asked = np.where(site.mines[:, None], strike[:, None], own)
    found = operate(price_seen(site, lag_h), asked, asked, site.machines, all_running(site.machines))
    return Run(rule, found, site.run(found), told)


def break_even(site: Site, lag_h: int) -> Run:
    """Each tier by what it earns, and what services pay for it."""
    own = site.break_even_strikes
    found = operate(price_seen(site, lag_h), own, own, site.machines, all_running(site.machines))
    return Run(BREAK_EVEN, found, site.run(found))


def day_ahead(site: Site) -> Run:
    """Runs by day-ahead prices and buys what runs; goes on as it is, and buys nothing, where there are none."""
    own = site.break_even_strikes
    found = operate(site.day_ahead, own, own, site.machines, all_running(site.machines))
    bought = (found.on * site.gross * site.full[0]).sum(axis=0)
    return Run(DAY_AHEAD, found, site.run(found, Ahead(bought)))


def free(site: Site) -> Run:
    """Every price followed at once, as the hours of a plan are."""
    if site.services is not None:
        return by_program(site, FREE, battery=False, restarts=False)
    on = site.counted & (np.nan_to_num(site.real_time) <= site.value / site.gross)
    fleets, none = on[site.machines.first], np.zeros((len(site.machines.first), site.hours), dtype=np.int64)
    start = all_running(site.machines)
    did = operated(fleets, none + 10**6, on, start, start, site.machines)
    hours = site.run(Operated(on, np.zeros_like(did.started), did.run_h, start))
    return Run(FREE, did, hours)


def perfect(site: Site, rule: str, free_usd: float) -> Run:
    """The best hours of every fleet under its terms, the battery left alone, and a bound: what fleets could earn if
    limits parted them nothing.

    Where limits leave every tier its full load both are the same, and exact. `free_usd`: what machines without terms
    earn, which bounds them too. Where services pay for what runs it is a linear program.
    """
    if site.services is not None:
        return by_program(site, rule, battery=False)
    full, whole = site.full
    start = all_running(site.machines)
    _, did = best_hours(site.fleets(full), site.machines, start)
    hours = site.run(did)
    if whole[site.counted].all():
        bound = float(hours.margin.sum())
    else:
        at_most, _ = best_hours(site.fleets(site.structure.capacity_mw), site.machines, start)
        bound = min(free_usd, at_most + float(site.run(_none(site)).margin.sum()))
    return Run(rule, did, hours, None, max(bound, float(hours.margin.sum())))


def by_program(site: Site, rule: str = PERFECT, battery: bool = True, restarts: bool = True) -> Run:
    """The best hours, with the battery or without, under restart terms or none, by one linear program."""
    best, first = foreseen(site, battery, restarts), site.machines.first
    on = np.zeros((len(site.structure.tiers), site.hours), dtype=bool)
    on[:] = best.runs[site.machines.fleet]
    did = Operated(on, best.starts, np.zeros((len(first), site.hours), dtype=np.int64), all_running(site.machines))
    hours = site.settled(best.load_mw, best.shed_mw, best.restarts_usd, np.zeros(site.hours), best.flows, best.offer_mw)
    return Run(rule, did, hours, None, max(best.bound_usd, float(hours.margin.sum())))


def _none(site: Site) -> Operated:
    off = np.zeros((len(site.structure.tiers), site.hours), dtype=bool)
    none = np.zeros((len(site.machines.first), site.hours), dtype=np.int64)
    start = all_running(site.machines)
    return Operated(off, none.astype(bool), none, start)


def price_seen(site: Site, lag_h: int) -> Floats:
    """Price at the meter as the operator sees it, (T,): what the meter costs on top is known of every hour."""
    return seen(site.market.real_time, lag_h, site.first, site.hours) + site.adder_usd_per_mwh
