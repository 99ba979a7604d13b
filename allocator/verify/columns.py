"""Tables as arrays: each column taken from its frame once, texts as positions among their different words.

A plan has thousands of small hourly tables, and asking a frame for a column costs more than adding up a month of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from allocator.instance.tree import Bools, Ints
from allocator.plan.arrow_types import arrow_schema
from allocator.plan.schema import DTYPES, Table

Times = NDArray[np.datetime64]

_TYPES = {kind: pd.api.types.pandas_dtype(dtype) for kind, dtype in DTYPES.items()}


@dataclass(frozen=True)
class Words:
    """A column of texts: the different ones, and which of them stands in each row (-1: none)."""

    different: tuple[str, ...]
    row: Ints

    def __len__(self) -> int:
        return len(self.row)

    def at(self, position: Mapping[str, int]) -> Ints:
        """Position of each row's text, -1 where it has none."""
        found = np.array([position.get(word, -1) for word in self.different] or [-1], dtype=np.int64)
        return np.asarray(found[self.row])

    def tolist(self) -> list[str]:
        return [self.different[row] for row in self.row.tolist()]


Cells = NDArray[Any] | Words
"""A column."""


def as_words(cells: pd.Series | Words) -> Words:
    """A column of texts, as a frame or `Columns` holds it."""
    if isinstance(cells, Words):
        return cells
    return _encoded(pa.array(cells.array if cells.dtype == "str" else cells.tolist(), pa.large_string()))


def _encoded(cells: pa.Array | pa.ChunkedArray) -> Words:
    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    encoded = whole.dictionary_encode()
    indices = encoded.indices.fill_null(-1) if encoded.null_count else encoded.indices
    rows = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(tuple(encoded.dictionary.to_pylist()), rows)


def positions(names: Sequence[str]) -> dict[str, int]:
    """Position of each of some unique names."""
    return {name: position for position, name in enumerate(names)}


def among(rising: NDArray[Any], wanted: NDArray[Any]) -> Ints:
    """Position of what is wanted among values that rise, -1 where it is none of them."""
    if not len(rising):
        return np.full(len(wanted), -1)
    found = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
    return np.where(rising[found] == wanted, found, -1)


