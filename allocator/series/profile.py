"""Hours from a profile: month by month paths whose quantiles and mean are those of the table.

Method. Each local calendar month is drawn on its own, from (seed, quantity, year, month) alone, so that a longer
horizon or another start changes no month that was there before.

1. Order. A stationary Gaussian path over the hours of the month says which hours are dear (or hot) for their time of
   day: the sum of a slow and a fast first-order autoregression (`PERSISTENCE`), which gives days that belong together
   and hot spells that last.
2. Level. The n hours of the month in one cell (hour, day type) are ranked by that path, and rank r gets the
   probability (r + U) / n with one uniform U per cell. So every month reproduces the quantiles of its cells to 1 / n.
3. Value. The cell's quantile function at that probability: straight between the levels of the table, except that
   the uppermost stretch is bent, u -> u ** bend, so that the mean of the cell is the mean the table states. Where that
   does not suffice the other stretches are bent alike, and what is left after that shifts the cell.
4. Mean. The offsets U are drawn `DRAWS` times and the draw whose monthly mean lies nearest to the mean of the table is
   kept: rare high prices stay in, the noise they bring to a month's mean does not.

Profiles of one quantity with the same seed follow the same path, as hubs of one grid do; a price and a temperature
never do.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from allocator.series.clock import HOUR, LocalCalendar, local_calendar, month_hours, parse_zone
from allocator.series.profile_table import ProfileTable, read_profile
from allocator.series.specs import Floats, HourlySeries, Ints, ProfileSpec, Times

DRAWS = 32
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class Persistence:
    """Share of variance of the slow part, and the times in hours in which each part fades to 1 / e."""

    slow_share: float
    slow_hours: float
    fast_hours: float


PERSISTENCE = {
    "USD/MWh": Persistence(slow_share=0.5, slow_hours=24.0, fast_hours=7.0),
    "C": Persistence(slow_share=0.95, slow_hours=48.0, fast_hours=4.0),
}
"""Chosen so that ranks within month and hour stay as alike after 1 to 36 hours as in ERCOT West 2022-2024 and TMY3."""


def profile_series(
    path: Path, spec: ProfileSpec, start: np.datetime64, end: np.datetime64, name: str | None = None
) -> HourlySeries:
    """The profile at `path` (`name` in messages) as hours from `start` to `end` (UTC).

    Raises:
        ScenarioFaults: faults of the table.
    """
    table = read_profile(path, spec.unit, name)
    utc = np.arange(start, end, HOUR)
    return HourlySeries(
        name=table.name,
        utc=utc,
        values=expand(table, utc, parse_zone(spec.time_zone), spec.seed),
        step_minutes=60,
        repairs=(),
        unit=table.unit,
    )


def expand(table: ProfileTable, utc: Times, zone: dt.tzinfo, seed: int) -> Floats:
    """Values of the profile at UTC hours, (T,); hours are starts of local hours of `zone`, rising."""
    calendar = local_calendar(utc, zone)
    months = calendar.year * 12 + calendar.month - 1
    values = np.empty(len(utc))
    for month in np.unique(months):
        inside = np.flatnonzero(months == month)
        hours, drawn = _draw_month(table, int(month) // 12, int(month) % 12 + 1, zone, seed)
        values[inside] = drawn[((utc[inside] - hours[0]) // HOUR).astype(np.int64)]
    return values


def _draw_month(table: ProfileTable, year: int, month: int, zone: dt.tzinfo, seed: int) -> tuple[Times, Floats]:
    """Every hour of one local month and its value, each (H,)."""
    stream = np.random.SeedSequence([seed, zlib.crc32(table.unit.encode()), year, month])
    random = np.random.default_rng(stream)
    hours = month_hours(f"{year:04d}-{month:02d}", 1, zone)
    calendar = local_calendar(hours, zone)
    path = _path(random, len(hours), PERSISTENCE.get(table.unit, PERSISTENCE["USD/MWh"]))
    cell, rank, count = _ranks(path, calendar)
    offsets = random.random((DRAWS, 48))
    values = _quantile(table, calendar, (rank + offsets[:, cell]) / count)
    aim = _cell_means(table)[month - 1, calendar.hour, calendar.weekend.astype(np.int64)].mean()
    return hours, values[np.argmin(np.abs(values.mean(axis=1) - aim))]


def _path(random: np.random.Generator, hours: int, persistence: Persistence) -> Floats:
    """A stationary Gaussian path, (hours,): a slow and a fast first-order autoregression added."""
    slow = _autoregression(random.standard_normal(hours), persistence.slow_hours)
    fast = _autoregression(random.standard_normal(hours), persistence.fast_hours)
    mixed = persistence.slow_share**0.5 * slow + (1.0 - persistence.slow_share) ** 0.5 * fast
    return np.asarray(mixed, dtype=np.float64)


def _autoregression(noise: Floats, fade_hours: float) -> Floats:
    keep = float(np.exp(-1.0 / fade_hours))
    fresh = np.sqrt(1.0 - keep * keep)
    noise[0] /= fresh  # the first value is drawn from the stationary distribution
    steps = (fresh * noise).tolist()  # a plain loop: the import of a filter would take a hundred times as long
    return np.fromiter(accumulate(steps, lambda before, step: keep * before + step), dtype=np.float64, count=len(steps))


def _ranks(path: Floats, calendar: LocalCalendar) -> tuple[Ints, Ints, Ints]:
    """Cell (hour and day type, 0..47) of each hour, its rank within the cell from 0, and the size of the cell."""
    cell = calendar.hour * 2 + calendar.weekend
    order = np.lexsort((path, cell))
    counts = np.bincount(cell, minlength=48)
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(path), dtype=np.int64)
    rank[order] = np.arange(len(path)) - starts[cell[order]]
    return cell, rank, counts[cell]


def _quantile(table: ProfileTable, calendar: LocalCalendar, probability: Floats) -> Floats:
    """Value of each hour's cell at `probability`, (draws, H)."""
    at = (calendar.month - 1, calendar.hour, calendar.weekend.astype(np.int64))
    quantiles, levels = table.quantiles[at], table.levels
    top, rest, shift = _bends(table)
    stretch = np.clip(np.searchsorted(levels, probability, side="right") - 1, 0, len(levels) - 2)
    along = (probability - levels[stretch]) / (levels[stretch + 1] - levels[stretch])
    along **= np.where(stretch == len(levels) - 2, top[at], rest[at])
    hour = np.arange(len(calendar.hour))
    low, high = quantiles[hour, stretch], quantiles[hour, stretch + 1]
    return np.asarray(low + along * (high - low) + shift[at], dtype=np.float64)


