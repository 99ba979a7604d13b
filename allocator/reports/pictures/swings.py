"""Changes from a value, to both sides of it: one row a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allocator.reports.figure import Figure
from allocator.reports.findings import finding
from allocator.reports.pictures.over_x import scale_of
from allocator.reports.pictures.palette import inks
from allocator.reports.pictures.sheet import about, legend, rows_down, sheet, short

if TYPE_CHECKING:
    import matplotlib.figure

ROW_IN, AROUND_IN, ROOM = 0.36, 0.7, 0.14


def draw(figure: Figure) -> matplotlib.figure.Figure:
    """The picture of a figure of kind swings, from above to below; call it within `canvas.styled`."""
    made, (axes,) = sheet(AROUND_IN + ROW_IN * len(figure.x), finding(figure), about(figure))
    shown = [series for series in figure.series if series.role != "beside"]
    rows, scale = np.arange(len(figure.x)), scale_of(figure)
    most = 0.0
    for series, ink in zip(shown, inks(shown), strict=True):
        values = np.array([0.0 if value is None else value for value in series.numbers])
        most = max(most, float(np.abs(values).max(initial=0.0)))
        axes.barh(rows, values, 0.66, color=ink.colour, hatch=ink.hatch, label=short(series.name), alpha=0.9)
        for row, value in zip(rows, values, strict=True):
            side = "left" if value > 0 else "right"
            place: dict[str, Any] = {
                "xytext": (3 if value > 0 else -3, 0),
                "textcoords": "offset points",
                "va": "center",
                "ha": side,
            }
            axes.annotate(scale.written(value), (value, row), fontsize=8, **place)
    axes.set_xlim(-(1 + ROOM) * most, (1 + ROOM) * most)
    rows_down(axes, figure, scale)
    legend(made, [axes])
    return made
