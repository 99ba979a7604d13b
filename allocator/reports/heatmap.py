"""A heat map: a figure over two inputs, where there is none, where plans change, and where the scenario stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.canvas import INK, blank
from allocator.reports.scales import Floats, Scale, stated

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

MOST_WRITTEN = 400
"""Cells up to which each has its number in it."""
MOST_TICKS = 14
MONEY_COLOURS, SHARE_COLOURS, SIGNED_COLOURS = "YlGnBu", "Blues", "RdBu"


@dataclass(frozen=True)
class Heatmap:
    """What is drawn.

    Attributes:
        x, y: values of the inputs, rising. cells: (Y, X), nan where there is no plan.
        plans: (Y, X) what tells plans apart, in any words; lines are drawn where it differs.
        stands: (x, y) of the scenario as it stands, None where that is not known or outside.
    """

    title: str
    subtitle: str
    x_label: str
    y_label: str
    x: Floats
    y: Floats
    cells: Floats
    scale: Scale
    plans: Sequence[Sequence[str]]
    stands: tuple[float, float] | None
    is_share: bool = False


def draw(picture: Heatmap) -> Figure:
    """The picture; call it within `canvas.styled`."""
    rows, columns = picture.cells.shape
    width, height = max(6.4, 1.9 + 0.62 * columns), max(4.2, 1.9 + 0.42 * rows)
    figure, axes = blank(width, height, picture.title, picture.subtitle)
    colours, norm = _colours(picture)
    axes.set_facecolor("#f1f3f5")
    shown = axes.imshow(picture.cells, origin="lower", aspect="auto", cmap=colours, norm=norm)
    _write(axes, picture, colours, norm)
    _outline_plans(axes, picture.plans)
    _mark(axes, picture)
    _label(axes, picture)
    bar = figure.colorbar(shown, ax=axes, fraction=0.035, pad=0.015, format=lambda v, _: picture.scale.written(v))
    bar.outline.set_visible(False)
    bar.set_label(picture.scale.words)
    return figure


def _colours(picture: Heatmap) -> tuple[Colormap, Normalize]:
    """Blue is more; where a figure changes its sign, white is nothing and red is a loss."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize, TwoSlopeNorm

    if picture.is_share:
        return colormaps[SHARE_COLOURS], Normalize(0.0, 1.0)
    known = picture.cells[np.isfinite(picture.cells)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low < 0.0 < high:
        most = max(-low, high)
        return colormaps[SIGNED_COLOURS], TwoSlopeNorm(0.0, -most, most)
    return colormaps[MONEY_COLOURS], Normalize(low, high if high > low else low + 1.0)


def _write(axes: Axes, picture: Heatmap, colours: Colormap, norm: Normalize) -> None:
    """Numbers, dark on light and light on dark; hatches where there is no plan."""
    from matplotlib.patches import Rectangle

    for (row, column), value in np.ndenumerate(picture.cells):
        if not np.isfinite(value):
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, hatch="////", facecolor="#f1f3f5", edgecolor="#b8c1ca", linewidth=0))
        elif picture.cells.size <= MOST_WRITTEN:
            red, green, blue, _ = colours(norm(value))
            ink = INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.55 else "white"
            words = picture.scale.written(value)
            axes.text(column, row, words, ha="center", va="center", fontsize=8, color=ink)


def _outline_plans(axes: Axes, plans: Sequence[Sequence[str]]) -> None:
    for row, names in enumerate(plans):
        for column, name in enumerate(names):
            if column and plans[row][column - 1] != name:
                axes.plot([column - 0.5] * 2, [row - 0.5, row + 0.5], color=INK, linewidth=1.4, solid_capstyle="butt")
            if row and plans[row - 1][column] != name:
                axes.plot(
                    [column - 0.5, column + 0.5], [row - 0.5] * 2, color=INK, linewidth=1.4, solid_capstyle="butt"
                )


def _mark(axes: Axes, picture: Heatmap) -> None:
    """A ring where the scenario stands, between cells where it is between their values."""
    if picture.stands is None:
        return
    at = [
        float(np.interp(value, values, np.arange(len(values))))
        for value, values in zip(picture.stands, (picture.x, picture.y), strict=True)
    ]
    axes.plot(*at, marker="o", markersize=25, markerfacecolor="none", markeredgecolor="#d1361f", markeredgewidth=2)


def _label(axes: Axes, picture: Heatmap) -> None:
    rows, columns = picture.cells.shape
    for axis, values, count in ((axes.xaxis, picture.x, columns), (axes.yaxis, picture.y, rows)):
        step = -(-count // MOST_TICKS)
        axis.set_ticks(range(0, count, step), [stated(value) for value in values[::step]])
    axes.set_xlabel(picture.x_label)
    axes.set_ylabel(picture.y_label)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.set_xticks(np.arange(columns - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(rows - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=0.8)
    axes.tick_params(which="minor", length=0)
