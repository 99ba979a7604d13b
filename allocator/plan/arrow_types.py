"""What each kind of column is in a file."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from allocator.plan.schema import Kind, Table

_ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Columns and types of a table in a file."""
    return pa.schema([pa.field(name, _ARROW[column.kind], nullable=False) for name, column in table.columns.items()])
