"""Figures over an axis: amounts on one another or side by side, lines, limits and bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allocator.reports.canvas import INK
from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Figure, Series
from allocator.reports.findings import finding
from allocator.reports.pictures.palette import Ink, inks
from allocator.reports.pictures.places import Places, places
from allocator.reports.pictures.sheet import about, legend, sheet, short
from allocator.reports.scales import Floats, Scale, money
from allocator.reports.time_axis import HOURS
from allocator.reports.words import unit_words

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

HEIGHT_IN, BELOW_IN = 3.7, 1.3
SIDE_BY_SIDE = 0.8
"""Share of its place that a group of bars takes."""
BAND = "90 % of futures"


def draw(figure: Figure) -> matplotlib.figure.Figure:
    """The picture of a figure of kind stacked, bars or lines; call it within `canvas.styled`."""
    parts = [figure, *([figure.below] if figure.below else [])]
    height = HEIGHT_IN + BELOW_IN * (len(parts) - 1)
    at = places(figure)
    made, axes = sheet(height, finding(figure), about(figure), [3.0, 1.0][: len(parts)])
    for part, panel in zip(parts, axes, strict=True):
        _panel(panel, part, at)
    at.label(axes[-1])
    if not at.is_time:
        axes[-1].set_xlabel(figure.x_name if figure.x_name != "year" else "")
    legend(made, axes)
    return made


def scale_of(figure: Figure) -> Scale:
    """The unit in which a picture writes the numbers of a figure."""
    known = [abs(v) for s in figure.series if s.role != "beside" for v in s.numbers if v is not None]
    most = max(known, default=0.0)
    if figure.unit == "USD":
        return money(np.array(known or [0.0]))
    if figure.unit.startswith("share"):
        return Scale(0.01, 0 if most >= 0.1 else 1, "", unit_words(figure.unit))
    return Scale(1.0, 0 if most >= 10 else 1 if most >= 1 else 2, "", unit_words(figure.unit))


def _panel(axes: Axes, figure: Figure, at: Places) -> None:
    scale = scale_of(figure)
    shown = [series for series in figure.series if series.role != "beside"]
    amounts = [(series, ink) for series, ink in zip(shown, inks(shown), strict=True) if series.role == "amount"]
    if figure.kind == "bars":
        _side_by_side(axes, amounts, at)
    else:
        _on_one_another(axes, amounts, at)
    _band(axes, figure, shown, at)
    for series, ink in zip(shown, inks(shown), strict=True):
        if series.role in ("line", "limit"):
            _line(axes, figure, series, ink, at)
    axes.set_ylabel(scale.words)
    axes.yaxis.set_major_formatter(lambda value, _: _tick(value, scale))
    if amounts:
        axes.axhline(0, color=INK, linewidth=0.8)


def _tick(value: float, scale: Scale) -> str:
    text = f"{value / scale.unit:,.2f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace("-", "\N{MINUS SIGN}")


def _numbers(series: Series) -> Floats:
    return np.array([np.nan if value is None else value for value in series.numbers], dtype=float)


def _on_one_another(axes: Axes, amounts: list[tuple[Series, Ink]], at: Places) -> None:
    """What is positive stands on top of one another, what is negative hangs below; time has no gaps."""
    above, below = np.zeros(len(at.left)), np.zeros(len(at.left))
    for series, ink in amounts:
        values = np.nan_to_num(_numbers(series))
        base = np.where(values >= 0, above, below)
        look: dict[str, Any] = {"color": ink.colour, "hatch": ink.hatch, "edgecolor": "white", "linewidth": 0.0}
        look["label"] = short(series.name)
        if at.is_time:
            axes.stairs(base + values, at.edges, baseline=base, fill=True, **look)
        else:
            axes.bar(at.left, values, at.width * 0.96, base, align="edge", **look)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)


def _side_by_side(axes: Axes, amounts: list[tuple[Series, Ink]], at: Places) -> None:
    width = at.width * SIDE_BY_SIDE / max(1, len(amounts))
    for k, (series, ink) in enumerate(amounts):
        left = at.left + at.width * (1 - SIDE_BY_SIDE) / 2 + k * width
        axes.bar(
            left,
            _numbers(series),
            width,
            align="edge",
            color=ink.colour,
            label=short(series.name),
            hatch=ink.hatch,
            edgecolor="white",
            linewidth=0,
        )


def _band(axes: Axes, figure: Figure, shown: list[Series], at: Places) -> None:
    ends = {series.role: _numbers(series) for series in shown if series.role in ("low", "high")}
    if len(ends) < 2:
        return
    look: dict[str, Any] = {"color": "#cfe0ee", "linewidth": 0, "label": BAND}
    if figure.x_name == FROM_MONTH:
        low, high = (np.append(values, values[-1]) for values in (ends["low"], ends["high"]))
        axes.fill_between(at.edges, low, high, step="post", **look)
    else:
        axes.fill_between(_points(figure, at), ends["low"], ends["high"], **look)


def _points(figure: Figure, at: Places) -> Floats:
    """Where numbers hold, (X,): at the end of their period, or in the middle of their place."""
    return at.edges[1:] if figure.x_name == END_OF_MONTH else at.middle


def _line(axes: Axes, figure: Figure, series: Series, ink: Ink, at: Places) -> None:
    values = _numbers(series)
    if series.role == "limit":
        colour = ink.colour if series.key else INK
        axes.stairs(
            values,
            at.edges,
            baseline=None,
            color=colour,
            linewidth=1.4,
            linestyle=(0, (4, 2)),
            label=short(series.name),
        )
    elif figure.x_name in (HOURS, FROM_MONTH):
        axes.stairs(values, at.edges, baseline=None, color=ink.colour, linewidth=1.4, label=short(series.name))
    else:
        colour = INK if figure.kind in ("stacked", "bars") else ink.colour
        marker = "o" if len(values) <= 24 else ""
        points = _points(figure, at)
        axes.plot(points, values, color=colour, linewidth=2, marker=marker, markersize=4, label=short(series.name))
