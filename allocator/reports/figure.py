"""What a report shows, as plain data: figures, timelines and lists, each with its title, its unit and its numbers.

One function a figure reads it off the tables of a plan (`allocator.reports.power`, `halls`, `contracts`, `hours`,
`ambient`, `money`, `returns`, `treasury`, `loan_to_value`); `allocator.reports.catalogue.sections` has all of them in
the order of a report.
Web pages, pictures and workbooks draw the same pieces, so that they cannot differ. Numbers are those of the tables, in
the unit that stands beside them and not rounded; `allocator.reports.words.written` writes them for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Cell: TypeAlias = str | float | bool | None
"""A value of a list: a number in the unit of its column, a text, or None where there is none."""

Kind = Literal["stacked", "bars", "lines", "waterfall", "swings", "heatmap"]
"""How a figure is drawn: areas or bars on top of one another over time, bars side by side, lines, steps from nothing
to a total (the first series; the last step is the total), changes to both sides of nothing, or cells of a matrix
(series are rows, x are columns)."""

Role = Literal["amount", "line", "limit", "low", "high", "beside"]
"""What a series is: an amount of the figure's kind, a line over it, a limit (a dashed line), an end of a band, or
numbers that stand in the table alone."""


@dataclass(frozen=True)
class Series:
    """Numbers of one name, one for each x of the figure, None where there is none.

    `key` says what it is where that has a fixed colour: a use of power, a source of value, else "".
    """

    name: str
    numbers: tuple[float | None, ...]
    role: Role = "amount"
    key: str = ""


FROM_MONTH, END_OF_MONTH = "from month", "end of month"

WRITTEN = "written"
"""Unit of a column of numbers that are in words already, where rows differ in their units."""


@dataclass(frozen=True)
class Column:
    """A column of a list: its name, and the unit of its numbers, "" for texts and counts."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Listing:
    """A table.

    Attributes:
        key: a name for links and files. about: what it says, in a sentence or two.
        total: the last row is a total.
    """

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False


@dataclass(frozen=True)
class Figure:
    """Numbers that are drawn over one axis.

    Attributes:
        key: a name for links and files. about: how to read it, in a sentence or two; the text beside the picture.
        unit: of all its numbers: MW, GWh, USD, USD/MWh, BTC, share, C.
        x_name: what x are: year, hour (UTC), ..., FROM_MONTH for the first month of periods over which numbers hold,
            END_OF_MONTH for the last month of periods at whose end they do. x: one label for each number of a series.
        months: length of each period, calendar months, where x are months.
        below: a second figure over the same x, drawn beneath it.
    """

    key: str
    title: str
    about: str
    kind: Kind
    unit: str
    x_name: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    below: Figure | None = None
    months: tuple[int, ...] = ()

    def listing(self) -> Listing:
        """The same numbers as a table, one row an x; those of the figure below beside them."""
        own = [(series, self.unit) for series in self.series]
        own += [(series, self.below.unit) for series in self.below.series] if self.below else []
        columns = (Column(self.x_name), *(Column(series.name, unit) for series, unit in own))
        rows = tuple((label, *(series.numbers[k] for series, _ in own)) for k, label in enumerate(self.x))
        return Listing(self.key, self.title, self.about, columns, rows)


@dataclass(frozen=True)
class Span:
    """Something that lasts: from the first of some periods to the last one, both included.

    `state` is what has a colour (a kind of use, "converting", ...), `label` what is written, `share` in how many of all
    futures it is so, the least over its periods.
    """

    first: int
    last: int
    state: str
    label: str
    share: float = 1.0


@dataclass(frozen=True)
class Row:
    """One line of a timeline, and the group of lines it belongs to."""

    name: str
    group: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Timeline:
    """What is when: rows of spans over periods, which are named by their first calendar month.

    Attributes:
        end: calendar month in which the last period is over.
    """

    key: str
    title: str
    about: str
    periods: tuple[str, ...]
    end: str
    rows: tuple[Row, ...]

    def listing(self) -> Listing:
        """One row a span."""
        columns = (
            Column("group"),
            Column("name"),
            Column("from"),
            Column("until"),
            Column("state"),
            Column("futures", "share"),
        )
        ends = (*self.periods[1:], self.end)
        rows = tuple(
            (row.group, row.name, self.periods[span.first], ends[span.last], span.label, span.share)
            for row in self.rows
            for span in row.spans
        )
        return what_differs(Listing(self.key, self.title, self.about, columns, rows))


CERTAIN_SHARE = 0.9995


def what_differs(found: Listing) -> Listing:
    """The list without columns named "futures" that say that all is so in every one."""
    kept = [
        k
        for k, column in enumerate(found.columns)
        if column.name != "futures" or any(float(str(row[k])) < CERTAIN_SHARE for row in found.rows)
    ]
    columns, rows = (tuple(found.columns[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in found.rows))
    return replace(found, columns=columns, rows=rows)


Piece: TypeAlias = Figure | Timeline | Listing
"""Anything a report shows."""


@dataclass(frozen=True)
class Section:
    """Pieces under one heading."""

    key: str
    title: str
    pieces: tuple[Piece, ...]


def listing(
    key: str, title: str, about: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], total: bool = False
) -> Listing:
    """A Listing of any sequences."""
    return Listing(key, title, about, tuple(columns), tuple(tuple(row) for row in rows), total)