def _bends(table: ProfileTable) -> tuple[Floats, Floats, Floats]:
    """Exponent of the uppermost stretch, of the others, and the shift for what bending cannot reach; (12, 24, 2) each.

    The mean of u ** bend over 0..1 is 1 / (bend + 1): the share of the stretch's height that its mean reaches.
    """
    low, high = table.quantiles[..., :-1], table.quantiles[..., 1:]
    weight = np.diff(table.levels)
    height = weight * (high - low)
    rise = _cell_means(table) - low @ weight  # what all stretches together add to their lower ends
    others = height[..., :-1].sum(axis=-1)
    top = _share(rise - others / 2.0, height[..., -1])
    rise = rise - top * height[..., -1]
    rest = _share(rise, others)
    return 1.0 / top - 1.0, 1.0 / rest - 1.0, rise - rest * others


def _share(rise: Floats, height: Floats) -> Floats:
    """Share of the height that gives the rise, kept off 0 and 1; a half where there is no height."""
    share = np.divide(rise, height, out=np.full(rise.shape, 0.5), where=height > 0)
    return np.asarray(np.clip(share, _LEAST_SHARE, 1.0 - _LEAST_SHARE), dtype=np.float64)


def _straight_mean(table: ProfileTable) -> Floats:
    """Mean of each cell with straight lines between all levels, (12, 24, 2)."""
    middle = (table.quantiles[..., 1:] + table.quantiles[..., :-1]) / 2.0
    return np.asarray(middle @ np.diff(table.levels), dtype=np.float64)


def _cell_means(table: ProfileTable) -> Floats:
    """Mean of each cell: as stated, or that of the straight lines, (12, 24, 2)."""
    return np.where(np.isnan(table.mean), _straight_mean(table), table.mean)
