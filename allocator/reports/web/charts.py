"""Figures as charts for plotly.js: traces and layout as plain data.

A colour is written var(--name): the page puts in what its style sheet says, so that charts follow light, dark and
print. Names are text: plotly.js reads a little markup in texts, so all of it is escaped.
"""

from __future__ import annotations

import html
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from allocator.reports.ambient import TEMPERATURE
from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Figure, Series
from allocator.reports.scales import Scale, money
from allocator.reports.time_axis import HOURS, MONTHS, edges, runs, step_months
from allocator.reports.words import unit_words

Chart = dict[str, Any]
"""What plotly.js draws: `data`, `layout` and the height in pixels."""

COLOURS: Mapping[str, str] = {
    "mining": "c1",
    "ai_colocation": "c2",
    "gpu_cloud": "c3",
    "no_load": "c5",
    "battery": "c4",
    "reserves": "c4",
    "work": "c6",
    "cash": "c2",
    "treasury": "c1",
    "pledged": "c3",
    "sold": "c7",
    "ebitda": "c2",
    "conversions": "c3",
    "after": "c5",
    "air": "c4",
    "liquid": "c2",
    "worst": "bad",
}
LINE_LETTERS = 11
"""Letters of a line under a bar; longer names go on in a second one."""
PALETTE = ("c2", "c1", "c3", "c4", "c5", "c6", "c7", "c8")
LONGEST_NAME = 32
PIXELS, PIXELS_BELOW, PIXELS_A_STEP, PIXELS_AROUND = 330, 130, 34, 70
PIXELS_LEGEND = 30
MOST_TEMPERATURES, MOST_MONTHS = 6, 8
BAR_SHARE, ROOM_SHARE = 0.94, 0.22
"""Share of its place that a bar takes, and of a waterfall's width that stays free for its last numbers."""
LEFT_TO_RIGHT_ISOLATE, POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def text(name: str, longest: int = LONGEST_NAME) -> str:
    """A name for a chart: short, without markup, and within its own direction of writing."""
    short = name if len(name) <= longest else name[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
    plain = html.escape(short, quote=False)
    if any(unicodedata.bidirectional(letter) in ("R", "AL", "RLE", "RLO", "RLI") for letter in short):
        return LEFT_TO_RIGHT_ISOLATE + plain + POP
    return plain


def chart(figure: Figure) -> Chart:
    """The chart of a figure; those of kind heatmap are drawn as tables instead."""
    return {"waterfall": _steps, "swings": _swings}.get(figure.kind, _over_x)(figure)


class _Unit:
    """How numbers of a figure are drawn: factor, words of the axis, format of the hover."""

    def __init__(self, unit: str, series: Sequence[Series]) -> None:
        known = [abs(v) for s in series if s.role != "beside" for v in s.numbers if v is not None]
        scale = (
            money(np.array(known, dtype=float)) if unit == "USD" else Scale(0.01 if unit == "share" else 1.0, 1, "", "")
        )
        self.factor = scale.unit
        self.words = scale.words if unit == "USD" else unit_words(unit)
        decimals = scale.decimals if unit == "USD" else 0 if known and max(known) >= 1e4 else 1
        self.hover = f"%{{y:,.{decimals}f}} {self.words}"
        self.decimals = decimals

    def of(self, numbers: Sequence[float | None]) -> list[float | None]:
        """Numbers in that unit, with six digits."""
        return [None if v is None else float(f"{v / self.factor:.6g}") for v in numbers]


def _over_x(figure: Figure) -> Chart:
    parts = [figure, *([figure.below] if figure.below else [])]
    data: list[Chart] = []
    layout: Chart = {"barmode": "relative" if figure.kind == "stacked" else "group", "xaxis": _x_axis(figure)}
    for k, part in enumerate(parts):
        axis = "y" if k == 0 else "y2"
        unit = _Unit(part.unit, part.series)
        data += [{**trace, "yaxis": axis, "xaxis": "x"} for trace in _traces(part, unit)]
        layout["yaxis" if k == 0 else "yaxis2"] = {
            "title": {"text": unit.words, "standoff": 6},
            "domain": [0.0, 1.0] if len(parts) == 1 else [0.36, 1.0] if k == 0 else [0.0, 0.26],
            "rangemode": "tozero" if part.kind in ("stacked", "bars") or part.unit == "USD/MWh" else "normal",
        }
    if len(parts) > 1:
        layout["xaxis"]["anchor"] = "y2"
    if figure.x_name == HOURS:
        layout |= {"bargap": 0, "shapes": _cuts(figure)}
    return {"data": data, "layout": layout, "height": PIXELS + (PIXELS_BELOW if figure.below else 0)}


def _x_axis(figure: Figure) -> Chart:
    if figure.x_name in MONTHS:
        ends = edges(figure)
        limits = [_day(ends[0]), _day(ends[-1])]
        marks = {"tick0": limits[0], "dtick": f"M{step_months((ends[-1] - ends[0]) / MOST_MONTHS)}"}
        return {"type": "date", "tickformat": "%b\n%Y", "hoverformat": "%B %Y", "range": limits, **marks}
    if figure.x_name == HOURS:
        return _hours_axis(figure.x)
    axis: Chart = {"type": "category", "nticks": 10, "title": {"text": "", "standoff": 8}}
    if figure.kind == "bars" and max(map(len, figure.x)) > LINE_LETTERS:
        axis |= {"tickvals": list(range(len(figure.x))), "ticktext": list(map(_lines, figure.x))}
    if figure.x_name == TEMPERATURE:
        axis |= {"nticks": MOST_TEMPERATURES, "tickangle": 0}
    return axis if figure.x_name == "year" else {**axis, "title": {**axis["title"], "text": text(figure.x_name)}}


def _hours_axis(x: Sequence[str]) -> Chart:
    """Hours that follow one another as dates; days that do not, side by side, each named where it begins."""
    begins = runs(x) if len(x) > 1 else [0]
    if len(begins) == 1:
        return {
            "type": "date",
            "tickformat": "%a\n%d %b",
            "hoverformat": "%a %d %b %Y %H:%M UTC",
            "nticks": 8,
            "tickangle": 0,
        }
    days = [f"{datetime.fromisoformat(x[k]):%d %b}".removeprefix("0") for k in begins]
    return {"type": "category", "tickvals": begins, "ticktext": days, "tickangle": 0, "title": {"text": HOURS}}


def _lines(name: str) -> str:
    """A name in several short lines."""
    return "<br>".join(text(line) for line in textwrap.wrap(name, LINE_LETTERS) or [""])


def _cuts(figure: Figure) -> list[Chart]:
    """Lines between days that do not follow one another."""
    begins = runs(figure.x)[1:] if len(figure.x) > 1 else []
    line = {"color": "var(--faint)", "width": 1, "dash": "dot"}
    return [
        {"type": "line", "x0": k - 0.5, "x1": k - 0.5, "y0": 0, "y1": 1, "yref": "paper", "line": line} for k in begins
    ]


def _day(months: int, before: int = 0) -> str:
    """The first day of a month counted from year 0, or some days before it."""
    first = np.datetime64(f"{months // 12:04d}-{months % 12 + 1:02d}-01")
    return str(first - np.timedelta64(before, "D"))


def _traces(figure: Figure, unit: _Unit) -> list[Chart]:
    free = iter(PALETTE * (1 + len(figure.series)))
    shown = [series for series in figure.series if series.role != "beside"]
    amounts = [series for series in shown if series.role == "amount"]
    made: list[Chart] = []
    for series in shown:
        colour = COLOURS.get(series.key) or ("ink" if series.role == "limit" else next(free))
        numbers, x = unit.of(series.numbers), _places(figure)
        trace: Chart = {
            "name": text(series.name),
            "hovertemplate": unit.hover,
            **_look(figure, series, f"var(--{colour})"),
        }
        if series.role == "amount":
            beside = amounts if figure.kind == "bars" else [series]
            trace |= _widths(figure, beside.index(series), len(beside))
        elif figure.x_name == FROM_MONTH:
            numbers, x = [*numbers, numbers[-1]], [*x, _day(edges(figure)[-1])]
        made.append({**trace, "x": x, "y": numbers})
    return made


def _look(figure: Figure, series: Series, colour: str) -> Chart:
    if series.role == "amount":
        return {"type": "bar", "marker": {"color": colour}}
    shape = "hv" if figure.x_name in (HOURS, FROM_MONTH) else "linear"
    if series.role in ("low", "high"):
        band = {"type": "scatter", "mode": "lines", "line": {"width": 0, "shape": shape}}
        if series.role == "low":
            return {**band, "showlegend": False}
        return {**band, "name": "90 % of futures", "fill": "tonexty", "fillcolor": "var(--band)"}
    dash = {"dash": "dash", "width": 1.6} if series.role == "limit" else {"width": 2.2}
    mode = "lines+markers" if figure.x_name not in (*MONTHS, HOURS) and series.role == "line" else "lines"
    line = {"color": colour, "shape": shape, **dash}
    return {"type": "scatter", "mode": mode, "line": line, "marker": {"color": colour}}


def _places(figure: Figure) -> list[str] | list[int]:
    """Places on the axis: days of months, hours, positions of hours that do not follow one another, or labels."""
    if figure.x_name == FROM_MONTH:
        return [_day(month) for month in edges(figure)[:-1]]
    if figure.x_name == END_OF_MONTH:
        return [_day(month, before=1) for month in edges(figure)[1:]]
    if figure.x_name == HOURS:
        return list(figure.x)
    return [text(label) for label in figure.x]


def _widths(figure: Figure, place: int, count: int) -> Chart:
    """Bars last as long as their periods do; those beside one another share that time."""
    if figure.x_name == HOURS and len(figure.x) > 1 and len(runs(figure.x)) == 1:
        step = np.datetime64(figure.x[1]) - np.datetime64(figure.x[0])
        return {"offset": 0, "width": float(step / np.timedelta64(1, "ms"))}
    if figure.x_name not in MONTHS:
        return {}
    days = [np.datetime64(_day(month)) for month in edges(figure)]
    lasts = [float((after - before) / np.timedelta64(1, "ms")) for before, after in pairwise(days)]
    begin = -1.0 if figure.x_name == END_OF_MONTH else 0.0
    offsets = [(begin + BAR_SHARE * place / count) * one for one in lasts]
    return {"offset": offsets, "width": [BAR_SHARE * one / count for one in lasts]}


def _steps(figure: Figure) -> Chart:
    """A waterfall from above to below: what adds, what takes away, and the total."""
    steps = [value or 0.0 for value in figure.series[0].numbers]
    unit = _Unit(figure.unit, figure.series[:1])
    bases = [0.0]
    for step in steps[:-2]:
        bases.append(bases[-1] + step)
    bases.append(0.0)
    tone = ["good" if step >= 0 else "bad" for step in steps[:-1]] + ["c2"]
    words = [f"{step / unit.factor:,.{unit.decimals}f}".replace("-", "\N{MINUS SIGN}") for step in steps]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [text(name) for name in figure.x],
        "x": unit.of(steps),
        "base": unit.of(bases),
        "text": words,
        "textposition": "none",
        "marker": {"color": [f"var(--{name})" for name in tone]},
        "hovertemplate": f"%{{y}}: %{{text}} {unit.words}<extra></extra>",
    }
    tops = [max(base, base + step) / unit.factor for base, step in zip(bases, steps, strict=True)]
    low, high = min(0.0, *(min(b, b + s) / unit.factor for b, s in zip(bases, steps, strict=True))), max(0.0, *tops)
    marks = [
        {"x": top, "y": row, "text": said, "showarrow": False, "xanchor": "left", "xshift": 2}
        for row, (top, said) in enumerate(zip(tops, words, strict=True))
    ]
    limits = [low - 0.03 * (high - low), high + ROOM_SHARE * (high - low)]
    layout: Chart = {
        "xaxis": {"title": {"text": unit.words}, "range": limits, "nticks": 6},
        "yaxis": {"autorange": "reversed", "type": "category"},
        "annotations": marks,
        "showlegend": False,
        "hovermode": "closest",
    }
    return {"data": [trace], "layout": layout, "height": PIXELS_AROUND + PIXELS_A_STEP * len(steps)}


def _swings(figure: Figure) -> Chart:
    """Changes to both sides of nothing, one row a cause, from above to below."""
    unit = _Unit(figure.unit, figure.series)
    shown = [series for series in figure.series if series.role != "beside"]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": text(series.name),
            "y": [text(name) for name in figure.x],
            "x": unit.of(series.numbers),
            "marker": {"color": f"var(--{COLOURS[series.key]})", "opacity": 0.85},
            "hovertemplate": f"%{{y}}: %{{x:,.{unit.decimals}f}} {unit.words}",
        }
        for series in shown
    ]
    layout: Chart = {
        "barmode": "overlay",
        "xaxis": {"title": {"text": unit.words}, "nticks": 6},
        "yaxis": {"autorange": "reversed", "type": "category"},
        "hovermode": "closest",
    }
    height = PIXELS_AROUND + PIXELS_LEGEND + PIXELS_A_STEP * len(figure.x)
    return {"data": data, "layout": layout, "height": height}
