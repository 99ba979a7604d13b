"""Frames of the registry as Arrow tables and Parquet files: equal frames give equal bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.arrow_types import arrow_schema
from allocator.plan.frames import FrameError, conform, empty
from allocator.plan.schema import Table


def to_arrow(table: Table, typed: pd.DataFrame) -> pa.Table:
    """A frame that conforms to its table."""
    schema = arrow_schema(table)
    if not len(typed):
        return schema.empty_table()
    return pa.Table.from_arrays([_cells(field, typed[field.name]) for field in schema], schema=schema)


def _cells(field: pa.Field, cells: pd.Series) -> pa.Array | pa.ChunkedArray:
    """A column of the right type; by hand, since for small tables pandas' own conversion costs more than writing."""
    if pa.types.is_string(field.type):
        return pa.array(cells.array).cast(field.type)
    numbers = cells.to_numpy(dtype="datetime64[ms]") if pa.types.is_timestamp(field.type) else cells.to_numpy()
    return pa.array(numbers, field.type)


def to_frame(table: Table, arrow: pa.Table) -> pd.DataFrame:
    """The frame that an Arrow table holds, checked; raises FrameError where it does not agree with the registry."""
    if not arrow.num_rows and arrow.schema.equals(arrow_schema(table)):
        return empty(table)
    return conform(table, arrow.to_pandas(use_threads=False))


def write(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of `table`; raises FrameError for a wrong frame, OSError where it cannot be written."""
    pq.write_table(to_arrow(table, conform(table, frame)), path, compression="zstd", store_schema=False)


def read(table: Table, path: Path) -> pd.DataFrame:
    """A frame of `table`, checked.

    Raises:
        FrameError: the file is missing, is not Parquet, or does not agree with the registry.
    """
    try:
        arrow = pq.ParquetFile(path).read(use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise FrameError(f"table {table.name}: {path} cannot be read: {error}") from error
    return to_frame(table, arrow)
