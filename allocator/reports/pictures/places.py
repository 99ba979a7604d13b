"""Where labels stand on an axis: months and hours as long as they are, everything else side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.figure import Figure
from allocator.reports.pictures.sheet import short
from allocator.reports.scales import Floats
from allocator.reports.time_axis import HOURS, MONTHS, edges, runs, step_months

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TICKS = 10
LETTERS_ACROSS, LEAST_LETTERS = 90, 9
"""Letters that stand side by side under a picture, and those of a line at least."""
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Places:
    """Left ends and widths of what stands at each x, (X,), with some of the labels."""

    left: Floats
    width: Floats
    ticks: Sequence[float]
    labels: Sequence[str]
    is_time: bool

    @property
    def middle(self) -> Floats:
        """Middles, (X,)."""
        return self.left + self.width / 2

    @property
    def edges(self) -> Floats:
        """Left ends and the last right end, (X + 1,)."""
        return np.append(self.left, self.left[-1] + self.width[-1])

    def label(self, axes: Axes) -> None:
        """Write the labels, and end the axis where the last x does."""
        axes.set_xticks(list(self.ticks), list(self.labels))
        axes.set_xlim(float(self.left[0]), float(self.left[-1] + self.width[-1]))


def places(figure: Figure) -> Places:
    """Places of the labels of a figure."""
    x, x_name = figure.x, figure.x_name
    if x_name in MONTHS:
        return of_months(edges(figure))
    if x_name == HOURS and len(x) > 1:
        return _of_hours(x) if len(runs(x)) == 1 else _of_days(x)
    left, every = np.arange(len(x), dtype=float), -(-len(x) // MOST_TICKS)
    shown = range(0, len(x), every)
    room = max(LEAST_LETTERS, LETTERS_ACROSS // max(1, len(shown)))
    return Places(left, np.ones(len(x)), [k + 0.5 for k in shown], [_in_lines(x[k], room) for k in shown], False)


def _in_lines(name: str, letters: int) -> str:
    """A name in lines of some letters, which end after words and underscores: cut off, inputs look alike."""
    lines = textwrap.wrap(short(name).replace("_", "_ "), letters)
    return "\n".join(line.replace("_ ", "_") for line in lines)


def of_months(ends: Sequence[int]) -> Places:
    """Places of periods that begin at all but the last of these months, counted from year 0, and end at the next."""
    left, width = np.array(ends[:-1], dtype=float), np.diff(np.array(ends, dtype=float))
    every = step_months((left[-1] + width[-1] - left[0]) / MOST_TICKS)
    ticks = [at for at in np.arange(left[0], left[-1] + width[-1]) if (at - left[0]) % every == 0]
    words = [
        _NAMES[int(at) % 12] + (f"\n{int(at) // 12}" if k == 0 or at % 12 < every else "") for k, at in enumerate(ticks)
    ]
    return Places(left, width, ticks, words, True)


def _of_hours(x: Sequence[str]) -> Places:
    at = [datetime.fromisoformat(label) for label in x]
    hours = np.array([(one - at[0]) / timedelta(hours=1) for one in at])
    midnights = [k for k, one in enumerate(at) if one.hour == 0 and one.minute == 0]
    shown = midnights[:: -(-len(midnights) // MOST_TICKS)] if midnights else [0]
    words = [f"{at[k]:%a}\n{at[k].day} {_NAMES[at[k].month - 1]}" for k in shown]
    words[0] += f" {at[shown[0]].year}"
    return Places(hours, np.full(len(x), hours[1]), hours[shown].tolist(), words, True)


def _of_days(x: Sequence[str]) -> Places:
    """Hours of days that do not follow one another, side by side."""
    begins = [(k, datetime.fromisoformat(x[k])) for k in runs(x)]
    words = [f"{at.day} {_NAMES[at.month - 1]}" for _, at in begins]
    return Places(np.arange(len(x), dtype=float), np.ones(len(x)), [float(k) for k, _ in begins], words, True)
