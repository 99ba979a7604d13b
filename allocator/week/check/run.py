"""Check a week: nothing of it is published that does not pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from allocator.week.check.limits import limits
from allocator.week.check.money import bought, money, stairs, strikes
from allocator.week.check.stored import stored
from allocator.week.check.switching import switching
from allocator.week.check.told import Broken, MalformedError, Tables, Told, read
from allocator.week.interface import Opening, Prices, Structure, WeekOptions

RULES: Mapping[str, str] = MappingProxyType(
    {
        "TABLES": "every table is there, every tier and step told once",
        "FLEET.available": "no tier runs more than what stands and is not down",
        "CONTRACT.shed": "only promised load is left unserved",
        "POWER.hall": "halls keep their electrical limit",
        "COOLING.air": "air loops reject their heat",
        "COOLING.liquid": "liquid loops reject their heat",
        "POWER.feeder": "feeders carry what draws behind them",
        "COOLING.plant": "plants reject the heat of their halls",
        "METER.draw": "the draw is that of loads, overhead and battery",
        "POWER.site": "the meter keeps its limit, or the lower one of a call",
        "PEAK.metered": "peaks stay as high as planned or as already set",
        "POWER.energy": "energy stays within the budget's share of these hours",
        "BATTERY.balance": "what is stored is what was there, came and went",
        "BATTERY.ends": "the battery ends as full as it begins",
        "BATTERY.limits": "the battery keeps its power and energy",
        "BATTERY.behind_meter": "the battery serves the site alone",
        "BATTERY.idle": "a battery that refuses to take or give does neither",
        "RESERVE.running": "what is offered runs",
        "RESERVE.offered": "no more is offered to a service than it takes and could run behind it",
        "RESERVE.open": "offers stand where the service is open to the machines",
        "RESERVE.most": "services take no more than they do",
        "RESERVE.fed_by_grid": "what is offered is drawn from the grid",
        "WORK.running": "deferrable work is done by what runs",
        "WORK.qualifies": "deferrable work is done by machines that may",
        "WORK.most": "deferrable work keeps its limit in a step",
        "WORK.volume": "no more deferrable work is done than is owed",
        "RESTART.shares": "shares of a fleet lie between 0 and 1 and are the same for its tiers",
        "RESTART.first": "machines that are on draw their first mode",
        "RESTART.later": "later modes run where machines are back",
        "RESTART.start": "what is on and was not has been started",
        "RESTART.least_run": "what was started stays on",
        "RESTART.least_off": "what is started was off for long enough",
        "MONEY.line": "every line of money follows from the loads",
        "MONEY.value": "the value is the sum of the lines",
        "MONEY.bound": "the value, less what moving costs, lies within the bound",
        "DAY_AHEAD.most": "no more is bought ahead than the rule says",
        "DAY_AHEAD.stands": "what was bought stands where bids are closed",
        "DAY_AHEAD.gain": "what is bought ahead gains what is said",
        "STRIKE.order": "no tier stops at a lower price than it starts",
        "STRIKE.plain": "a tier without restart terms is run by what its earnings bear",
        "STORED.cells": "prices of stored energy cover the battery in every step",
        "STORED.order": "nothing is taken at a price at which it would be given",
        "STORED.falls": "the more is stored, the less another MWh is worth",
        "CURVE.price": "bids fall in price",
        "CURVE.mw": "bids rise in MW",
        "CURVE.site": "bids keep the meter's limit",
    }
)
"""Every rule, and what holds where it is kept."""


@dataclass(frozen=True)
class Claims:
    """What a week says of itself besides its tables, USD."""

    value_usd: float
    bound_usd: float
    day_ahead_usd: float


def check_week(
    structure: Structure, prices: Prices, opening: Opening, options: WeekOptions, tables: Tables, claims: Claims
) -> tuple[Broken, ...]:
    """Every broken rule, none where the week holds.

    Args:
        structure, prices, opening, options: what was asked, as it was handed to `plan_week`.
        tables: of the week, as `tables.week_tables` gives them or as read back.
    """
    try:
        told = read(structure, prices, opening, options, tables)
    except MalformedError as error:
        return (Broken("TABLES", "the week", float("nan"), "", str(error)),)
    return tuple(_all(told, claims))


def _all(told: Told, claims: Claims) -> Iterator[Broken]:
    yield from limits(told)
    yield from switching(told)
    yield from money(told, claims.value_usd, claims.bound_usd)
    yield from bought(told, claims.day_ahead_usd)
    yield from strikes(told)
    yield from stairs(told)
    yield from stored(told)
