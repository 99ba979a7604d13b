"""Check a week: nothing of it is published that does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allocator.week.check.limits import limits
from allocator.week.check.money import bought, money, stairs, strikes
from allocator.week.check.switching import switching
from allocator.week.check.told import Broken, MalformedError, Tables, Told, read
from allocator.week.interface import Opening, Prices, Structure, WeekOptions


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
