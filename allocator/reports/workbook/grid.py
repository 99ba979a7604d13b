"""Sheets with a column a period: what is, its sums by year and over the horizon, and rows that follow by formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from allocator.reports.periods import Periods
from allocator.reports.workbook.book import Book, Sheet, at, span

HEAD, YEAR_ROW, MONTHS_ROW, FIRST_ROW = 3, 4, 5, 6
TITLE, NOTE, TOTAL, FIRST_YEAR = 0, 1, 2, 3
PERIODS_A_PAGE = 14
Cells = list[float | None]


@dataclass
class MonthGrid:
    """A sheet of rows over [horizon, years, periods].

    Attributes:
        cells: value of every row written, by row, over those columns; None where a cell is empty.
        named: rows that the summary shows.
    """

    sheet: Sheet
    time: Periods
    total_title: str
    row: int = FIRST_ROW
    cells: dict[int, Cells] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Column of the first period."""
        return FIRST_YEAR + len(self.time.years)

    @property
    def last(self) -> int:
        """Column of the last period."""
        return self.first + len(self.time) - 1

    def section(self, title: str) -> None:
        """A heading between rows."""
        self.row += 1 if self.row > FIRST_ROW else 0
        self.sheet.text(self.row, TITLE, title, bold=True, font_color="#22618f")
        self.row += 1

    def flow(self, title: str, note: str, values: Sequence[float], kind: str) -> int:
        """Amounts of the plan by period; years and the horizon are their sums. Returns the row."""
        row, where = self._start(title, note), self._where(self.row)
        years = f"SUMIF({at(YEAR_ROW, self.first, 'row column')}:{at(YEAR_ROW, self.last, 'row column')},"
        for column, value in zip(self._periods, values, strict=True):
            self.sheet.number(row, column, value, kind)
        by_year = [math.fsum(values[k] for k in self._of_year(year)) for year in self.time.years]
        for k, value in enumerate(by_year):
            column = FIRST_YEAR + k
            formula = f"={years}{at(YEAR_ROW, column, 'row')},{where})"
            self.sheet.formula(row, column, formula, value, kind, italic=True)
        self.sheet.formula(row, TOTAL, f"=SUM({where})", math.fsum(values), kind, bold=True)
        return self._done(row, [math.fsum(values), *by_year, *values])

    def level(self, title: str, note: str, values: Sequence[float | None], kind: str) -> int:
        """What holds in each period or at its end; a year and the horizon show their last period."""
        row = self._start(title, note)
        for column, value in zip(self._periods, values, strict=True):
            self.sheet.number(row, column, value, kind)
        ends = [len(self.time) - 1, *(self._of_year(year)[-1] for year in self.time.years)]
        for column, k in zip(range(TOTAL, self.first), ends, strict=True):
            value = values[k]
            formula = f'=IF({at(row, self.first + k)}="","",{at(row, self.first + k)})'
            self.sheet.formula(row, column, formula, value, kind, italic=True)
        return self._done(row, [*(values[k] for k in ends), *values])

    def derived(
        self, title: str, note: str, formula: str, of: Sequence[int], value: Callable[..., float | None], kind: str,
        skip: int = 0, **look: object,
    ) -> int:  # fmt: skip
        """A formula over other rows in every column, the first `skip` left out; "{0}" stands for the first of them."""
        row, found = self._start(title, note, **look), list[float | None]([None] * skip)
        for column in range(TOTAL + skip, self.last + 1):
            parts = [self.cells[other][column - TOTAL] for other in of]
            worth = None if any(part is None for part in parts) else value(*parts)
            text = "=" + formula.format(*(at(other, column) for other in of))
            self.sheet.formula(row, column, text, worth, kind, **look)
            found.append(worth)
        return self._done(row, found)

    def growth(self, title: str, of: int, back: int) -> int:
        """Growth of a row against the period `back` before, a formula where both are a month and there is one."""
        since = f"{back} months before" if back > 1 else "the month before"
        row, values = self._start(title, f"against {since}"), self.cells[of]
        found: Cells = [None] * (self.first - TOTAL)
        for k, column in enumerate(self._periods):
            before = values[column - TOTAL - back] if k >= back else None
            here = values[column - TOTAL]
            apart = any(length != 1 for length in self.time.months[max(0, k - back) : k + 1])
            worth = None if apart or here is None or not before else here / before - 1.0
            if k >= back and not apart:
                cell, other = at(of, column), at(of, column - back)
                formula = f'=IF(OR(N({other})=0,NOT(ISNUMBER({cell}))),"",{cell}/{other}-1)'
                self.sheet.formula(row, column, formula, worth, "share", italic=True)
            found.append(worth)
        return self._done(row, found)

    def sum_of(self, title: str, rows: Sequence[int], kind: str) -> int:
        """The sum of rows that follow each other, or nothing where there are none."""
        formula = f"SUM({{0}}:{{{len(rows) - 1}}})" if rows else "0"
        return self.derived(title, "", formula, rows, lambda *parts: math.fsum(parts), kind, bold=True, top=1)

    def rolled(self, change: int, opening_usd: float) -> tuple[int, int]:
        """Opening and closing rows of what `change` moves: a period opens where the one before closed."""
        self.row += 1
        opens, closes = self.row, self.row + 1
        before = opening_usd
        opening, closing = list[float](), list[float]()
        for k, column in enumerate(self._periods):
            moved = self.cells[change][column - TOTAL] or 0.0
            opening.append(before)
            closing.append(before + moved)
            if k:
                self.sheet.formula(opens, column, f"={at(closes, column - 1)}", before, "usd")
            else:
                self.sheet.number(opens, column, before, "usd")
            self.sheet.formula(
                closes, column, f"={at(opens, column)}+{at(change, column)}", closing[-1], "usd", bold=True
            )
            before = closing[-1]
        whole = [range(len(self.time)), *map(self._of_year, self.time.years)]
        for row, values, end in ((opens, opening, 0), (closes, closing, -1)):
            for column, own in zip(range(TOTAL, self.first), whole, strict=True):
                k = list(own)[end]
                self.sheet.formula(row, column, f"={at(row, self.first + k)}", values[k], "usd", italic=True)
        self._title(opens, "Cash at the start", "expected" if self.time.branches else "")
        self._title(closes, "Cash at the end", "start + change", bold=True)
        self.row = closes + 1
        for row, values in ((opens, opening), (closes, closing)):
            ends = [values[list(own)[0 if row == opens else -1]] for own in whole]
            self.cells[row] = [*ends, *values]
        return opens, closes

    def reference(self, row: int, column: int = TOTAL) -> str:
        """A cell as other sheets name it."""
        return self.sheet.reference(at(row, column, "row column"))

    def over_periods(self, row: int) -> str:
        """The periods of a row as other sheets name them."""
        return self.sheet.reference(self._where(row))

    @property
    def _periods(self) -> range:
        return range(self.first, self.last + 1)

    def _of_year(self, year: int) -> list[int]:
        return [k for k, start in enumerate(self.time.starts) if int(start[:4]) == year]

    def _where(self, row: int) -> str:
        return span(row, self.first, row, self.last)

    def _start(self, title: str, note: str, **look: object) -> int:
        self._title(self.row, title, note, **look)
        return self.row

    def _title(self, row: int, title: str, note: str, **look: object) -> None:
        self.sheet.text(row, TITLE, title, **look)
        self.sheet.text(row, NOTE, note, font_color="#66727f", **{key: look[key] for key in look if key == "top"})

    def _done(self, row: int, cells: Cells) -> int:
        self.cells[row] = cells
        self.row = row + 1
        return row


