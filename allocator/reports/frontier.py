"""What caution costs, as a picture: expected value over a figure of safety, its knees marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allocator.reports.canvas import FAINT, GRID, HIGH, INK, LOW, blank
from allocator.reports.scales import Floats, Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_IN, HEIGHT_IN = 8.6, 5.2


@dataclass(frozen=True)
class Picture:
    """Points (P,) in order; `labels`: what was asked at each, `knees`: positions that bend away from the chord."""

    title: str
    subtitle: str
    safety: Floats
    safety_scale: Scale
    safety_words: str
    value: Floats
    value_scale: Scale
    labels: Sequence[str]
    knees: Sequence[int]


def draw(picture: Picture) -> Figure:
    """The picture; call it within `canvas.styled`."""
    figure, axes = blank(WIDTH_IN, HEIGHT_IN, picture.title, picture.subtitle)
    x, y = picture.safety, picture.value
    axes.plot(x[[0, -1]], y[[0, -1]], color=GRID, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.plot(x, y, color=HIGH, marker="o", markersize=6, linewidth=1.8)
    knees = list(picture.knees)
    axes.scatter(x[knees], y[knees], s=180, facecolors="none", edgecolors=LOW, linewidths=2.0, zorder=3)
    told: dict[tuple[float, float], list[str]] = {}
    for place, label in zip(zip(x.tolist(), y.tolist(), strict=True), picture.labels, strict=True):
        told.setdefault(place, []).append(label)
    for place, labels in told.items():
        axes.annotate(", ".join(labels), place, (8, 6), textcoords="offset points", fontsize=8, color=INK)
    axes.xaxis.set_major_formatter(lambda value, _: picture.safety_scale.written(value))
    axes.yaxis.set_major_formatter(lambda value, _: picture.value_scale.written(value))
    axes.set_xlabel(f"{picture.safety_words}, {picture.safety_scale.words}")
    axes.set_ylabel(f"expected net present value, {picture.value_scale.words}")
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(0.12)
    if knees:
        words = "ringed: a knee, beyond which safety costs more"
        axes.annotate(words, (1.0, 1.0), xycoords="axes fraction", ha="right", fontsize=8, color=FAINT)
    return figure
