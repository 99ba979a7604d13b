"""What a sweep varies: knobs of a scenario or paths to its numbers, each over a range or over stated values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.pipeline.errors import BadInputError

FORM = "NAME=LOW:HIGH:COUNT, NAME=LOW:HIGH or NAME=VALUE,VALUE,..., such as btc_price=0.5:2:13"
MOST_VALUES = 10_000


@dataclass(frozen=True)
class Axis:
    """One input: a knob or a path, the range it is drawn from, and its values on a grid, rising; () for none stated."""

    name: str
    low: float
    high: float
    values: tuple[float, ...]


def parsed(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Axes from their texts, in the order stated; BadInputError where one is not of the form, or stands there twice."""
    axes = tuple(axis(text) for text in texts)
    names = [one.name for one in axes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInputError(f"--vary {twice} stands there twice", ["state each input once"])
    return axes


def axis(text: str) -> Axis:
    """An axis from its text; BadInputError where it is not of the form."""
    name, _, values = text.partition("=")
    try:
        return _range(name, values) if ":" in values else _listed(name, values)
    except ValueError as error:
        raise BadInputError(f"--vary {text!r}: {error}", [f"expected {FORM}"]) from error


def _range(name: str, text: str) -> Axis:
    low, high, *count = text.split(":")
    if len(count) > 1:
        raise ValueError("more than two colons")
    start, end = _number(low), _number(high)
    if start >= end:
        raise ValueError(f"{low} is not below {high}")
    values = np.linspace(start, end, _count(count[0])) if count else np.empty(0)
    return Axis(_named(name), start, end, tuple(values.tolist()))


def _listed(name: str, text: str) -> Axis:
    values = sorted({_number(part) for part in text.split(",")})
    return Axis(_named(name), values[0], values[-1], tuple(values))


def _named(name: str) -> str:
    if not name.strip():
        raise ValueError("there is no name")
    return name.strip()


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"{text} is not finite")
    return found


def _count(text: str) -> int:
    found = int(text)
    if not 2 <= found <= MOST_VALUES:
        raise ValueError(f"a count of {text}, expected 2 to {MOST_VALUES}")
    return found
