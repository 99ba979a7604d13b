"""Numbers of the opening state as the file states them."""

from __future__ import annotations

SIGNIFICANT = 15


def plain(value: float) -> float | int:
    """A number without the dust of arithmetic: at most fifteen digits, whole where it is."""
    rounded = float(f"{value:.{SIGNIFICANT}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 10.0**SIGNIFICANT else rounded
