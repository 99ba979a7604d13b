"""Two columns of a CSV or Parquet file as a stream of batches, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from allocator.series.checks import FaultLog, Kind, did_you_mean

BATCH_ROWS = 65_536
BLOCK_BYTES = 1 << 20
HEADER_BYTES = 1 << 16

UNREADABLE = Kind("a CSV (UTF-8, comma, one header line) or Parquet file", "check the path and export the file again")
NO_COLUMN = Kind("a column of that name", "name a column of the file in the scenario")
SEPARATOR = Kind("columns separated by commas", "export the file with commas, and numbers with a decimal point")
TWICE = Kind("each column name once", "rename one of the columns")
RAGGED = Kind("as many fields as the header has", "mend the line")


@dataclass(frozen=True)
class Rows:
    """A run of rows: the line (CSV) or row (Parquet) number of the first, and two columns of equal length."""

    first: int
    times: pa.Array
    values: pa.Array


def read_rows(path: Path, time_column: str, value_column: str, log: FaultLog) -> Iterator[Rows]:
    """Stream the two columns. What cannot be read is noted in `log` and ends the stream.

    Line numbers count from 1 at the header and are exact for files without line breaks inside quotes.
    """
    with noting(log):
        read = _parquet if path.name.endswith(".parquet") else _csv
        yield from read(path, [time_column, value_column], log)


@contextmanager
def noting(log: FaultLog) -> Iterator[None]:
    """Turn errors of reading a file into faults."""
    try:
        yield
    except OSError as error:
        log.add(UNREADABLE, error.strerror or str(error))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, csv.Error) as error:
        log.add(UNREADABLE, f"content that cannot be read ({str(error).splitlines()[0][:200]})")


def _has(columns: list[str], wanted: list[str], log: FaultLog) -> bool:
    """True if every wanted column is there once; otherwise the faults are noted."""
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        log.add(SEPARATOR, f"the header {columns[0][:200]!r}", "line 1")
        return False
    for name in dict.fromkeys(wanted):
        if name not in columns:
            log.add(NO_COLUMN, f"no column {name!r}; {did_you_mean(name, columns)}")
        elif columns.count(name) > 1:
            log.add(TWICE, f"{columns.count(name)} columns called {name!r}")
    return all(columns.count(name) == 1 for name in wanted)


def _parquet(path: Path, wanted: list[str], log: FaultLog) -> Iterator[Rows]:
    with pyarrow.parquet.ParquetFile(path) as file:
        if not _has(file.schema_arrow.names, wanted, log):
            return
        first = 1
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=wanted):
            yield Rows(first, batch.column(wanted[0]), batch.column(wanted[1]))
            first += batch.num_rows


def _csv(path: Path, wanted: list[str], log: FaultLog) -> Iterator[Rows]:
    columns, skipped = csv_header(path)
    if not _has(columns, wanted, log):
        return
    ragged: list[int] = []
    with pyarrow.csv.open_csv(path, **_csv_options(wanted, skipped, ragged)) as stream:
        first = skipped + 2
        for batch in stream:
            yield Rows(first, batch.column(wanted[0]), batch.column(wanted[1]))
            first += batch.num_rows
    log.add_rows(RAGGED, ragged, lambda _: "another number of fields")


def csv_header(path: Path) -> tuple[list[str], int]:
    """Column names of a CSV file, and how many comment lines (#) stand above them.

    Raises:
        UnicodeDecodeError: the beginning of the file is no UTF-8.
    """
    with pa.input_stream(str(path)) as stream:
        # Incremental: the cut may fall inside a character.
        head = codecs.getincrementaldecoder("utf-8-sig")().decode(stream.read(HEADER_BYTES))
    lines = head.splitlines()
    skipped = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return next(csv.reader(io.StringIO("\n".join(lines[skipped : skipped + 1]))), []), skipped


def _csv_options(wanted: list[str], skipped: int, ragged: list[int]) -> dict[str, Any]:
    def note(row: Any) -> str:
        ragged.append((row.number or 0) + skipped)
        return "skip"

    return {
        "read_options": pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, skip_rows=skipped),
        "parse_options": pyarrow.csv.ParseOptions(invalid_row_handler=note),
        "convert_options": pyarrow.csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
        ),
    }
