"""The calendar of a plan: nodes by the month they start in, and what is expected in each of those periods."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
"""The tables of a plan by name."""


@dataclass(frozen=True)
class Periods:
    """Periods of the horizon in order; on a tree several nodes stand for one.

    Attributes:
        starts: first calendar month of each, YYYY-MM. months: their lengths, months. hours: their lengths, h.
        of: position of the period of each node. probability: of each node, by name.
    """

    starts: tuple[str, ...]
    months: tuple[int, ...]
    hours: tuple[float, ...]
    of: Mapping[str, int]
    probability: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years in which periods start, rising."""
        return tuple(sorted({int(start[:4]) for start in self.starts}))

    @property
    def days(self) -> tuple[int, ...]:
        """Calendar days of each period."""
        return tuple(_days(start, months) for start, months in zip(self.starts, self.months, strict=True))

    @property
    def branches(self) -> bool:
        """Whether the plan is one of several futures."""
        return len(self.of) > len(self.starts)

    def expected(self, rows: pd.DataFrame, column: str) -> tuple[float, ...]:
        """Sum of probability x `column` over the rows of each period; `rows` carry their node."""
        return self.expected_values(rows["node"], rows[column])

    def expected_values(self, nodes: pd.Series, values: pd.Series) -> tuple[float, ...]:
        """The same for values beside the names of their nodes."""
        parts: list[list[float]] = [[] for _ in self.starts]
        for node, value in zip(nodes.tolist(), values.tolist(), strict=True):
            parts[self.of[node]].append(self.probability[node] * value)
        return tuple(math.fsum(part) for part in parts)


def periods(nodes: pd.DataFrame) -> Periods:
    """The periods of table `nodes`."""
    starts = sorted(set(nodes["start_month"].tolist()))
    first = nodes.drop_duplicates("start_month").set_index("start_month")
    position = {start: k for k, start in enumerate(starts)}
    names = nodes["node"].tolist()
    return Periods(
        starts=tuple(starts),
        months=tuple(int(first["months"][start]) for start in starts),
        hours=tuple(float(first["hours"][start]) for start in starts),
        of={name: position[start] for name, start in zip(names, nodes["start_month"].tolist(), strict=True)},
        probability=dict(zip(names, nodes["probability"].tolist(), strict=True)),
    )


def shares(parts: Sequence[float], of: Sequence[float], most: float = math.inf) -> tuple[float | None, ...]:
    """parts / of, None where there is nothing to divide by or where it would be beyond `most`."""
    found = (part / whole if whole else None for part, whole in zip(parts, of, strict=True))
    return tuple(value if value is not None and abs(value) <= most else None for value in found)


def _days(start: str, months: int) -> int:
    year, month = int(start[:4]), int(start[5:7]) - 1
    return sum(calendar.monthrange(year + (month + k) // 12, (month + k) % 12 + 1)[1] for k in range(months))
