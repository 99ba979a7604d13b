"""Columns of tables with one row a node, on the axis of the nodes."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.once import once


@once
def by_node(case: Case, table: str, column: str) -> Floats:
    """The column by node, (N,); nan where a node has no row."""
    frame, values = case.tables[table], np.full(len(case.instance.tree), np.nan)
    at = case.axes.node_at(frame["node"])
    values[at[at >= 0]] = frame[column].to_numpy(float)[at >= 0]
    return values
