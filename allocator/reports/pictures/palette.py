"""Colours that people who see red and green alike tell apart (Okabe and Ito, 2008, "Color universal design")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle

from allocator.reports.figure import Series

BLUE, ORANGE, SKY, GREEN = "#0072b2", "#e69f00", "#56b4e9", "#009e73"
RED, PINK, GREY, YELLOW = "#d55e00", "#cc79a7", "#9aa3ad", "#f0e442"
PALETTE = (BLUE, ORANGE, SKY, GREEN, PINK, RED, GREY, YELLOW)
OF_KEY: Mapping[str, str] = {
    "mining": ORANGE,
    "ai_colocation": BLUE,
    "gpu_cloud": SKY,
    "no_load": GREY,
    "battery": GREEN,
    "reserves": GREEN,
    "work": PINK,
    "cash": BLUE,
    "treasury": ORANGE,
    "pledged": SKY,
    "sold": RED,
    "ebitda": BLUE,
    "conversions": RED,
    "after": GREY,
    "air": SKY,
    "liquid": BLUE,
    "worst": RED,
}
"""Colour of what has a fixed one on every picture."""
UP, DOWN, TOTAL = GREEN, RED, BLUE


@dataclass(frozen=True)
class Ink:
    """A colour, and a hatch where the colours have been used before."""

    colour: str
    hatch: str = ""


def inks(series: Iterable[Series]) -> list[Ink]:
    """One ink a series: fixed ones by key, once each; others by the palette, hatched when it is used up."""
    shown = list(series)
    fixed = [OF_KEY.get(one.key, "") for one in shown]
    fixed = ["" if colour in fixed[:k] else colour for k, colour in enumerate(fixed)]
    free = _free([colour for colour in PALETTE if colour not in fixed] or list(PALETTE))
    return [Ink(colour) if colour else next(free) for colour in fixed]


def _free(colours: list[str]) -> Iterator[Ink]:
    for hatch in cycle(("", "///", "...", "xxx")):
        yield from (Ink(colour, hatch) for colour in colours)
