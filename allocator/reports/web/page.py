"""A report as one HTML file: a template that escapes all text, the style sheet, and plotly.js within."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from allocator.reports.assumptions import Assumptions
from allocator.reports.figure import WRITTEN, Cell, Column, Figure, Listing, Piece, Section, Timeline
from allocator.reports.scales import Scale, money
from allocator.reports.time_axis import MONTHS, count
from allocator.reports.web.charts import PALETTE, chart
from allocator.reports.web.report import Decision, Report
from allocator.reports.words import unit_words, written

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NEEDS = 'web pages need the extra `reports`: pip install "dc-workload-allocator[reports]"'
MOST_ROWS = 26
"""Rows up to which a list stands open."""
WIDE_COLUMNS, MOST_COLUMNS = 4, 9
LONG_TEXT, LONG_WORD = 44, 26
LONG_NAME = 18
"""Letters of a step's name beyond which a waterfall takes the whole width: names would leave no room for its bars."""
MOST_LETTERS = 70
"""Letters of all names under the bars of a chart that takes half a page."""
FAINTEST = 0.08
"""How dark the least cell of a map is that begins there."""
OPEN_DEPTH = 2
"""Steps of a decision tree up to which it stands open."""
TOLD_BY_NUMBERS = ("USD", "USD/unit", "share", WRITTEN)
"""Units that stand beside each number, and so not in heads."""
_DATE = re.compile(r"\b\d{4}-\d{2}(-\d{2}( \d{2}:\d{2})?)?\b")


class WebPageMissingError(RuntimeError):
    """The library that fills templates is not installed."""


def html_page(report: Report) -> str:
    """The whole page; equal reports give equal pages.

    Raises:
        WebPageMissingError: the extra `reports` is not installed.
    """
    environment = _environment()
    page = environment.get_template("page.html.jinja").render(report=report, **_parts())
    return page + "\n"


def _environment() -> Environment:
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise WebPageMissingError(NEEDS) from error
    made = Environment(loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined)
    made.globals.update(_FUNCTIONS)
    return made


def _read(name: str) -> str:
    return (files("allocator.reports.web") / name).read_text(encoding="utf-8")


def _parts() -> Mapping[str, object]:
    """Own files of the page, which are no text of a scenario and stand as they are."""
    from markupsafe import Markup

    read = {"css": "page.css", "script": "page.js", "plotly": "plotly-basic.min.js"}
    return {name: Markup(_read(file)) for name, file in read.items()}


