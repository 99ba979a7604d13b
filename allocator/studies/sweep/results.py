"""The table of a sweep: one row a point, inputs, what became of it, and the figures of its plan."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.columns import Column, Kind, integer, number, text
from allocator.plan.csv_view import escape
from allocator.plan.files import written_whole
from allocator.studies.sweep.figures import COLUMNS
from allocator.studies.sweep.points import Finished, Point

INPUT = "input."
"""Before the name of an input in the table, so that it clashes with no figure."""
POINT, STATUS, MESSAGE = "point", "status", "message"

_ARROW: Mapping[Kind, pa.DataType] = MappingProxyType(
    {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}
)


def columns(names: Sequence[str]) -> dict[str, Column]:
    """Columns of the table of a sweep of some inputs, in order."""
    return {
        POINT: integer("", "number of the point in the design"),
        **{f"{INPUT}{name}": number("", "value of the input; missing where it stays as stated") for name in names},
        STATUS: text("within_gap, gap_not_reached, or why there is no plan"),
        MESSAGE: text("what went wrong, empty where nothing did"),
        **COLUMNS,
    }


def to_arrow(names: Sequence[str], points: Iterable[Point], found: Mapping[int, Finished]) -> pa.Table:
    """The table, in the order of the points; figures and inputs that do not exist are missing."""
    kinds = columns(names)
    schema = pa.schema([pa.field(name, _ARROW[column.kind]) for name, column in kinds.items()])
    return pa.Table.from_pylist([_row(names, point, found[point.number]) for point in points], schema=schema)


def write(table: pa.Table, folder: Path) -> None:
    """Write results.parquet for programs and results.csv for people, each whole."""
    with written_whole(folder / "results.parquet") as path:
        pq.write_table(table, path, compression="zstd", store_schema=False)
    with written_whole(folder / "results.csv") as path:
        _safe(table).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def read(folder: Path) -> pd.DataFrame:
    """The table of a sweep's folder; raises OSError or pyarrow.ArrowException where there is none."""
    frame = pq.ParquetFile(folder / "results.parquet").read(use_threads=False).to_pandas(use_threads=False)
    assert isinstance(frame, pd.DataFrame)
    return frame


def _row(names: Sequence[str], point: Point, found: Finished) -> dict[str, object]:
    inputs = {f"{INPUT}{name}": value for name, value in zip(names, point.values, strict=True)}
    shown = {name: None if math.isnan(value) else value for name, value in inputs.items()}
    return {POINT: point.number, **shown, STATUS: found.status, MESSAGE: found.message, **found.figures}


def _safe(table: pa.Table) -> pd.DataFrame:
    """The table with text that no spreadsheet takes for a formula."""
    frame: pd.DataFrame = table.rename_columns([escape(name) for name in table.column_names]).to_pandas()
    texts = [field.name for field in table.schema if field.type == pa.string()]
    return frame.assign(**{name: frame[name].map(escape, na_action="ignore") for name in texts})