class Columns:
    """Columns of a table by name: numbers, flags and times (UTC, without a zone) as arrays, texts as `Words`.

    Columns have the types of the registry wherever they are asked for.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._taken: dict[str, Cells] = {}

    def is_plain(self, table: Table) -> bool:
        """Whether all columns have the very types of the registry, so that nobody need ask what else they might be."""
        dtypes = dict(zip(self._frame.columns, self._frame.dtypes, strict=True))
        return all(dtypes[name] == _TYPES[column.kind] for name, column in table.columns.items())

    @property
    def names(self) -> list[object]:
        """Names of all columns."""
        return list(self._frame.columns)

    def __len__(self) -> int:
        return len(self._frame)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers."""
        return np.asarray(self.cells(name), dtype=np.float64)

    def integers(self, name: str) -> Ints:
        """A column of whole numbers."""
        return np.asarray(self.cells(name), dtype=np.int64)

    def times(self, name: str) -> Times:
        """A column of times, UTC."""
        return np.asarray(self.cells(name), dtype="datetime64[ms]")

    def words(self, name: str) -> Words:
        """A column of texts."""
        found = self.cells(name)
        return found if isinstance(found, Words) else Words(tuple(map(str, found)), np.arange(len(found)))

    def filled(self, names: Iterable[str]) -> bool:
        """Whether every cell of some columns holds a value, and a finite one."""
        return all(_filled(self.cells(name)) for name in names)

    def distinct(self, keys: Sequence[str]) -> bool:
        """Whether no two rows have the same key."""
        row, sizes = zip(*(_ranked(self.cells(key)) for key in keys), strict=True)
        if math.prod(sizes) > np.iinfo(np.int64).max:
            return False
        combined = np.ravel_multi_index(row, sizes)
        if (combined[1:] > combined[:-1]).all():
            return True  # as most tables are written, and quicker than to sort them
        return len(np.unique(combined)) == len(combined)

    def alike(self, other: Columns, names: Sequence[str]) -> bool:
        """Whether two tables hold the same rows in the same order, as far as some columns go."""
        if len(self) != len(other):
            return False
        return all(_alike(self.cells(name), other.cells(name)) for name in names)

    def labels(self, name: str) -> list[object]:
        """A column in words, as places name it."""
        found = self.cells(name)
        if isinstance(found, np.ndarray) and found.dtype.kind == "M":
            return list(pd.DatetimeIndex(found).tz_localize("UTC"))
        return list(found.tolist())

    def where(self, rows: Bools) -> Columns:
        """The rows that are true."""
        return self if rows.all() else _Part(self, rows)

    def frame(self) -> pd.DataFrame:
        """The table as a frame."""
        return self._frame

    def cells(self, name: str) -> Cells:
        """A column as it is."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        if name not in self._taken:
            self._taken[name] = self._take(name)
        return self._taken[name]

    def _take(self, name: str) -> Cells:
        cells = self._frame[name]
        match cells.dtype:
            case np.dtype() as dtype if dtype.kind in "fiub":
                return cells.to_numpy()
            case pd.DatetimeTZDtype():
                return cells.to_numpy(dtype="datetime64[ms]")
            case _:
                return as_words(cells)


class ArrowColumns(Columns):
    """Columns of a table as a file holds it; without a cell that is null."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._taken: dict[str, Cells] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def is_plain(self, table: Table) -> bool:
        wanted, found = arrow_schema(table), self._table.schema
        same = found.equals(wanted) or all(found.field(field.name).type == field.type for field in wanted)
        return same and not any(column.null_count for column in self._table.columns)

    @property
    def names(self) -> list[object]:
        return list(self._table.column_names)

    def frame(self) -> pd.DataFrame:
        frame: pd.DataFrame = self._table.to_pandas()
        return frame

    def _take(self, name: str) -> Cells:
        cells = self._table.column(name)
        if pa.types.is_string(cells.type):
            return _encoded(cells)
        return np.asarray(cells.to_numpy())


def columns_of(table: object) -> Columns | None:
    """Columns of a frame or an Arrow table; None where it is neither."""
    match table:
        case pd.DataFrame():
            return Columns(table)
        case pa.Table():
            return ArrowColumns(table)
        case _:
            return None


class _Part(Columns):
    """Some rows of a table."""

    def __init__(self, whole: Columns, rows: Bools) -> None:
        self._whole, self._rows, self._count = whole, rows, int(rows.sum())
        self._taken: dict[str, Cells] = {}

    def __len__(self) -> int:
        return self._count

    def frame(self) -> pd.DataFrame:
        return self._whole.frame()[self._rows].reset_index(drop=True)

    def _take(self, name: str) -> Cells:
        cells = self._whole.cells(name)
        return Words(cells.different, cells.row[self._rows]) if isinstance(cells, Words) else cells[self._rows]


def _filled(cells: Cells) -> bool:
    if isinstance(cells, Words):
        return bool((cells.row >= 0).all())
    return not np.isnat(cells).any() if cells.dtype.kind == "M" else bool(np.isfinite(cells).all())


def _ranked(cells: Cells) -> tuple[Ints, int]:
    """Numbers below a limit that are equal where cells are, and the limit; for cells that are all there."""
    if isinstance(cells, Words):
        return cells.row, max(1, len(cells.different))
    if not len(cells):
        return np.zeros(0, dtype=np.int64), 1
    whole = cells.astype(np.int64)
    return whole - whole.min(), int(whole.max()) - int(whole.min()) + 1


def _alike(one: Cells, other: Cells) -> bool:
    if isinstance(one, Words) and isinstance(other, Words):
        return bool((one.at(positions(other.different)) == other.row).all())
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))