def month_grid(book: Book, name: str, title: str, note: str, time: Periods, total_title: str) -> MonthGrid:
    """A new sheet with its headings, frozen below and to the right of them."""
    sheet = book.sheet(name, title, note)
    made = MonthGrid(sheet, time, total_title)
    for column, text in ((TITLE, "Figure"), (NOTE, "Where it comes from"), (TOTAL, total_title)):
        sheet.heading(HEAD, column, text, "right" if column == TOTAL else "left")
    sheet.text(YEAR_ROW, TITLE, "Calendar year", font_color="#66727f")
    sheet.text(MONTHS_ROW, TITLE, "Months in the period", font_color="#66727f")
    for k, year in enumerate(time.years):
        sheet.heading(HEAD, FIRST_YEAR + k, str(year), "right")
        sheet.number(YEAR_ROW, FIRST_YEAR + k, year, "year", font_color="#66727f")
    for k, start in enumerate(time.starts):
        column = made.first + k
        sheet.heading(HEAD, column, start, "right")
        sheet.number(YEAR_ROW, column, int(start[:4]), "year", font_color="#66727f")
        sheet.number(MONTHS_ROW, column, time.months[k], "whole", font_color="#66727f")
    sheet.page.set_column(TITLE, TITLE, 36)
    sheet.page.set_column(NOTE, NOTE, 30)
    sheet.page.set_column(TOTAL, made.last, 14)
    sheet.page.freeze_panes(FIRST_ROW, FIRST_YEAR)
    sheet.printed(math.ceil((made.first + len(time)) / PERIODS_A_PAGE), HEAD, "A:B")
    return made
