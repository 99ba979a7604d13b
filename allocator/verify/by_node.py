"""Columns of tables with one row a node, on the axis of the nodes."""

from __future__ import annotations

from allocator.instance.tree import Floats
from allocator.verify.case import Case


def by_node(case: Case, table: str, column: str) -> Floats:
    """The column by node, (N,); nan where a node has no row."""
    values = case.tables[table].set_index("node")[column]
    return values.reindex(list(case.instance.tree.name)).to_numpy(float)
