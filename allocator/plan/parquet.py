"""Frames of the registry as Arrow tables and Parquet files: equal frames give equal bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.arrow_types import arrow_schema
from allocator.plan.frames import FrameError, conform
from allocator.plan.schema import Table


def to_arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """A frame of `table`, checked; raises FrameError for a wrong one."""
    typed, schema = conform(table, frame), arrow_schema(table)
    # one thread: starting more costs more than they save on a table of this size
    arrow = pa.Table.from_pandas(typed, schema=schema, preserve_index=False, nthreads=1)
    return arrow.replace_schema_metadata(None)


def to_frame(table: Table, arrow: pa.Table) -> pd.DataFrame:
    """The frame that an Arrow table holds, checked; raises FrameError where it does not agree with the registry."""
    return conform(table, arrow.to_pandas(use_threads=False))


def write(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of `table`; raises FrameError for a wrong frame, OSError where it cannot be written."""
    pq.write_table(to_arrow(table, frame), path, compression="zstd", store_schema=False)


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
