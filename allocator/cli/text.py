"""Plain-text tables and numbers for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "-"


def money(usd: float) -> str:
    """USD with a unit a person reads at a glance: 1.23 M, 456 k."""
    size = abs(usd)
    sign = "-" if usd < 0 else ""
    if size >= 1e9:
        return f"{sign}${size / 1e9:,.2f} B"
    if size >= 1e5:
        return f"{sign}${size / 1e6:,.2f} M"
    return f"{sign}${size:,.0f}"


def megawatts(value: float) -> str:
    """MW to one decimal."""
    return f"{value:,.1f}"


def percent(share: float | None) -> str:
    """A share as a percentage that still shows small gaps."""
    return "unknown" if share is None else f"{100 * share:.3g} %"


def printable(text: str) -> str:
    """Text from a scenario without control characters, which could drive a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Lines of an aligned table; the columns in `right` are aligned to the right."""
    cells = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    lines = ["  ".join(_pad(row[k], widths[k], k in right) for k in range(len(head))).rstrip() for row in cells]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _pad(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
