"""Rows of small bars: how a number moves from period to period, in one line of text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
PLAIN = ".:-=+*#@"
"""Eight heights for terminals that know no blocks."""


def sparkline(values: Sequence[float | None], blocks: str = BLOCKS) -> str:
    """One letter a value, from the least to the most of them; nothing has a blank, and equal values are low bars."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(" " if value is None else blocks[_height(value, low, high, len(blocks))] for value in values)


def drawable() -> str:
    """Heights that standard output can encode."""
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


def _height(value: float, low: float, high: float, heights: int) -> int:
    return 0 if high <= low else min(heights - 1, int(heights * (value - low) / (high - low)))
