"""Periods of a scenario that has moved on: what is left of its grid, or the grid begun anew, fine first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import accumulate

from allocator.scenario.horizon import Horizon, Period


class Grid(Enum):
    """Which periods a scenario has from its later start on, and where its tree branches."""

    LEFT = "left"
    """Those that are left: what was planned stays comparable, and ever fewer short ones come first."""
    ANEW = "anew"
    """As many short ones first as the scenario has; longer ones keep their calendar months."""


def lengths(horizon: Horizon, ago: int, left: int, grid: Grid) -> list[int]:
    """Length of each period, months, `ago` months on, for `left` months; further months stand in periods as long as the
    last."""
    found = _anew(horizon, ago, left) if grid is Grid.ANEW else _rest(list(horizon.node_months), ago)
    while sum(found) < left:
        found.append(min(horizon.node_months[-1], left - sum(found)))
    while sum(found) > left:
        found[-1] -= min(found[-1], sum(found) - left)
        found = [length for length in found if length]
    return found


def runs(found: Sequence[int]) -> list[dict[str, int]]:
    """Periods as the file states them."""
    grouped: list[Period] = []
    for length in found:
        if grouped and grouped[-1].months == length:
            grouped[-1] = Period(months=length, count=grouped[-1].count + 1)
        else:
            grouped.append(Period(months=length, count=1))
    return [{"months": run.months, "count": run.count} for run in grouped]


def next_start(found: Sequence[int], month: int) -> int | None:
    """First start of a period but the first that is no earlier than a month; None where none is."""
    return next((start for start in accumulate(found[:-1]) if start >= month), None)


def _rest(found: list[int], ago: int) -> list[int]:
    passed = 0
    while found and passed < ago:
        passed += found.pop(0)
    return found


def _anew(horizon: Horizon, ago: int, left: int) -> list[int]:
    """Each run of equal periods reaches as far as it did from the first start, and on to where the next one's periods
    begin in the calendar."""
    found: list[int] = []
    zones = list(_zones(horizon))
    for zone, (months, end) in enumerate(zones):
        following = zones[zone + 1][0] if zone + 1 < len(zones) else 0
        while sum(found) < left and (sum(found) < end or _is_off(sum(found) + ago - end, following, months)):
            found.append(months)
    return found


def _is_off(past: int, following: int, months: int) -> bool:
    """Whether longer periods would not keep their calendar months, and further ones of this run can mend it."""
    return following > months and following % months == 0 and past % following != 0 and past % months == 0


def _zones(horizon: Horizon) -> Iterator[tuple[int, int]]:
    """(length of periods, months from the start to their end) of each run."""
    end = 0
    for run in runs(horizon.node_months):
        end += run["months"] * run["count"]
        yield run["months"], end
