"""A check: numbers found in the plan beside the numbers expected, on named axes.

Rules return checks; turning what is out of tolerance into violations with a place and an amount is done here,
once, so that no rule formats an error of its own. A value that is not a number is never in agreement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from allocator.instance.tree import Bools, Floats
from allocator.verify.columns import Columns
from allocator.verify.report import Violation

Axis = Mapping[str, Sequence[object] | pd.DatetimeIndex]
"""Names along one dimension; several keys where a position has several names (hall and fit_out of a bay)."""

Sense = Literal["equal", "at_most", "at_least"]

_BEYOND: Mapping[Sense, Callable[[Floats], Floats]] = {
    "equal": np.abs,
    "at_most": np.positive,
    "at_least": np.negative,
}

_WORDS: Mapping[Sense, str] = {"equal": "expected", "at_most": "at most", "at_least": "at least"}


@dataclass(frozen=True)
class Check:
    """Facts of one rule.

    Attributes:
        says: what `found` is, in the user's words.
        axes: names along each dimension of `found`.
        found, expected: numbers, texts or flags, broadcast against each other to the axes' lengths.
        sense: how found must stand to expected. tolerance: largest excess allowed, broadcast as well.
        worst_of: word for the last axis where one violation (the worst) may stand for all along it.
    """

    says: str
    unit: str
    axes: tuple[Axis, ...]
    found: ArrayLike
    expected: ArrayLike
    sense: Sense = "equal"
    tolerance: ArrayLike = 0.0
    worst_of: str = ""

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(next(iter(axis.values()))) for axis in self.axes)

    def excess(self) -> Floats:
        """How far found is beyond expected, positive where it is on the wrong side; nan where it is no number."""
        found, expected = np.asarray(self.found), np.asarray(self.expected)
        if found.dtype.kind not in "fiu":
            return self._filled(np.asarray(found != expected, float))
        with np.errstate(invalid="ignore"):
            ahead = found.astype(float) - expected
        return self._filled(_BEYOND[self.sense](ahead))

    def violations(self, rule: str) -> list[Violation]:
        """One violation for each place out of tolerance."""
        excess = self.excess()
        bad = ~(excess <= self._filled(np.asarray(self.tolerance)))
        if not bad.any():
            return []
        if not self.worst_of:
            return [self._violation(rule, excess, position, "") for position in np.argwhere(bad)]
        return [self._worst(rule, excess, bad, tuple(lane)) for lane in np.argwhere(bad.any(axis=-1))]

    def _sides(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return np.broadcast_to(self.found, self.shape), np.broadcast_to(self.expected, self.shape)

    def _filled(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Broadcast to the axes' lengths; ValueError where they have others. Most have them already."""
        return cells if cells.shape == self.shape else np.broadcast_to(cells, self.shape)

    def _worst(self, rule: str, excess: Floats, bad: Bools, lane: tuple[int, ...]) -> Violation:
        ranked = np.where(bad[lane], np.nan_to_num(excess[lane], nan=np.inf), -np.inf)
        count = int(bad[lane].sum())
        note = f" ({count} {self.worst_of}, this is the worst)" if count > 1 else ""
        return self._violation(rule, excess, np.array([*lane, int(np.argmax(ranked))]), note)

    def _violation(self, rule: str, excess: Floats, position: NDArray[np.intp], note: str) -> Violation:
        at = tuple(int(i) for i in position)
        found, expected = (side[at] for side in self._sides())
        place = {key: str(names[i]) for axis, i in zip(self.axes, at, strict=True) for key, names in axis.items()}
        text = f"{self.says}: {_show(found, self.unit)}, {_WORDS[self.sense]} {_show(expected, self.unit)}{note}"
        return Violation(rule, place, float(excess[at]), self.unit, text)


def count(checks: Iterable[Check]) -> int:
    """How many facts the checks look at."""
    return sum(math.prod(check.shape) for check in checks)


def texts(cells: Iterable[object]) -> NDArray[np.object_]:
    """Texts as an array that compares cell by cell."""
    found = np.empty(len(listed := list(cells)), dtype=object)
    found[:] = listed
    return found


def rows(table: pd.DataFrame | Columns, *keys: str) -> tuple[Axis]:
    """The rows of a table as the one axis of a check, named by some of its columns."""
    return ({key: _Labels(table, key) for key in keys},)


class _Labels(Sequence[object]):
    """A column as names of rows, read when a violation asks for one: hardly any check has one."""

    def __init__(self, table: pd.DataFrame | Columns, key: str) -> None:
        self._table, self._key = table, key

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, at: Any) -> Any:
        return self._listed[at]

    @cached_property
    def _listed(self) -> list[object]:
        table = self._table
        return table.labels(self._key) if isinstance(table, Columns) else list(table[self._key].tolist())


def _show(value: object, unit: str) -> str:
    if isinstance(value, float | int | np.number) and not isinstance(value, bool):
        return f"{value:,.10g} {unit}".rstrip()
    return repr(str(value))
