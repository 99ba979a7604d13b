"""A week that is decided and checked: what others should call."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocator.week.check.run import Claims, check_week
from allocator.week.check.told import Broken
from allocator.week.interface import DEFAULTS, UNKNOWN, Opening, Prices, Structure, WeekOptions, WeekPlan
from allocator.week.plan import plan_week
from allocator.week.tables import week_tables


@dataclass(frozen=True)
class CheckedWeek:
    """A week, its tables, and what its check found: nothing may be published unless `broken` is empty."""

    plan: WeekPlan
    tables: dict[str, pd.DataFrame]
    broken: tuple[Broken, ...]


def checked_week(
    structure: Structure, prices: Prices, opening: Opening = UNKNOWN, options: WeekOptions = DEFAULTS
) -> CheckedWeek:
    """Decide the hours, and derive every limit and dollar of them again.

    Raises:
        ValueError: as `plan_week`.
    """
    week = plan_week(structure, prices, opening, options)
    tables = week_tables(week)
    claims = Claims(week.value_usd, week.bound_usd, week.money.day_ahead)
    return CheckedWeek(week, tables, check_week(structure, prices, opening, options, tables, claims))
