"""Writes the workbook that people fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from allocator.scenario.places import path_text
from allocator.scenario.sheets.cells import written
from allocator.scenario.sheets.leaves import Leaf
from allocator.scenario.sheets.sections import (
    DESCRIBED_ROW,
    FIRST_ROW,
    FORM,
    FORMS,
    GROWTH,
    KEY_ROW,
    NOTES,
    PATHS_FIRST,
    PATHS_SHEET,
    SECTIONS,
    SERIES,
    VALUE,
    Section,
    price_paths,
)
from allocator.scenario.value_paths import value_at

ROWS_TO_FILL = 500
"""Rows below the headings in which cells offer their choices."""
LISTS = "Lists"
HOW = "One row an entry. Columns left empty are not stated; lists stand in one cell, with ; between members."


def write_template(document: Mapping[str, Any], path: FilePath) -> None:
    """Write a workbook with the contracts, fleets, loans and price paths of a document; {} for an empty one.

    Raises:
        ModuleNotFoundError: the library that writes workbooks is not installed. OSError: it cannot be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(str(path), plain)
    try:
        lists = _Lists(document)
        for section in SECTIONS:
            _section(book, section, document.get(section.key) or [], lists)
        _paths(book, document)
        lists.write(book)
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


class _Lists:
    """Names that cells of a column may hold, on a sheet of their own."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        sites = [site for site in document.get("sites") or [] if isinstance(site, dict)]
        halls = [str(hall["name"]) for site in sites for hall in site.get("halls") or [] if "name" in hall]
        hosts = [str(one["name"]) for one in document.get("hosting") or [] if isinstance(one, dict) and "name" in one]
        self.names = {
            "equipment": [str(name) for name in document.get("equipment") or {}],
            "hall": [*halls, *hosts, "storage"] if halls or hosts else [],
        }

    def source(self, key: str) -> str | None:
        """Range of the names of a column."""
        names = self.names.get(key)
        column = "AB"[list(self.names).index(key)] if names else ""
        return f"={LISTS}!${column}$2:${column}${len(names) + 1}" if names else None

    def write(self, book: Any) -> None:
        sheet = book.add_worksheet(LISTS)
        for column, (key, names) in enumerate(self.names.items()):
            sheet.write_string(0, column, key)
            for row, name in enumerate(names, start=1):
                sheet.write_string(row, column, name)


def _section(book: Any, section: Section, entries: Sequence[Mapping[str, Any]], lists: _Lists) -> None:
    sheet, head = book.add_worksheet(section.sheet), book.add_format({"bold": True, "bg_color": "#d5dbe1"})
    faint = book.add_format({"font_color": "#66727f", "text_wrap": True, "valign": "top", "font_size": 9})
    sheet.write_string(0, 0, f"{section.sheet} of a scenario. {HOW}", book.add_format({"bold": True}))
    sheet.set_row(DESCRIBED_ROW - 1, 75)
    for column, leaf in enumerate(section.leaves):
        sheet.write_string(DESCRIBED_ROW - 1, column, _described(leaf), faint)
        sheet.write_string(KEY_ROW - 1, column, leaf.key, head)
        _offer(sheet, column, leaf, lists)
        for row, entry in enumerate(entries, start=FIRST_ROW - 1):
            _put(sheet, row, column, _at(entry, leaf.path))
    last = len(section.leaves)
    sheet.write_string(DESCRIBED_ROW - 1, last, "For people; not read.", faint)
    sheet.write_string(KEY_ROW - 1, last, NOTES, head)
    sheet.set_column(0, last, 22)
    sheet.freeze_panes(KEY_ROW, len(section.named))


def _described(leaf: Leaf) -> str:
    only = f" Only for {', '.join(leaf.holders)}." if leaf.holders else ""
    return f"{leaf.description}{only}"


def _offer(sheet: Any, column: int, leaf: Leaf, lists: _Lists) -> None:
    source = lists.source(leaf.key) or list(leaf.choices)
    if source:
        chosen = {"validate": "list", "source": source, "error_type": "warning"}
        sheet.data_validation(FIRST_ROW - 1, column, FIRST_ROW + ROWS_TO_FILL, column, chosen)


def _paths(book: Any, document: Mapping[str, Any]) -> None:
    sheet, head = book.add_worksheet(PATHS_SHEET), book.add_format({"bold": True, "bg_color": "#d5dbe1"})
    words = "Paths of prices, a column each; the row form says which rows below it count."
    sheet.write_string(0, 0, words, book.add_format({"bold": True}))
    places = list(price_paths(document))
    for row, name in (
        (DESCRIBED_ROW, "unit"),
        (KEY_ROW, "place"),
        *enumerate((FORM, VALUE, GROWTH, SERIES), FIRST_ROW),
    ):
        sheet.write_string(row - 1, 0, name, head)
    months = 0
    for column, (place, unit) in enumerate(places, start=1):
        value = value_at(document, place)
        sheet.write_string(DESCRIBED_ROW - 1, column, unit)
        sheet.write_string(KEY_ROW - 1, column, path_text(place), head)
        sheet.data_validation(FIRST_ROW - 1, column, FIRST_ROW - 1, column, {"validate": "list", "source": list(FORMS)})
        for row, cell in _path_cells(value):
            _put(sheet, row - 1, column, cell)
        months = max(months, len(value["by_month"]) if isinstance(value, dict) and "by_month" in value else 0)
    for k, month in enumerate(_months(document, months)):
        sheet.write_string(PATHS_FIRST - 1 + k, 0, month, head)
    sheet.write_string(KEY_ROW - 1, len(places) + 1, NOTES, head)
    sheet.set_column(0, len(places), 26)
    sheet.freeze_panes(PATHS_FIRST - 1, 1)


def _path_cells(value: Any) -> list[tuple[int, Any]]:
    """(row, cell) of a path of prices."""
    form, start, growth, series = range(FIRST_ROW, FIRST_ROW + 4)
    if not isinstance(value, dict):
        return [(form, "number"), (start, value)]
    if "by_month" in value:
        return [(form, "by_month"), *enumerate(value["by_month"], start=PATHS_FIRST)]
    if "series" in value:
        return [(form, "series"), (series, value["series"])]
    return [(form, "growth"), (start, value["start"]), (growth, value["growth_per_year"])]


def _horizon(document: Mapping[str, Any]) -> int:
    horizon = document.get("horizon")
    return int(horizon["months"]) if isinstance(horizon, dict) and "months" in horizon else 0


def _months(document: Mapping[str, Any], least: int) -> list[str]:
    """Calendar months from the start of the horizon, as many as it or a path has."""
    horizon = document.get("horizon")
    if not isinstance(horizon, dict):
        return []
    year, month = (int(part) for part in str(horizon["start"])[:7].split("-"))
    count = max(least, _horizon(document))
    return [f"{year + (month - 1 + k) // 12:04d}-{(month - 1 + k) % 12 + 1:02d}" for k in range(count)]


def _at(entry: Any, path: tuple[str, ...]) -> Any:
    """The plain value at a place of an entry; None where there is none, or a mapping."""
    for key in path:
        if not isinstance(entry, dict) or key not in entry:
            return None
        entry = entry[key]
    return None if isinstance(entry, dict) else entry


def _put(sheet: Any, row: int, column: int, value: Any) -> None:
    """A cell of plain data; text is never a formula."""
    if value is None:
        return
    cell = written(value)
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    else:
        sheet.write_number(row, column, cell)
