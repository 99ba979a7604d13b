"""Reads a filled-in workbook: plain data of each section, and the cell that every value stands in."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import shown, suggestion
from allocator.scenario.sheets.cells import cell_value, number, text
from allocator.scenario.sheets.leaves import Leaf
from allocator.scenario.sheets.sections import (
    FIRST_ROW,
    FORMS,
    KEY_ROW,
    NOTES,
    PATHS_FIRST,
    PATHS_SHEET,
    SECTIONS,
    Section,
)
from allocator.scenario.value_paths import split_path
from allocator.scenario.yaml_reader import Path

MOST_ROWS, MOST_COLUMNS = 20_000, 1_000


@dataclass
class Filled:
    """What a workbook says.

    Attributes:
        values: lists of entries by section, and values of price paths, by place in the document.
        cells: where each value stands, for faults. faults: what cannot be read.
        first_month, first_month_at: the month beside the first value of price paths, and its cell.
    """

    values: dict[Path, Any] = field(default_factory=dict)
    cells: dict[Path, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    first_month: str | None = None
    first_month_at: str = ""


def read_filled(path: FilePath) -> Filled:
    """Read a workbook; a sheet that is missing or has no rows says nothing of its section.

    Raises:
        ScenarioFaults: it is no workbook, or has none of the sheets. ModuleNotFoundError: the library that reads
            workbooks is not installed.
    """
    said, stored = _opened(path, formulas=True), _opened(path, formulas=False)
    known = [section.sheet for section in SECTIONS] + [PATHS_SHEET]
    if not set(known) & set(said.sheetnames):
        fix = "begin with allocator template-xlsx"
        raise ScenarioFaults([Fault(path.name, "none of the sheets", " or ".join(known), fix)])
    found = Filled()
    for section in SECTIONS:
        if section.sheet in said.sheetnames:
            _read_section(_Page(path.name, said[section.sheet], stored[section.sheet], found), section)
    if PATHS_SHEET in said.sheetnames:
        _read_paths(_Page(path.name, said[PATHS_SHEET], stored[PATHS_SHEET], found))
    return found


def _opened(path: FilePath, formulas: bool) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(path, data_only=not formulas, keep_links=False)
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "a file that is no workbook (.xlsx)"
        fault = Fault(str(path), reason, "a workbook (.xlsx)", "save it as .xlsx and check the path")
        raise ScenarioFaults([fault]) from error


@dataclass
class _Page:
    """One sheet, as written and as its formulas were last worked out."""

    file: str
    said: Any
    stored: Any
    into: Filled

    def place(self, row: int, column: int) -> str:
        return f"{self.file}: {self.said.title}!{self.said.cell(row, column).coordinate}"

    def cell(self, row: int, column: int) -> Any:
        """What a cell holds, None for nothing; a formula without a stored value, or an error, is a fault."""
        said, stored = self.said.cell(row, column), self.stored.cell(row, column).value
        if said.data_type == "f" and stored is None:
            fix = "open the workbook in a spreadsheet program and save it, or write the value itself"
            self.fault(row, column, f"the formula {shown(str(said.value))} without a stored value", "a value", fix)
            return None
        if isinstance(stored, str) and self.stored.cell(row, column).data_type == "e":
            self.fault(row, column, f"the error {stored}", "a value", "correct the formula")
            return None
        return None if isinstance(stored, str) and not stored.strip() else stored

    def fault(self, row: int, column: int, found: str, expected: str, fix: str) -> None:
        self.into.faults.append(Fault(self.place(row, column), found, expected, fix))

    @property
    def rows(self) -> range:
        return range(FIRST_ROW, min(self.said.max_row, MOST_ROWS) + 1)

    @property
    def columns(self) -> range:
        return range(1, min(self.said.max_column, MOST_COLUMNS) + 1)


def _read_section(page: _Page, section: Section) -> None:
    heads = dict(_heads(page, section))
    entries: list[dict[str, Any]] = []
    for row in page.rows:
        cells = {column: cell for column in heads if (cell := page.cell(row, column)) is not None}
        if cells:
            at: Path = (section.key, len(entries))
            page.into.cells[at] = f"{page.file}: {page.said.title}, row {row}"
            entries.append(_entry(page, at, row, {heads[column]: (column, cell) for column, cell in cells.items()}))
    if entries:
        page.into.values[(section.key,)] = entries


def _entry(page: _Page, at: Path, row: int, cells: Mapping[Leaf, tuple[int, Any]]) -> dict[str, Any]:
    """One entry of the section, from its cells that hold something."""
    entry: dict[str, Any] = {}
    for leaf, (column, cell) in cells.items():
        page.into.cells[(*at, *leaf.path)] = page.place(row, column)
        if not _set(entry, leaf.path, cell_value(leaf, cell)):
            fix = f"empty this cell, or the one of {leaf.path[0]}"
            page.fault(row, column, shown(cell), f"nothing, as {leaf.path[0]} is stated otherwise", fix)
    return entry


def _heads(page: _Page, section: Section) -> Iterator[tuple[int, Leaf]]:
    """Columns that are read, with what they hold; others are faults."""
    known, seen = {leaf.key: leaf for leaf in section.leaves}, set[str]()
    for column in page.columns:
        key = page.cell(KEY_ROW, column)
        if key is None or key == NOTES:
            continue
        if key not in known:
            fix = suggestion(str(key), known)
            page.fault(KEY_ROW, column, f"the column {shown(key)}", "a column of the template", fix)
        elif key in seen:
            page.fault(KEY_ROW, column, f"the column {shown(key)} again", "each column once", "remove one of them")
        else:
            seen.add(str(key))
            yield column, known[str(key)]


def _set(entry: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    """Put a value at a place of an entry; False where another value stands on the way."""
    for key in path[:-1]:
        inner = entry.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        entry = inner
    if path[-1] in entry:
        return False
    entry[path[-1]] = value
    return True


def _read_paths(page: _Page) -> None:
    month = page.cell(PATHS_FIRST, 1)
    page.into.first_month = None if month is None else str(text(month))
    page.into.first_month_at = page.place(PATHS_FIRST, 1)
    for column in page.columns[1:]:
        place = page.cell(KEY_ROW, column)
        if place is None or place == NOTES:
            continue
        path = split_path(str(place))
        if path[:1] not in (("bitcoin",), ("gpu_rental",)):
            expected = "the place of a price path, such as bitcoin.btc_price_usd"
            page.fault(KEY_ROW, column, shown(place), expected, "correct it")
            continue
        form = page.cell(FIRST_ROW, column)
        if form not in FORMS:
            page.fault(FIRST_ROW, column, shown(form), " or ".join(FORMS), "write one of these")
            continue
        page.into.cells[path] = page.place(KEY_ROW, column)
        page.into.values[path] = _path_value(page, column, str(form), path)


def _path_value(page: _Page, column: int, form: str, path: Path) -> Any:
    start, growth, series = (FIRST_ROW + k for k in (1, 2, 3))
    if form == "number":
        page.into.cells[path] = page.place(start, column)
        return number(page.cell(start, column))
    if form == "series":
        page.into.cells[(*path, "series")] = page.place(series, column)
        return {"series": text(page.cell(series, column))}
    if form == "growth":
        page.into.cells[(*path, "start")] = page.place(start, column)
        page.into.cells[(*path, "growth_per_year")] = page.place(growth, column)
        return {"start": number(page.cell(start, column)), "growth_per_year": number(page.cell(growth, column))}
    return {"by_month": list(_by_month(page, column, path))}


def _by_month(page: _Page, column: int, path: Path) -> Iterator[Any]:
    """Values down to the last that is filled; one that is left out between them is a fault of its cell."""
    last = max((row for row in range(PATHS_FIRST, page.rows.stop) if page.cell(row, column) is not None), default=0)
    for k, row in enumerate(range(PATHS_FIRST, last + 1)):
        page.into.cells[(*path, "by_month", k)] = page.place(row, column)
        yield number(page.cell(row, column))
