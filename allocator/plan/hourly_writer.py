"""Hourly tables on disk: dispatch/<site>/<table>.parquet, one row group a node, named by its first column.

One file a table and site, however many nodes there are: on a tree of a thousand nodes a file for each would be tens of
thousands of them. Nodes are written as they come and read one at a time, so no site is ever in memory whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.arrow_types import arrow_schema
from allocator.plan.schema import DISPATCH_FOLDER, HOURLY, NODE, partition

_NODE_FIELD = pa.field(NODE, pa.dictionary(pa.int32(), pa.string()), nullable=False)


class HourlyWriter:
    """Writes the hourly tables of a plan site by site; the files of one site are open at a time.

    Args:
        folder: of the plan.
    """

    def __init__(self, folder: Path) -> None:
        self._home = folder / DISPATCH_FOLDER
        self._site: str | None = None
        self._files = ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> HourlyWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def write(self, site: str, node: str, tables: Mapping[str, pa.Table]) -> None:
        """Add one node, tables as the registry has them; raises OSError where it cannot be written."""
        if site != self._site:
            self._open(site)
        for name, writer in self._writers.items():
            if tables[name].num_rows:
                writer.write_table(_named(tables[name], node))

    def _open(self, site: str) -> None:
        self._files.close()
        home = self._home / partition(site)
        home.mkdir(parents=True)
        self._site = site
        for name, table in HOURLY.items():
            schema = arrow_schema(table).insert(0, _NODE_FIELD)
            writer = pq.ParquetWriter(
                home / f"{name}.parquet", schema, compression="zstd", write_statistics=[NODE], store_schema=False
            )
            self._writers[name] = self._files.enter_context(writer)


def _named(arrow: pa.Table, node: str) -> pa.Table:
    rows = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), arrow.num_rows), [node])
    return arrow.add_column(0, _NODE_FIELD, rows)