def _json(value: object) -> object:
    """JSON within a script element: no character that could end it."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _kind(piece: Piece) -> str:
    if isinstance(piece, Figure):
        return "heatmap" if piece.kind == "heatmap" else "chart"
    return "timeline" if isinstance(piece, Timeline) else "list"


def _is_wide(piece: Piece) -> bool:
    """Whether a piece takes the whole width of a page."""
    if isinstance(piece, Listing):
        return len(piece.columns) > WIDE_COLUMNS or any(
            isinstance(v, str) and len(v) > 60 for r in piece.rows for v in r
        )
    return (
        isinstance(piece, Timeline)
        or piece.below is not None
        or piece.kind == "swings"
        or (piece.kind == "waterfall" and max(map(len, piece.x), default=0) > LONG_NAME)
        or (piece.kind == "bars" and sum(map(len, piece.x)) > MOST_LETTERS and piece.x_name not in MONTHS)
        or (piece.kind == "heatmap" and len(piece.x) > WIDE_COLUMNS)
    )


def _laid_out(section: Section) -> list[tuple[Piece, str]]:
    """Pieces with their classes, two beside one another; the last figure is wide where one would be left over."""
    wide = [_is_wide(piece) for piece in section.pieces]
    drawn = [k for k, piece in enumerate(section.pieces) if not wide[k] and not isinstance(piece, Listing)]
    if wide.count(False) % 2 and drawn:
        wide[drawn[-1]] = True
    looks = (" wide" if is_wide else "" for is_wide in wide)
    return [(piece, look + _paper(piece)) for piece, look in zip(section.pieces, looks, strict=True)]


def _dense(found: Listing) -> str:
    """Class of a table with so many columns that it needs narrow ones."""
    return " dense" if len(found.columns) > MOST_COLUMNS else ""


def _paper(piece: Piece) -> str:
    """How a piece is printed: lists that stand closed not at all, other long ones over several pages."""
    rows = len(piece.rows) if isinstance(piece, Listing) else 0
    return " screen" if rows > MOST_ROWS else " tall" if rows > MOST_ROWS // 2 else ""


def _whole_dates(words: str) -> Markup:
    """The text with months and dates that do not break at the end of a line."""
    from markupsafe import Markup, escape

    return Markup(_DATE.sub(r'<span class="whole">\g<0></span>', str(escape(words))))


def _month_columns(piece: Timeline) -> str:
    """Columns of a timeline, as wide as its periods are long."""
    at = [count(month) for month in (*piece.periods, piece.end)]
    return " ".join(f"minmax(0, {after - before}fr)" for before, after in pairwise(at))


def _is_number(value: Cell, column: Column) -> bool:
    return isinstance(value, int | float) or value is None or column.unit == WRITTEN


def _breakable(name: str) -> Markup:
    """A head that may break after the underscores of a path, so that long ones do not stretch their column."""
    from markupsafe import Markup

    return Markup("_<wbr>").join(name.split("_"))


def _is_brief(words: str) -> bool:
    """Whether a text of several words is kept on one line: a column of them would make every row tall."""
    return len(words) <= LONG_WORD


def _is_long(words: str) -> bool:
    """Whether a text may break anywhere: long ones, and those with a word that fits no column."""
    return len(words) > LONG_TEXT or any(len(word) > LONG_WORD for word in words.split())


def _numeric(table: Listing, position: int) -> bool:
    """Whether a column holds numbers alone."""
    return bool(table.rows) and all(_is_number(row[position], table.columns[position]) for row in table.rows)


def _depth(piece: Figure, value: float | None) -> str:
    """How dark a cell is: up to the largest number of the map; a second colour below nothing.

    Megawatts begin at nothing; values and shares that are all above it at their least, so that a map shows them apart.
    """
    if value is None:
        return ""
    known = [v for s in piece.series for v in s.numbers if v is not None]
    most, least = max(map(abs, known)), min(known)
    colour = "; --heat: var(--bad)" if value < 0 else ""
    if least <= 0 or most == least or piece.unit == "MW":
        return f"--depth: {abs(value) / most if most else 0:.3f}{colour}"
    return f"--depth: {FAINTEST + (1 - FAINTEST) * (value - least) / (most - least):.3f}"


def _tint(piece: Timeline, state: str) -> str:
    """Colour of a state: each fit-out its own, in the order in which they come."""
    states = list(
        dict.fromkeys(s.state for row in piece.rows for s in row.spans if s.state not in ("converting", "closed"))
    )
    return PALETTE[states.index(state) % len(PALETTE)] if state in states else "c5"


def _marks(piece: Timeline) -> list[tuple[int, int, str]]:
    """Years over a timeline: first column, columns, words."""
    years = [period[:4] for period in piece.periods]
    return [(years.index(year) + 1, years.count(year), year) for year in dict.fromkeys(years)]


def _quiet(step: Decision) -> bool:
    """Whether nothing is done here and later."""
    return not step.actions and all(_quiet(way) for way in step.ways)


def _assumption_lists(found: Assumptions) -> list[Listing]:
    lists = []
    if found.equipment:
        rows = tuple((one.name, one.catalogue, one.confidence, one.stated, one.source) for one in found.equipment)
        heads = tuple(map(Column, ("model", "catalogue", "confidence", "stated in the scenario", "source")))
        lists.append(Listing("equipment", "Machines", "Where figures of machines come from.", heads, rows))
    figures = tuple((one.place, ", ".join(map(_value, one.values)), one.note) for one in found.figures)
    heads = tuple(map(Column, ("place", "value", "note")))
    lists.append(
        Listing("figures", "Figures of the scenario", "Every figure as the scenario states it.", heads, figures)
    )
    return lists


def _value(value: object) -> str:
    return (
        f"{value:,.10g}"
        if isinstance(value, float)
        else "yes"
        if value is True
        else "no"
        if value is False
        else str(value)
    )


def _scale(piece: Figure) -> Scale:
    """One unit for all dollars of a map."""
    return money(np.array([v for s in piece.series for v in s.numbers if v is not None], dtype=float))


def _heat_cell(piece: Figure, value: float | None) -> str:
    return _scale(piece).written(value) if piece.unit == "USD" and value is not None else written(value, piece.unit)


def _heat_unit(piece: Figure) -> str:
    return _scale(piece).words if piece.unit == "USD" else "" if piece.unit == "share" else unit_words(piece.unit)


_FUNCTIONS: dict[str, Any] = {
    "written": written,
    "is_long": _is_long,
    "is_brief": _is_brief,
    "breakable": _breakable,
    "unit_words": unit_words,
    "is_number": _is_number,
    "numeric": _numeric,
    "kind": _kind,
    "laid_out": _laid_out,
    "paper": _paper,
    "dense": _dense,
    "whole_dates": _whole_dates,
    "month_columns": _month_columns,
    "told_by_numbers": TOLD_BY_NUMBERS,
    "open_depth": OPEN_DEPTH,
    "chart": chart,
    "json": _json,
    "depth": _depth,
    "tint": _tint,
    "marks": _marks,
    "quiet": _quiet,
    "state_class": lambda state: state if state in ("converting", "closed") else "",
    "heat_cell": _heat_cell,
    "heat_unit": _heat_unit,
    "assumption_lists": _assumption_lists,
    "most_rows": MOST_ROWS,
}
