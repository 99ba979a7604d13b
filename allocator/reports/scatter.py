"""A figure against each of some inputs, one panel an input: what a random sample shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from allocator.reports.canvas import GRID, blank
from allocator.reports.scales import SHARE, Floats, Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_IN, HEIGHT_IN, BAR_IN = 3.4, 4.2, 1.4
MOST_PANELS = 6


def scatter(
    title: str, subtitle: str, inputs: Mapping[str, Floats], figure_of: Floats, scale: Scale, share: Floats
) -> Figure:
    """`figure_of` (P,) against each input (P,), coloured by a share (P,); points without a plan are left out."""
    names = list(inputs)[:MOST_PANELS]
    figure, axes = blank(PANEL_IN * len(names) + BAR_IN, HEIGHT_IN, title, subtitle)
    axes.remove()
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    known = np.isfinite(figure_of)
    for panel, name in zip(panels, names, strict=True):
        dots = panel.scatter(
            inputs[name][known],
            figure_of[known],
            c=share[known],
            cmap="viridis_r",
            vmin=0.0,
            vmax=1.0,
            s=22,
            linewidths=0,
        )
        panel.set_xlabel(name)
        panel.spines[:].set_visible(False)
        panel.tick_params(length=0)
        panel.grid(color=GRID, linewidth=0.8)
        panel.set_axisbelow(True)
    panels[0].set_ylabel(scale.words)
    panels[0].yaxis.set_major_formatter(lambda value, _: scale.written(value))
    bar = figure.colorbar(dots, ax=list(panels), fraction=0.05, pad=0.02, format=lambda v, _: SHARE.written(v))
    bar.outline.set_visible(False)
    bar.set_label("share of AI in the last year, %")
    return figure
