"""A matrix of named rows and columns with a number in each cell that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.canvas import INK
from allocator.reports.figure import Figure
from allocator.reports.findings import finding
from allocator.reports.pictures.sheet import WIDTH_IN, about, sheet, short
from allocator.reports.words import written

if TYPE_CHECKING:
    import matplotlib.figure

ROW_IN, AROUND_IN = 0.36, 0.8
SLANTED_FROM = 8


def draw(figure: Figure) -> matplotlib.figure.Figure:
    """The picture of a figure of kind heatmap; call it within `canvas.styled`."""
    cells = np.array([[np.nan if v is None else v for v in series.numbers] for series in figure.series], dtype=float)
    rows, columns = cells.shape
    made, (axes,) = sheet(AROUND_IN + ROW_IN * rows, finding(figure), about(figure))
    most = float(np.nanmax(cells, initial=0.0)) or 1.0
    axes.grid(visible=False)
    axes.set_facecolor("#f1f3f5")
    axes.imshow(np.ma.masked_invalid(cells), cmap="Blues", vmin=0.0, vmax=1.25 * most, aspect="auto")
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value) and columns <= 3 * WIDTH_IN:
            ink = "white" if value > 0.7 * most else INK
            axes.text(
                column, row, written(float(value), figure.unit), ha="center", va="center", color=ink, fontsize=8.5
            )
    names = [short(name, 20) for name in figure.x]
    axes.set_xticks(
        range(columns),
        names,
        rotation=30 if columns > SLANTED_FROM else 0,
        ha="right" if columns > SLANTED_FROM else "center",
    )
    axes.set_yticks(range(rows), [short(series.name) for series in figure.series])
    axes.set_xlabel(f"{figure.unit} by {figure.x_name}" if figure.unit == "MW" else figure.x_name)
    return made
