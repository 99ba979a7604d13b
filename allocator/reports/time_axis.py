"""Where periods and hours of a figure lie in time: a quarter is three times as wide as a month, days that do not follow
one another stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate, pairwise

from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Figure

MONTHS, HOURS = (FROM_MONTH, END_OF_MONTH), "hour (UTC)"
"""Names of x that are months, and that of hours."""


def count(month: str) -> int:
    """Calendar months from year 0 to YYYY-MM."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def written(months: int) -> str:
    """YYYY-MM of that many months from year 0."""
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def edges(figure: Figure) -> tuple[int, ...]:
    """Months, counted from year 0, at which periods of a figure begin, and at which the last one is over, (X + 1,)."""
    first = count(figure.x[0]) - (figure.months[0] - 1 if figure.x_name == END_OF_MONTH else 0)
    return tuple(accumulate(figure.months, initial=first))


def step_months(months: float) -> int:
    """Whole months between marks that should be at least so far apart: a part or a multiple of a year."""
    return next((step for step in (1, 2, 3, 6, 12, 24, 36) if step >= months), 60)


def runs(x: Sequence[str]) -> list[int]:
    """Positions at which hours begin that follow one another as the first two do."""
    at = [datetime.fromisoformat(label) for label in x]
    steps = [after - before for before, after in pairwise(at)]
    return [0, *(k + 1 for k, step in enumerate(steps) if step != steps[0])]
