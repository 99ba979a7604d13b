"""Bars that rank inputs: a tornado, and shares of a variance or correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allocator.reports.canvas import FAINT, GRID, HIGH, INK, LOW, SECOND, blank
from allocator.reports.scales import Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_IN, AROUND_IN, WIDTH_IN = 0.46, 1.75, 9.0


@dataclass(frozen=True)
class Swing:
    """What a figure becomes at the ends of one input, None where there is no plan there."""

    name: str
    low_input: str
    high_input: str
    at_low: float | None
    at_high: float | None


def tornado(title: str, subtitle: str, base: float, swings: Sequence[Swing], scale: Scale) -> Figure:
    """Inputs in the order given, the first on top; `base` is the figure as the scenario stands."""
    figure, axes = blank(WIDTH_IN, AROUND_IN + ROW_IN * len(swings), title, subtitle)
    for row, swing in enumerate(swings):
        _bars(axes, row, base, swing)
        _write_ends(axes, row, base, swing, scale)
    axes.axvline(base, color=INK, linewidth=1.2)
    _frame(axes, [swing.name for swing in swings])
    axes.xaxis.set_major_formatter(lambda value, _: scale.written(value))
    axes.set_xlabel(scale.words)
    axes.margins(x=0.22)
    return figure


def _bars(axes: Axes, row: int, base: float, swing: Swing) -> None:
    """One bar from the base to each end, the shorter one on top."""
    ends = [(value, colour) for value, colour in ((swing.at_low, LOW), (swing.at_high, HIGH)) if value is not None]
    for value, colour in sorted(ends, key=lambda end: -abs(end[0] - base)):
        axes.barh(row, value - base, left=base, height=0.62, color=colour)


def _write_ends(axes: Axes, row: int, base: float, swing: Swing, scale: Scale) -> None:
    """Words of both ends outside of all bars, those of the smaller figure on the left."""
    ends = [(swing.low_input, swing.at_low), (swing.high_input, swing.at_high)]
    reach = [base, *(value for _, value in ends if value is not None)]
    left, right = sorted(ends, key=lambda end: base if end[1] is None else end[1])
    for (stated, value), at, side, gap in ((left, min(reach), "right", -5), (right, max(reach), "left", 5)):
        words = f"at {stated}: " + ("no plan" if value is None else scale.written(value))
        place: dict[str, Any] = {"textcoords": "offset points", "ha": side, "va": "center"}
        axes.annotate(words, (at, row), (gap, 0), fontsize=8, color=FAINT, **place)


@dataclass(frozen=True)
class Measure:
    """Values by input with the ends of their intervals, None for none; `name` for the legend."""

    name: str
    values: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


def ranked(title: str, subtitle: str, names: Sequence[str], measures: Sequence[Measure], label: str) -> Figure:
    """One group of bars an input, in the order given, the first on top."""
    figure, axes = blank(WIDTH_IN, AROUND_IN + ROW_IN * len(names), title, subtitle)
    height = 0.7 / len(measures)
    for k, (measure, colour) in enumerate(zip(measures, (HIGH, SECOND), strict=False)):
        rows = [row + (k - (len(measures) - 1) / 2) * height for row in range(len(names))]
        axes.barh(rows, measure.values, height=height * 0.92, color=colour, label=measure.name)
        if measure.low is not None and measure.high is not None:
            axes.hlines(rows, measure.low, measure.high, color=INK, linewidth=1.0)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    _frame(axes, names)
    axes.set_xlabel(label)
    if len(measures) > 1:
        axes.legend(frameon=False, loc="lower right", ncols=len(measures), bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
    return figure


def _frame(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
