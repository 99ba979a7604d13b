"""One frame, one Parquet file: equal frames give equal bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.frames import FrameError, conform
from allocator.plan.schema import Kind, Table

_ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}


def write(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of `table`; raises FrameError for a wrong frame, OSError where it cannot be written."""
    fields = [pa.field(name, _ARROW[column.kind], nullable=False) for name, column in table.columns.items()]
    typed, schema = conform(table, frame), pa.schema(fields)
    arrow = pa.Table.from_pandas(
        typed, schema=schema, preserve_index=False, nthreads=1
    )  # threads cost more than they do
    pq.write_table(arrow.replace_schema_metadata(None), path, compression="zstd", store_schema=False)


def read(table: Table, path: Path) -> pd.DataFrame:
    """A frame of `table`, checked.

    Raises:
        FrameError: the file is missing, is not Parquet, or does not agree with the registry.
    """
    try:
        raw = pq.ParquetFile(path).read(use_threads=False).to_pandas(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise FrameError(f"table {table.name}: {path} cannot be read: {error}") from error
    return conform(table, raw)
