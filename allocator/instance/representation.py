"""How the hours of a node stand in the model, as the scenario asks."""

from __future__ import annotations

from typing import Literal

import numpy as np

from allocator.instance.hours import EVERY_HOUR, Chosen, Representation, SiteHours
from allocator.instance.months import MonthGrid
from allocator.instance.tree import Ints
from allocator.scenario.horizon import RepresentativeDays
from allocator.series.clock import local_calendar, parse_zone
from allocator.series.days import hours_of, representative_days


def representation_of(stated: Literal["full"] | RepresentativeDays, grid: MonthGrid, time_zone: str) -> Representation:
    """Every hour, or a few days of each site and node; days are those of the horizon's zone."""
    if stated == "full":
        return EVERY_HOUR
    count = stated.representative_days
    day_index = local_calendar(grid.hour_starts, parse_zone(time_zone)).day_index

    def choose(site: SiteHours, positions: Ints) -> Chosen:
        days = day_index[positions] - day_index[positions[0]]
        chosen = representative_days(site.price_usd_per_mwh[positions], site.ambient_c[positions], days, count)
        kept, weight_h = hours_of(chosen, days)
        opens = np.diff(days[kept], prepend=-1) != 0
        return Chosen(positions[kept], weight_h * (len(positions) / np.sum(weight_h)), opens)

    words = f"{count} weighted days per site and node: the priciest, the hottest, and medoids of the others"
    return Representation(choose, words)
