"""A waterfall: what adds to a total, what takes from it, and the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.canvas import INK
from allocator.reports.figure import Figure
from allocator.reports.findings import finding
from allocator.reports.pictures.over_x import scale_of
from allocator.reports.pictures.palette import DOWN, TOTAL, UP
from allocator.reports.pictures.sheet import about, rows_down, sheet

if TYPE_CHECKING:
    import matplotlib.figure

STEP_IN, AROUND_IN, ROOM = 0.36, 0.7, 0.11


def draw(figure: Figure) -> matplotlib.figure.Figure:
    """The picture of a figure of kind waterfall, from above to below; call it within `canvas.styled`."""
    steps = np.array([value or 0.0 for value in figure.series[0].numbers])
    ends = np.append(np.cumsum(steps[:-1]), steps[-1])
    starts = np.append(np.concatenate([[0.0], ends[:-2]]), 0.0)
    colours = [*(UP if step >= 0 else DOWN for step in steps[:-1]), TOTAL]
    made, (axes,) = sheet(AROUND_IN + STEP_IN * len(steps), finding(figure), about(figure))
    rows = np.arange(len(steps))
    axes.barh(rows, steps, 0.66, starts, color=colours)
    scale = scale_of(figure)
    low, high = float(min(0.0, ends.min())), float(max(0.0, ends.max()))
    for row, (step, start, end) in enumerate(zip(steps, starts, ends, strict=True)):
        axes.annotate(
            scale.written(step), (max(start, end), row), (4, 0), textcoords="offset points", va="center", fontsize=8.5
        )
        if row + 1 < len(steps):
            axes.plot([end, end], [row - 0.33, row + 1.33], color=INK, linewidth=0.7)
    axes.set_xlim(low - 0.02 * (high - low), high + ROOM * (high - low or 1.0))
    rows_down(axes, figure, scale)
    return made
