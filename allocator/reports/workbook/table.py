"""Sheets that list rows under headings with units, with a filter and sums that follow it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allocator.reports.workbook.book import Book, Sheet, at, span

HEAD, FIRST_ROW = 3, 4


@dataclass(frozen=True)
class Col:
    """One column: key of the rows, heading with its unit, kind of figure ("" is text), width.

    Attributes:
        total: added up below the rows.
        formula: over other columns of the row, "{power_usd}/{mwh}"; then the rows hold its value.
    """

    key: str
    heading: str
    kind: str = ""
    width: float = 14.0
    total: bool = False
    formula: str = ""


@dataclass(frozen=True)
class Listed:
    """A table that was written: its sheet, and the range of each column."""

    sheet: Sheet
    columns: Mapping[str, str]
    sums: Mapping[str, float]

    def total(self, key: str) -> str:
        """Formula of the sum of a column, whatever the filter shows."""
        return f"SUM({self.sheet.reference(self.columns[key])})"


Row = Mapping[str, object]


def listed(book: Book, name: str, title: str, note: str, columns: Sequence[Col], rows: Sequence[Row]) -> Listed:
    """A new sheet with one table."""
    sheet = book.sheet(name, title, note)
    for k, column in enumerate(columns):
        sheet.heading(HEAD, k, column.heading, "right" if column.kind else "left")
        sheet.page.set_column(k, k, column.width)
    sheet.page.set_row(HEAD, 40)
    place = {column.key: k for k, column in enumerate(columns)}
    for number, row in enumerate(rows):
        for k, column in enumerate(columns):
            _cell(sheet, FIRST_ROW + number, k, column, row, place)
    last = FIRST_ROW + len(rows) - 1
    ranges = {key: span(FIRST_ROW, k, max(FIRST_ROW, last), k) for key, k in place.items()}
    totals = {column.key: _sum(rows, column.key) for column in columns if column.total}
    if rows:
        sheet.page.autofilter(HEAD, 0, last, len(columns) - 1)
        _totals(sheet, last + 1, columns, ranges, totals)
    else:
        sheet.text(FIRST_ROW, 0, "none", font_color="#66727f")
    sheet.page.freeze_panes(FIRST_ROW, 1)
    sheet.printed(1, HEAD)
    return Listed(sheet, ranges, totals)


def _cell(sheet: Sheet, row: int, k: int, column: Col, values: Row, place: Mapping[str, int]) -> None:
    value = values.get(column.key)
    if column.formula:
        cells = {key: at(row, other) for key, other in place.items()}
        worth = value if isinstance(value, float | int | str) else None
        sheet.formula(row, k, "=" + column.formula.format(**cells), worth, column.kind)
    elif not column.kind:
        sheet.text(row, k, "" if value is None else str(value), text_wrap=column.width >= 40, valign="top")
    else:
        sheet.number(row, k, float(value) if isinstance(value, float | int) else None, column.kind, valign="top")


def _totals(
    sheet: Sheet, row: int, columns: Sequence[Col], ranges: Mapping[str, str], totals: Mapping[str, float]
) -> None:
    if not totals:
        return
    sheet.text(row, 0, "Sum of the rows shown", bold=True, top=1)
    for k, column in enumerate(columns):
        if column.total:
            formula = f"=SUBTOTAL(109,{ranges[column.key]})"
            sheet.formula(row, k, formula, totals[column.key], column.kind, bold=True, top=1)


def _sum(rows: Sequence[Row], key: str) -> float:
    return math.fsum(float(value) for row in rows if isinstance(value := row.get(key), float | int))
