"""Numbers as a board reads them: one unit a picture, no more digits than tell cells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """A figure is written as figure / unit with some decimals and a suffix; `words` name the unit."""

    unit: float
    decimals: int
    suffix: str
    words: str

    def written(self, value: float) -> str:
        """A number of a picture, with a proper minus."""
        text = f"{value / self.unit:,.{self.decimals}f}{self.suffix}"
        plain = text.lstrip("-0.,") in ("", self.suffix) and value <= 0
        return (text.removeprefix("-") if plain else text).replace("-", "\N{MINUS SIGN}")


def money(values: Floats) -> Scale:
    """Dollars in the unit in which the largest of some values has one to three digits before the point."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    for unit, words in ((1e9, "billion USD"), (1e6, "million USD"), (1e3, "thousand USD")):
        if largest >= unit:
            return Scale(unit, 0 if largest >= 100 * unit else 1 if largest >= 10 * unit else 2, "", words)
    return Scale(1.0, 0, "", "USD")


def stated(value: float) -> str:
    """A value of an input, as people write it."""
    for unit, words in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= unit:
            return f"{value / unit:,.4g}{words}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


SHARE = Scale(0.01, 0, "", "%")
