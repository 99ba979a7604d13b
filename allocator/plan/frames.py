"""Frames that agree with the registry: built from columns, or checked when they come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from pandas.api.types import (
    is_bool_dtype,
    is_datetime64_any_dtype,
    is_numeric_dtype,
    is_string_dtype,
    pandas_dtype,
)

from allocator.plan.schema import DTYPES, Kind, Table

Cells: TypeAlias = "NDArray[np.generic] | Sequence[object] | pd.Series[str] | ExtensionArray"


def _is_number(cells: pd.Series) -> bool:
    return is_numeric_dtype(cells) and not is_bool_dtype(cells)


_FITS: Mapping[Kind, Callable[[pd.Series], bool]] = {
    "text": is_string_dtype,
    "integer": _is_number,
    "number": _is_number,
    "flag": is_bool_dtype,
    "time": is_datetime64_any_dtype,
}


_TYPES = {kind: pandas_dtype(dtype) for kind, dtype in DTYPES.items()}
"""dtype of each kind; looking one up by its name takes longer than checking a column."""


class FrameError(ValueError):
    """A frame that does not agree with its table in the registry."""


def frame(table: Table, columns: Mapping[str, Cells]) -> pd.DataFrame:
    """A frame of `table` from one sequence a column, in the given row order; checked.

    Raises:
        FrameError: columns missing, unknown or of different lengths, or cells the table does not allow.
    """
    given = {name: columns[name] for name in table.columns if name in columns} | dict(columns)
    try:
        raw = pd.DataFrame({name: _column(table, name, cells) for name, cells in given.items()})
    except ValueError as error:
        raise FrameError(f"table {table.name}: {error}") from error
    return conform(table, raw)


def _column(table: Table, name: str, cells: Cells) -> Cells | pd.DatetimeIndex:
    """Cells as they are where an array of them has the column's type already."""
    if isinstance(cells, ExtensionArray):
        return cells
    if name not in table.columns or not isinstance(cells, np.ndarray):
        return pd.Series([*cells] if isinstance(cells, Sequence) else cells)
    if table.columns[name].kind == "time" and cells.dtype.kind == "M":
        return pd.DatetimeIndex(cells.astype("datetime64[ms]")).tz_localize("UTC")
    return cells


def from_rows(table: Table, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A frame of `table` from one mapping a row, in the given order; raises as `frame` does, KeyError for a hole."""
    if not rows:
        return empty(table)
    return frame(table, {name: [row[name] for row in rows] for name in table.columns})


def conform(table: Table, raw: pd.DataFrame) -> pd.DataFrame:
    """`raw` with the registry's columns, order and dtypes and a fresh index; checked.

    Raises:
        FrameError: names the table, the column and the first offending row.
    """
    _check_columns(table, raw)
    cells = {str(name): column for name, column in raw.items()}
    typed = raw if _is_typed(table, raw, cells) else _typed(table, cells)
    if len(typed):
        _check_cells(table, cells if typed is raw else {name: typed[name] for name in table.columns})
        _check_keys(table, typed)
    return typed


def empty(table: Table) -> pd.DataFrame:
    """The table without rows."""
    return _empty(table).copy(deep=False)


@cache
def _empty(table: Table) -> pd.DataFrame:
    """Made once: most tables of most plans hold nothing."""
    return pd.DataFrame({name: pd.Series([], dtype=pandas_dtype(dtype)) for name, dtype in table.dtypes.items()})


def _check_columns(table: Table, raw: pd.DataFrame) -> None:
    missing = [name for name in table.columns if name not in raw.columns]
    unknown = [str(name) for name in raw.columns if name not in table.columns]
    if missing or unknown:
        raise FrameError(f"table {table.name}: columns missing {missing}, unknown {unknown}")


def _is_typed(table: Table, raw: pd.DataFrame, cells: Mapping[str, pd.Series]) -> bool:
    """Whether columns, order, dtypes and index are the registry's already, and no text is missing."""
    if list(cells) != list(table.columns) or not isinstance(raw.index, pd.RangeIndex) or raw.index.start != 0:
        return False
    kinds = {name: column.kind for name, column in table.columns.items()}
    if any(cells[name].dtype != _TYPES[kind] for name, kind in kinds.items()):
        return False
    return not any(len(raw) and cells[name].hasnans for name, kind in kinds.items() if kind in ("text", "time"))


def _typed(table: Table, cells: Mapping[str, pd.Series]) -> pd.DataFrame:
    return pd.DataFrame({name: _cast(table, name, cells[name]) for name in table.columns})


def _cast(table: Table, name: str, cells: pd.Series) -> pd.Series:
    column = table.columns[name]
    place = f"table {table.name}, column {name}"
    lost = cells.isna()
    if lost.any():
        raise FrameError(f"{place}, row {_first(lost)}: no value")
    if len(cells) and not _FITS[column.kind](cells):
        raise FrameError(f"{place}: {cells.dtype} cells, expected {column.kind}")
    if column.kind == "integer" and (cells != cells.round()).any():
        raise FrameError(f"{place}, row {_first(cells != cells.round())}: not an integer")
    if column.kind == "time":
        cells = pd.to_datetime(cells, utc=True)
    return cells.reset_index(drop=True).astype(_TYPES[column.kind])


def _check_cells(table: Table, cells: Mapping[str, pd.Series]) -> None:
    for name, column in table.columns.items():
        numbers = cells[name].to_numpy() if column.kind == "number" else np.zeros(0)
        if not np.isfinite(numbers).all():
            row = int(np.argmin(np.isfinite(numbers)))
            raise FrameError(f"table {table.name}, column {name}, row {row}: {numbers[row]} is not finite")


def _check_keys(table: Table, typed: pd.DataFrame) -> None:
    if _is_rising(table, typed):
        return
    twice = typed.duplicated(list(table.keys))
    if twice.any():
        row = _first(twice)
        key = {name: typed[name][row] for name in table.keys}
        raise FrameError(f"table {table.name}, row {row}: key {key} stands there twice")


def _is_rising(table: Table, typed: pd.DataFrame) -> bool:
    """Whether time alone is the key and goes forward from row to row, so that no key can stand there twice."""
    if [table.columns[key].kind for key in table.keys] != ["time"]:
        return False
    time = typed[table.keys[0]].to_numpy(dtype="datetime64[ms]")
    return bool((time[1:] > time[:-1]).all())


def _first(mask: pd.Series) -> int:
    return int(np.argmax(mask.to_numpy()))
