"""Frames of the registry as Arrow tables and Parquet files: equal frames give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from allocator.plan.arrow_types import arrow_schema
from allocator.plan.frames import FrameError, conform, empty
from allocator.plan.schema import Table

Cells: TypeAlias = "NDArray[Any] | pa.Array"

Columns: TypeAlias = Mapping[str, Cells]
"""The columns of a table by name."""


def from_columns(table: Table, columns: Columns) -> pa.Table:
    """An Arrow table straight from arrays of the right kinds, in any order of names; no columns are no rows."""
    schema = arrow_schema(table)
    if not columns:
        return schema.empty_table()
    return pa.Table.from_arrays([_array(field, columns[field.name]) for field in schema], schema=schema)


def _array(field: pa.Field, cells: Cells) -> pa.Array:
    if isinstance(cells, pa.Array):
        return cells
    return pa.array(cells.astype("datetime64[ms]") if cells.dtype.kind == "M" else cells, field.type)


def take(names: Sequence[str], positions: NDArray[np.int64]) -> pa.Array:
    """A column of texts: the names at these positions."""
    return pa.array(names, pa.string()).take(pa.array(positions))


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
