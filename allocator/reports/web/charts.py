"""Figures as charts for plotly.js: traces and layout as plain data.

A colour is written var(--name): the page puts in what its style sheet says, so that charts follow light, dark and
print. Names are text: plotly.js reads a little markup in texts, so all of it is escaped.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from allocator.reports.figure import Figure, Series
from allocator.reports.scales import Scale, money
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
PALETTE = ("c2", "c1", "c3", "c4", "c5", "c6", "c7", "c8")
LONGEST_NAME = 32
PIXELS, PIXELS_BELOW, PIXELS_A_STEP, PIXELS_AROUND = 330, 130, 34, 70
MONTHS, HOURS = ("from month", "end of month", "month"), "hour (UTC)"
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
    return _steps(figure) if figure.kind == "waterfall" else _over_x(figure)


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
            "rangemode": "tozero" if part.kind in ("stacked", "bars") else "normal",
        }
    if len(parts) > 1:
        layout["xaxis"]["anchor"] = "y2"
    return {"data": data, "layout": layout, "height": PIXELS + (PIXELS_BELOW if figure.below else 0)}


def _x_axis(figure: Figure) -> Chart:
    if figure.x_name in MONTHS:
        return {"type": "date", "tickformat": "%b\n%Y", "hoverformat": "%B %Y", "nticks": 9}
    if figure.x_name == HOURS and _is_even(figure.x):
        return {"type": "date", "tickformat": "%a\n%d %b", "hoverformat": "%a %d %b %Y %H:%M UTC", "nticks": 8}
    title = "" if figure.x_name == "year" else figure.x_name
    return {"type": "category", "nticks": 10, "title": {"text": text(title), "standoff": 8}}


def _is_even(x: Sequence[str]) -> bool:
    at = [datetime.fromisoformat(label) for label in x]
    return len({(b - a) for a, b in pairwise(at)}) <= 1


def _traces(figure: Figure, unit: _Unit) -> list[Chart]:
    free = iter(PALETTE * (1 + len(figure.series)))
    made: list[Chart] = []
    for series in figure.series:
        if series.role == "beside":
            continue
        colour = COLOURS.get(series.key) or ("ink" if series.role == "limit" else next(free))
        made.append(
            {**_trace(figure, series, f"var(--{colour})"), "y": unit.of(series.numbers), "hovertemplate": unit.hover}
        )
    return made


def _trace(figure: Figure, series: Series, colour: str) -> Chart:
    base: Chart = {"name": text(series.name), "x": _starts(figure)}
    if series.role == "amount":
        return {**base, "type": "bar", "marker": {"color": colour}, **_widths(figure)}
    if series.role == "low":
        return {**base, "type": "scatter", "mode": "lines", "line": {"width": 0}, "showlegend": False}
    if series.role == "high":
        line = {"width": 0}
        fill = {"fill": "tonexty", "fillcolor": "var(--band)"}
        return {**base, "type": "scatter", "mode": "lines", "line": line, "name": "90 % of futures", **fill}
    dash = {"dash": "dash", "width": 1.6} if series.role == "limit" else {"width": 2.2}
    shape = "hv" if figure.x_name == HOURS or (series.role == "limit" and figure.kind != "bars") else "linear"
    mode = "lines+markers" if figure.x_name not in (*MONTHS, HOURS) and series.role == "line" else "lines"
    return {
        **base,
        "type": "scatter",
        "mode": mode,
        "line": {"color": colour, "shape": shape, **dash},
        "marker": {"color": colour},
    }


def _starts(figure: Figure) -> list[str]:
    """Places on the axis: days of months, hours, or labels."""
    if figure.x_name in MONTHS:
        return [f"{month}-01" for month in figure.x]
    return list(figure.x) if figure.x_name == HOURS else [text(label) for label in figure.x]


def _widths(figure: Figure) -> Chart:
    """Bars of months last as long as their periods do, where they stand on one another."""
    beside = sum(series.role == "amount" for series in figure.series) > 1 and figure.kind != "stacked"
    if beside or len(figure.x) < 2:
        return {}
    if figure.x_name in MONTHS:
        at = [datetime.fromisoformat(f"{month}-01") for month in figure.x]
        length = [b - a for a, b in pairwise(at)]
        return {"offset": 0, "width": [0.94 * one / timedelta(milliseconds=1) for one in [*length, length[-1]]]}
    if figure.x_name == HOURS and _is_even(figure.x):
        step = datetime.fromisoformat(figure.x[1]) - datetime.fromisoformat(figure.x[0])
        return {"offset": 0, "width": step / timedelta(milliseconds=1)}
    return {}


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
        "y": [text(name, 24) for name in figure.x],
        "x": unit.of(steps),
        "base": unit.of(bases),
        "text": words,
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "marker": {"color": [f"var(--{name})" for name in tone]},
        "hovertemplate": f"%{{y}}: %{{text}} {unit.words}<extra></extra>",
    }
    low = min(0.0, *(min(b, b + s) for b, s in zip(bases, steps, strict=True)))
    high = max(0.0, *(max(b, b + s) for b, s in zip(bases, steps, strict=True)))
    room = 0.2 * (high - low)
    layout: Chart = {
        "xaxis": {
            "title": {"text": unit.words},
            "range": [(low - room) / unit.factor, (high + room) / unit.factor],
            "nticks": 6,
        },
        "yaxis": {"autorange": "reversed", "type": "category"},
        "showlegend": False,
        "hovermode": "closest",
    }
    return {"data": [trace], "layout": layout, "height": PIXELS_AROUND + PIXELS_A_STEP * len(steps)}
