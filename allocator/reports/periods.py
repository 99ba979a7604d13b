"""The calendar of a plan: nodes by the month they start in, and what is expected in each of those periods."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from allocator.plan.plan import Plan
from allocator.reports.scales import Floats
from allocator.reports.time_axis import count, written

Tables = Mapping[str, pd.DataFrame]
"""The tables of a plan by name."""


@dataclass(frozen=True, eq=False)
class Periods:
    """Calendar periods that nodes stand for, in order of time; on a tree several nodes stand for one.

    Attributes:
        starts: first calendar month of each, YYYY-MM, (P,). end: the month after the last one. hours: of each, (P,).
        of_node: position of each node's period, by name, in the order of table nodes. probability: of each node.
    """

    starts: tuple[str, ...]
    end: str
    hours: tuple[float, ...]
    of_node: Mapping[str, int]
    probability: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def months(self) -> tuple[int, ...]:
        """Calendar months of each period, (P,)."""
        ends = (*self.starts[1:], self.end)
        return tuple(count(after) - count(start) for start, after in zip(self.starts, ends, strict=True))

    @property
    def closes(self) -> tuple[str, ...]:
        """Last calendar month of each period, (P,)."""
        return tuple(written(count(after) - 1) for after in (*self.starts[1:], self.end))

    @property
    def days(self) -> tuple[int, ...]:
        """Calendar days of each period, (P,)."""
        return tuple(_days(start, months) for start, months in zip(self.starts, self.months, strict=True))

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years in which periods start, rising."""
        return tuple(sorted({int(start[:4]) for start in self.starts}))

    @property
    def branches(self) -> bool:
        """Whether the plan is one of several futures."""
        return len(self.of_node) > len(self.starts)

    @cached_property
    def reached(self) -> Floats:
        """Probability that a period is reached, (P,): 1 but for rounding."""
        return _summed(self._period, self._weight, len(self))

    def weighted(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with columns `period` and `weight` (probability of the node)."""
        at = self._places(table["node"])
        return table.assign(period=self._period[at], weight=self._weight[at])

    def expected(self, table: pd.DataFrame, column: str) -> tuple[float, ...]:
        """Sum of probability x `column` over the rows of each period, (P,); `table` has a column `node`."""
        return self.expected_values(table["node"], table[column])

    def expected_values(self, nodes: pd.Series, values: pd.Series) -> tuple[float, ...]:
        """The same for values beside the names of their nodes; sums are exact but for the last rounding."""
        at = self._places(nodes)
        period, parts = self._period[at], self._weight[at] * values.to_numpy(float)
        order = np.argsort(period, kind="stable")
        ends = np.searchsorted(period[order], np.arange(len(self) + 1))
        ordered = parts[order].tolist()
        return tuple(math.fsum(ordered[ends[k] : ends[k + 1]]) for k in range(len(self)))

    def expected_by(self, table: pd.DataFrame, column: str, by: str) -> dict[str, Floats]:
        """Sum of probability x `column` by period, (P,), for every value of another column, in their order."""
        at = self._places(table["node"])
        parts = self._weight[at] * table[column].to_numpy(float)
        codes, keys = pd.factorize(table[by])
        sums = _summed(codes * len(self) + self._period[at], parts, len(keys) * len(self))
        return {str(key): own for key, own in zip(keys, sums.reshape(len(keys), len(self)), strict=True)}

    @cached_property
    def _names(self) -> pa.Array:
        return pa.array(list(self.of_node), pa.string())

    @cached_property
    def _period(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(list(self.of_node.values()), dtype=np.int64)

    @cached_property
    def _weight(self) -> Floats:
        return np.array(list(self.probability.values()), dtype=float)

    def _places(self, nodes: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Positions of the nodes of rows in table nodes; KeyError where there is no such node."""
        found = pc.index_in(pa.array(nodes, pa.string()), value_set=self._names)
        if found.null_count:
            raise KeyError(f"{found.null_count} rows name a node that the plan does not have")
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def periods(nodes: pd.DataFrame) -> Periods:
    """The periods of table `nodes`."""
    names, months = nodes["node"].tolist(), nodes["start_month"].tolist()
    starts = tuple(sorted(set(months)))
    place = {month: k for k, month in enumerate(starts)}
    first = nodes.drop_duplicates("start_month").set_index("start_month")
    last = nodes.loc[nodes["start_month"] == starts[-1], "months"]
    return Periods(
        starts=starts,
        end=written(count(starts[-1]) + int(last.max())),
        hours=tuple(float(first["hours"][start]) for start in starts),
        of_node={name: place[month] for name, month in zip(names, months, strict=True)},
        probability=dict(zip(names, nodes["probability"].tolist(), strict=True)),
    )


@lru_cache(maxsize=1)
def periods_of(plan: Plan) -> Periods:
    """The periods of a plan, found once."""
    return periods(plan.tables["nodes"])


def likeliest_path(tables: Tables) -> list[str]:
    """Nodes of the most probable path, the root first."""
    paths, parent = tables["paths"], dict(zip(tables["nodes"]["node"], tables["nodes"]["parent"], strict=True))
    node, found = str(paths["leaf"].iloc[int(paths["probability"].to_numpy().argmax())]), list[str]()
    while node:
        found.append(node)
        node = str(parent[node])
    return found[::-1]


def quantiles(values: Sequence[float], weight: Sequence[float], levels: Sequence[float]) -> list[float]:
    """Least values that at least a share `levels` of the weight does not exceed."""
    order = np.argsort(np.asarray(values, float), kind="stable")
    ranked, mass = np.asarray(values, float)[order], np.cumsum(np.asarray(weight, float)[order])
    at = [min(int(np.searchsorted(mass, level * mass[-1] * (1 - 1e-12))), len(ranked) - 1) for level in levels]
    return [float(ranked[k]) for k in at]


def _summed(at: np.ndarray[tuple[int], np.dtype[np.int64]], parts: Floats, count: int) -> Floats:
    return np.bincount(at, parts, count).astype(np.float64)


def _days(start: str, months: int) -> int:
    year, month = int(start[:4]), int(start[5:7]) - 1
    return sum(calendar.monthrange(year + (month + k) // 12, (month + k) % 12 + 1)[1] for k in range(months))
