"""Cells of a workbook: text that is never a formula, numbers with units, formulas with the value they have."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NEEDS = 'workbooks need the extra `reports`: pip install "dc-workload-allocator[reports]"'
LONGEST_TEXT = 32_000
"""Characters of a cell; spreadsheets take 32,767."""
LONGEST_NAME = 31
"""Characters of the name of a sheet."""
FORMATS: Mapping[str, str] = {
    "usd": "#,##0_);(#,##0);0_)",
    "usd_cents": "#,##0.00_);(#,##0.00);0.00_)",
    "mw": "#,##0.0",
    "mwh": "#,##0",
    "btc": "#,##0.00",
    "rate": "#,##0.00",
    "factor": "0.0000",
    "share": "0.0%",
    "whole": "#,##0",
    "plain": "General",
    "year": "0",
}
"""Number formats by kind of figure; the unit stands in the heading."""
NOTHING = 0.005
"""Differences below are rounding: half a cent."""
_MADE = datetime.datetime(2000, 1, 1)
"""Equal plans give equal files: no time of writing."""


class WorkbookMissingError(RuntimeError):
    """The library that writes workbooks is not installed."""


@dataclass(frozen=True)
class Check:
    """A figure of the workbook beside the plan's.

    Attributes:
        what: the figure in words. formula: of the workbook's figure. value: that formula's value.
        plan: the plan's figure. source: where that stands. kind: of FORMATS.
    """

    what: str
    formula: str
    value: float
    plan: float
    source: str
    kind: str = "usd_cents"

    @property
    def holds(self) -> bool:
        return abs(self.value - self.plan) < NOTHING


@dataclass
class Book:
    """A workbook being written; `checks` are collected while sheets are."""

    book: Any
    checks: list[Check] = field(default_factory=list)
    _formats: dict[tuple[object, ...], Any] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def style(self, kind: str = "", **look: object) -> Any:
        """A format, made once."""
        key = (kind, *sorted(look.items()))
        if key not in self._formats:
            number = {"num_format": FORMATS[kind]} if kind else {}
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "font_size": 10, **number, **look})
        return self._formats[key]

    def sheet(self, name: str, title: str, note: str = "") -> Sheet:
        """A new sheet whose first rows say what it shows."""
        made = Sheet(self, self.book.add_worksheet(self._named(name)))
        made.text(0, 0, title, bold=True, font_size=14)
        made.text(1, 0, note, font_color="#66727f")
        return made

    def _named(self, name: str) -> str:
        """The name as a sheet may have it: none of []:*?/\\, no apostrophe at the ends, not long, once."""
        safe = "".join("_" if letter in "[]:*?/\\" or ord(letter) < 32 else letter for letter in name)
        safe = safe.strip("'")[:LONGEST_NAME] or "Sheet"
        free, number = safe, 2
        while free.lower() in self._names or free.lower() == "history":
            free, number = f"{safe[: LONGEST_NAME - 4]} {number}", number + 1
        self._names.add(free.lower())
        return free


@dataclass
class Sheet:
    """One sheet."""

    of: Book
    page: Any

    @property
    def name(self) -> str:
        return str(self.page.get_name())

    def text(self, row: int, column: int, text: str, **look: object) -> None:
        """Text as it is: never a formula, a link or a number."""
        shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " ..."
        self.page.write_string(row, column, shown, self.of.style("", **look))

    def number(self, row: int, column: int, value: float | None, kind: str, **look: object) -> None:
        """A number of the plan; an empty cell for None."""
        if value is None:
            self.page.write_blank(row, column, None, self.of.style(kind, **look))
        else:
            self.page.write_number(row, column, float(value) + 0.0, self.of.style(kind, **look))

    def formula(
        self, row: int, column: int, formula: str, value: float | str | None, kind: str, **look: object
    ) -> None:
        """A live formula, and what it is worth now for programs that do not calculate."""
        self.page.write_formula(row, column, formula, self.of.style(kind, **look), "" if value is None else value)

    def heading(self, row: int, column: int, text: str, align: str = "left") -> None:
        """The heading of a column; those of figures stand on the right."""
        look = {"bold": True, "bg_color": "#22618f", "font_color": "#ffffff", "text_wrap": True, "valign": "vcenter"}
        self.text(row, column, text, align=align, **look)

    def printed(self, pages_wide: int = 1, head_row: int | None = None, head_columns: str = "") -> None:
        """Landscape on A4, as many pages wide as said; headings on every page."""
        self.page.set_landscape()
        self.page.set_paper(9)
        self.page.fit_to_pages(pages_wide, 0)
        self.page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.page.set_footer("&L&A&RPage &P of &N")
        if head_row is not None:
            self.page.repeat_rows(head_row)
        if head_columns:
            self.page.repeat_columns(head_columns)

    def reference(self, cell: str) -> str:
        """A cell or range of this sheet as other sheets name it."""
        return "'" + self.name.replace("'", "''") + "'!" + cell


def at(row: int, column: int, fixed: str = "") -> str:
    """A1 for (0, 0); `fixed` holds "row", "column" or both in place."""
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{'$' if 'column' in fixed else ''}{letters}{'$' if 'row' in fixed else ''}{row + 1}"


def span(row: int, column: int, last_row: int, last_column: int) -> str:
    """A1:C3."""
    return f"{at(row, column)}:{at(last_row, last_column)}"


@contextmanager
def new_book(path: Path) -> Iterator[Book]:
    """A workbook that is written to `path` when the block ends.

    Raises:
        WorkbookMissingError: the library that writes workbooks is not installed. OSError: it cannot be written.
    """
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ModuleNotFoundError as error:
        raise WorkbookMissingError(NEEDS) from error
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(str(path), {**plain, "nan_inf_to_errors": False})
    book.set_properties({"created": _MADE})
    book.set_calc_mode("auto")
    yield Book(book)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error
