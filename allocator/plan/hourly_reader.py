"""Hourly tables read back from dispatch/<site>/<table>.parquet, one node at a time."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from allocator.plan.frames import FrameError
from allocator.plan.schema import HOURLY, NODE


class SiteFiles:
    """The hourly files of one site, opened once; a file that cannot be is an error where a node is asked for.

    Args:
        home: folder of the site.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._tables = {name: _opened(home / f"{name}.parquet", name) for name in HOURLY}

    @property
    def nodes(self) -> list[str]:
        """Names of nodes that have rows in some table, in the order of the files."""
        return list(dict.fromkeys(node for file in self._tables.values() if isinstance(file, _File) for node in file))

    def read(self, node: str) -> dict[str, pa.Table | FrameError]:
        """Each table of one node, or the error that reading it raised."""
        return {name: _rows(file, node) for name, file in self._tables.items()}


class _File(dict[str, list[int]]):
    """One table: the row groups of each node."""

    def __init__(self, file: pq.ParquetFile, name: str) -> None:
        super().__init__()
        self._file, self._name = file, name
        for group in range(file.metadata.num_row_groups):
            self.setdefault(self._node_of(group), []).append(group)

    def rows(self, node: str) -> pa.Table:
        own = self.get(node, [])
        names = [name for name in self._file.schema_arrow.names if name != NODE]
        if not own:
            return self._file.schema_arrow.empty_table().select(names)
        return self._file.read_row_groups(own, columns=names, use_threads=False)

    def _node_of(self, group: int) -> str:
        column = self._file.metadata.row_group(group).column(0)
        stated = column.statistics
        if column.path_in_schema != NODE or stated is None or stated.min != stated.max:
            raise FrameError(f"table {self._name}: row group {group} does not say which node it belongs to")
        return str(stated.min)


def _opened(path: Path, name: str) -> _File | FrameError:
    try:
        return _File(pq.ParquetFile(path), name)
    except (OSError, pa.ArrowException) as error:
        return FrameError(f"table {name}: {path} cannot be read: {error}")
    except FrameError as error:
        return error


def _rows(file: _File | FrameError, node: str) -> pa.Table | FrameError:
    if isinstance(file, FrameError):
        return file
    try:
        return file.rows(node)
    except (OSError, pa.ArrowException) as error:
        return FrameError(f"node {node} cannot be read: {error}")
