"""A timeline: what each hall is when, one bar a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from allocator.reports.canvas import GRID, INK
from allocator.reports.figure import Span, Timeline
from allocator.reports.findings import finding
from allocator.reports.pictures.palette import PALETTE, YELLOW, Ink
from allocator.reports.pictures.places import of_months
from allocator.reports.pictures.sheet import legend, sheet, short
from allocator.reports.time_axis import count
from allocator.reports.words import written

if TYPE_CHECKING:
    import matplotlib.figure

ROW_IN, AROUND_IN = 0.38, 0.9
APART: Mapping[str, Ink] = {"converting": Ink("#e3e7eb", "////"), "closed": Ink("#f6f7f8")}
LETTERS = 100
"""Letters that would fill the width of a picture."""
CERTAIN_SHARE = 0.9995


def draw(timeline: Timeline) -> matplotlib.figure.Figure:
    """The picture of a timeline; call it within `canvas.styled`."""
    at = of_months([count(month) for month in (*timeline.periods, timeline.end)])
    ends = at.edges
    made, (axes,) = sheet(AROUND_IN + ROW_IN * len(timeline.rows), finding(timeline), timeline.about)
    inks = _inks(timeline)
    shown: set[str] = set()
    for k, row in enumerate(timeline.rows):
        for span in row.spans:
            left, right = float(ends[span.first]), float(ends[span.last + 1])
            ink = inks[span.state]
            label = "" if span.state in shown else short(span.state)
            shown.add(span.state)
            axes.barh(
                k,
                right - left,
                0.7,
                left,
                color=ink.colour,
                hatch=ink.hatch,
                edgecolor="white",
                linewidth=1,
                label=label or "_",
            )
            words = _words(span)
            if len(words) < LETTERS * (right - left) / float(ends[-1] - ends[0]):
                colour = INK if span.state in APART or ink.colour in (YELLOW, PALETTE[1], PALETTE[2]) else "white"
                axes.text((left + right) / 2, k, words, ha="center", va="center", fontsize=8, color=colour)
    axes.set_yticks(range(len(timeline.rows)), [short(row.name) for row in timeline.rows])
    axes.set_ylim(len(timeline.rows) - 0.4, -0.6)
    at.label(axes)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    legend(made, [axes])
    return made


def _inks(timeline: Timeline) -> Mapping[str, Ink]:
    states = list(dict.fromkeys(span.state for row in timeline.rows for span in row.spans if span.state not in APART))
    order = (PALETTE[1], PALETTE[0], PALETTE[2], *PALETTE[3:])
    return {
        **APART,
        **{state: Ink(order[k % len(order)], "" if k < len(order) else "...") for k, state in enumerate(states)},
    }


def _words(span: Span) -> str:
    return (
        short(span.label)
        if span.share > CERTAIN_SHARE
        else f"{short(span.label)}, {written(round(span.share, 2), 'share')}"
    )
