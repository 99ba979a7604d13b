"""Two figures over one input: what the plan is worth, and what it decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.canvas import FAINT, GRID, HIGH, INK, LOW, blank
from allocator.reports.scales import SHARE, Floats, Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Curve:
    """Values (P,) by input, rising; nan where there is no plan. `stands`: the input as the scenario states it."""

    title: str
    subtitle: str
    x_label: str
    x: Floats
    money: Floats
    scale: Scale
    share: Floats
    plans: Sequence[str]
    stands: float | None


def draw(picture: Curve) -> Figure:
    """The picture; call it within `canvas.styled`."""
    figure, axes = blank(8.6, 5.6, picture.title, picture.subtitle)
    axes.remove()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    _line(upper, picture, picture.money, picture.scale, picture.scale.words, HIGH)
    _line(lower, picture, picture.share, SHARE, "AI in the last year, %", LOW)
    lower.set_ylim(-0.06, 1.06)
    lower.set_xlabel(picture.x_label)
    return figure


def _line(axes: Axes, picture: Curve, values: Floats, scale: Scale, words: str, colour: str) -> None:
    axes.plot(picture.x, values, color=colour, marker="o", markersize=4, linewidth=1.8)
    for before, after, one, other in zip(picture.x, picture.x[1:], picture.plans, picture.plans[1:], strict=False):
        if one != other:
            axes.axvline((before + after) / 2, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    if picture.stands is not None:
        axes.axvline(picture.stands, color="#d1361f", linewidth=1.4)
    for x in picture.x[~np.isfinite(values)]:
        axes.annotate("no plan", (x, 0.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8, color=FAINT)
    axes.yaxis.set_major_formatter(lambda value, _: scale.written(value))
    axes.set_ylabel(words)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
