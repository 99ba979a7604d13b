"""A sheet for one picture: what it says, what it shows, and as many panels as it needs, one above the other."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any

from allocator.reports.canvas import FAINT, GRID, INK
from allocator.reports.figure import Figure as Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from allocator.reports.scales import Scale

WIDTH_IN = 9.2
TITLE_LETTERS, ABOUT_LETTERS = 74, 118
LONGEST_NAME = 34


def sheet(height_in: float, said: str, about: str, panels: Sequence[float] = (1.0,)) -> tuple[Figure, list[Axes]]:
    """A figure with its words above, and panels of relative heights over one x axis."""
    from matplotlib.figure import Figure

    title, words = textwrap.wrap(printable(said), TITLE_LETTERS), textwrap.wrap(printable(about), ABOUT_LETTERS)
    head_in = 0.16 + 0.25 * len(title) + 0.17 * len(words)
    height_in += head_in
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0.01, 0.01, 0.98, 1.0 - (head_in + 0.08) / height_in))
    left, top = 0.14 / WIDTH_IN, 1.0 - 0.12 / height_in
    figure.text(left, top, "\n".join(title), fontsize=13, fontweight="bold", va="top", linespacing=1.15)
    below = top - 0.25 * len(title) / height_in
    figure.text(left, below, "\n".join(words), fontsize=9, color=FAINT, va="top", linespacing=1.25)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=list(panels))[:, 0]
    for one in axes:
        one.spines[:].set_visible(False)
        one.tick_params(length=0)
        one.set_axisbelow(True)
        one.grid(axis="y", color=GRID, linewidth=0.8)
    return figure, list(axes)


def about(figure: Shown) -> str:
    """What a figure shows and how to read it; its title once."""
    return figure.about if figure.about.startswith(figure.title) else f"{figure.title}. {figure.about}"


def printable(text: str) -> str:
    """Text without control characters, on one line."""
    return "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """A name that fits beside a picture."""
    plain = printable(name)
    plain = f" {plain}" if plain.startswith("_") else plain  # else no legend would show it
    return plain if len(plain) <= longest else plain[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def rows_down(axes: Axes, figure: Shown, scale: Scale) -> None:
    """What a figure has along x as rows from above to below, its numbers along x."""
    axes.set_yticks(range(len(figure.x)), [short(name) for name in figure.x])
    axes.set_ylim(len(figure.x) - 0.4, -0.6)
    axes.set_xlabel(scale.words)
    axes.xaxis.set_major_formatter(lambda value, _: scale.written(value))
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.8)


def legend(figure: Figure, axes: Sequence[Axes]) -> None:
    """One legend below the panels, where there is more than one thing to tell apart."""
    handles: dict[str, Any] = {}
    for one in axes:
        for handle, name in zip(*one.get_legend_handles_labels(), strict=True):
            handles.setdefault(name, handle)
    if len(handles) > 1:
        columns = min(4, len(handles))
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower left", ncols=columns, frameon=False, fontsize=8.5
        )
