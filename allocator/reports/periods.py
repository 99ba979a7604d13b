"""Nodes of a plan by period, and tables weighted with the probability of their nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from allocator.reports.scales import Floats
from allocator.reports.time_axis import count, written


@dataclass(frozen=True)
class Periods:
    """Calendar periods that nodes stand for, in order of time.

    Attributes:
        starts: first calendar month of each, (P,). end: the month after the last one.
        months: length of each, (P,). hours: expected hours of each, (P,).
        of_node: position of each node's period. probability: of each node.
    """

    starts: tuple[str, ...]
    end: str
    months: Floats
    hours: Floats
    of_node: Mapping[str, int]
    probability: Mapping[str, float]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Calendar months of each period, (P,)."""
        at = [count(month) for month in (*self.starts, self.end)]
        return tuple(after - before for before, after in pairwise(at))

    @property
    def closes(self) -> tuple[str, ...]:
        """Last calendar month of each period, (P,)."""
        return tuple(written(count(after) - 1) for after in (*self.starts[1:], self.end))

    def weighted(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with columns `period` and `weight` (probability of the node)."""
        node = table["node"]
        return table.assign(period=node.map(self.of_node).astype(int), weight=node.map(self.probability).astype(float))

    def expected(self, table: pd.DataFrame, column: str, by: str = "") -> dict[str, Floats]:
        """Sum of a column over the nodes of each period, weighted, (P,), for every value of another column.

        "" is the only key without `by`.
        """
        rows = self.weighted(table)
        usd = rows[column].to_numpy(float) * rows["weight"].to_numpy()
        keys = rows[by].to_numpy() if by else np.full(len(rows), "", dtype=object)
        found: dict[str, Floats] = {}
        for key in dict.fromkeys(keys):
            own = keys == key
            found[str(key)] = np.bincount(rows["period"].to_numpy()[own], usd[own], len(self.starts)).astype(np.float64)
        return found


def periods(nodes: pd.DataFrame) -> Periods:
    """The periods of a plan's nodes."""
    starts = tuple(sorted({str(month) for month in nodes["start_month"]}))
    place = {month: k for k, month in enumerate(starts)}
    of_node = {str(node): place[str(month)] for node, month in zip(nodes["node"], nodes["start_month"], strict=True)}
    at = nodes["start_month"].map(place).to_numpy()
    weight = nodes["probability"].to_numpy(float)
    whole = np.bincount(at, weight, len(starts))
    months = np.bincount(at, weight * nodes["months"].to_numpy(float), len(starts)) / whole
    return Periods(
        starts=starts,
        end=written(count(starts[-1]) + int(nodes["months"].to_numpy()[at == len(starts) - 1].max())),
        months=months,
        hours=np.bincount(at, weight * nodes["hours"].to_numpy(float), len(starts)).astype(np.float64),
        of_node=of_node,
        probability=dict(zip(nodes["node"].map(str), weight.tolist(), strict=True)),
    )


def likeliest_path(tables: Mapping[str, pd.DataFrame]) -> list[str]:
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
