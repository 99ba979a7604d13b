"""Sensitivities of a sweep as tables of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.cli.text import money, printable, table
from allocator.studies.sweep.design import ONE_BY_ONE, SOBOL, Design

WORDS = {"npv_usd": "net present value", "ai_share_last_year": "AI share at the end"}


def sensitivity_lines(design: Design, found: Mapping[str, Any]) -> Iterator[str]:
    """Tables of what sensitivity.json holds; none for a grid."""
    for figure, told in found.items():
        yield ""
        if told is None:
            yield f"what moves the {WORDS[figure]}: unknown, as a point has none, or nothing moves it"
        elif design.kind == ONE_BY_ONE:
            yield from _swings(told)
        elif design.kind == SOBOL:
            yield from _variance(WORDS[figure], told)
        else:
            rows = [[name, f"{value:+.2f}"] for name, value in told["rank_correlation"].items()]
            yield from table([f"{WORDS[figure]} moves with", "correlation of ranks"], rows, [1])


def _swings(told: list[Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        [one["name"], f"{one['low']:g}", _worth(one["at_low"]), f"{one['high']:g}", _worth(one["at_high"])]
        for one in told
    ]
    yield from table(["input", "low", "value there", "high", "value there"], rows, [1, 2, 3, 4])


def _worth(value: float | None) -> str:
    return "no plan" if value is None else money(value)


def _variance(words: str, told: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Iterator[str]:
    rows = [[printable(name), _interval(kinds["first"]), _interval(kinds["total"])] for name, kinds in told.items()]
    yield from table([f"shares of the variance of {words}", "alone", "with others"], rows, [1, 2])


def _interval(one: Mapping[str, float]) -> str:
    return f"{one['share']:.2f} ({one['low']:.2f} to {one['high']:.2f})"
