"""Plain-text tables and numbers for the terminal."""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Collection, Sequence

from allocator.reports.words import money as money

NARROWEST, WIDEST = 72, 160
"""Columns between which tables follow the terminal."""
NARROWEST_CELL = 24
"""A wrapped column is never narrower, even where the line then grows beyond the terminal."""


def megawatts(value: float) -> str:
    """MW to one decimal."""
    return f"{value:,.1f}"


def bitcoins(value: float) -> str:
    """BTC: two decimals, more where less than one is at stake."""
    return f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:.4f}"


def percent(share: float | None) -> str:
    """A share as a percentage that still shows small gaps."""
    if share is None:
        return "unknown"
    return "under 0.00001 %" if 0 < share < 1e-7 else f"{100 * share:.3g} %"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, as much as one wants to know while waiting."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def indented(text: str) -> list[str]:
    """Text of any length as lines of the page, each two columns in."""
    return textwrap.wrap(printable(text), line_width(), initial_indent="  ", subsequent_indent="  ")


def counted(number: int, noun: str) -> str:
    """1 hall, 2 halls."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(text: str) -> str:
    """Text from a scenario or the shell without characters that could drive a terminal or that it cannot encode."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def line_width() -> int:
    """Columns of the terminal within reason; 100 where output goes to a file."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((100, 24)).columns))


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = (), wrapped: int | None = None
) -> list[str]:
    """Lines of an aligned table.

    The columns in `right` are aligned to the right; the column `wrapped` takes what is left of the terminal's
    width and goes on in further lines.
    """
    cells = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(_columns(row[k]) for row in cells) for k in range(len(head))]
    if wrapped is not None:
        others = sum(widths) - widths[wrapped] + 2 * (len(head) - 1)
        widths[wrapped] = min(widths[wrapped], max(NARROWEST_CELL, line_width() - others))
    lines = [line for row in cells for line in _lines(row, widths, right, wrapped)]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _lines(row: Sequence[str], widths: Sequence[int], right: Collection[int], wrapped: int | None) -> list[str]:
    """One row of cells as one line, or as many as its wrapped cell needs."""
    pieces = [""] if wrapped is None else textwrap.wrap(row[wrapped], widths[wrapped]) or [""]
    lines = []
    for number, piece in enumerate(pieces):
        shown = [piece if k == wrapped else "" if number else cell for k, cell in enumerate(row)]
        padded = [_pad(cell, width, k in right) for k, (cell, width) in enumerate(zip(shown, widths, strict=True))]
        lines.append("  ".join(padded).rstrip())
    return lines


def _pad(cell: str, width: int, right: bool) -> str:
    space = " " * (width - _columns(cell))
    return space + cell if right else cell + space


def _columns(text: str) -> int:
    """Columns a terminal gives the text: two for wide characters, none for combining marks."""
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
