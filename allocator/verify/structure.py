"""Whether frames are tables of the registry at all: columns, types, values, keys, names, rows.

What is wrong with the form of a table ends its use: nothing is derived from a table that has a fault of form.
Names that the scenario does not know and rows that should not be there are faults of content; they are
reported and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools
from allocator.plan.schema import Kind, Table
from allocator.verify.columns import Columns, Times, among, columns_of, positions
from allocator.verify.report import Violation

MISSING = "TABLE.missing"
UNKNOWN = "TABLE.unknown"
COLUMNS = "TABLE.columns"
DTYPE = "TABLE.dtype"
VALUE = "TABLE.value"
DUPLICATE = "TABLE.duplicate"
NAMES = "TABLE.names"
ROWS = "TABLE.rows"
MALFORMED = "TABLE.malformed"

FORM = (MISSING, UNKNOWN, MALFORMED, COLUMNS, DTYPE, VALUE, DUPLICATE)
CONTENT = (NAMES, ROWS)

Place = Mapping[str, str]

_SHOWN = 10


@dataclass(frozen=True)
class Faults:
    """Violations of form found in one set of tables, and how many facts were looked at, by rule."""

    violations: list[Violation]
    checked: dict[str, int]


def form_faults(
    registry: Mapping[str, Table], frames: Mapping[str, object], place: Place
) -> tuple[Faults, dict[str, Columns]]:
    """Faults of form of a set of tables, and the tables: `registry` says which there must be.

    Args:
        registry: tables by name. frames: what the plan holds under each name: a frame, or the error that
            reading it raised.
        place: what to put before table and column in each violation, e.g. site and node.
    """
    faults = Faults([], dict.fromkeys(FORM, 0))
    _add(
        faults,
        MISSING,
        len(registry),
        (
            Violation(MISSING, {**place, "table": name}, 1.0, "", f"table {name} is missing")
            for name in registry
            if name not in frames
        ),
    )
    _add(
        faults,
        MALFORMED,
        len(registry),
        (
            Violation(MALFORMED, {**place, "table": name}, 1.0, "", f"table {name} cannot be read: {frames[name]}")
            for name in registry
            if name in frames and columns_of(frames[name]) is None
        ),
    )
    _add(
        faults,
        UNKNOWN,
        len(frames),
        (
            Violation(UNKNOWN, {**place, "table": str(name)}, 1.0, "", f"the registry knows no table {name}")
            for name in frames
            if name not in registry
        ),
    )
    tables = {name: table for name, table in ((n, columns_of(f)) for n, f in frames.items()) if table is not None}
    for name, table in registry.items():
        if name in tables:
            _guarded(faults, table, tables[name], {**place, "table": name})
    return faults, tables


def _add(faults: Faults, rule: str, looked_at: int, found: Iterable[Violation]) -> bool:
    """Count the facts and add the violations; True where there were none."""
    before = len(faults.violations)
    faults.violations.extend(found)
    faults.checked[rule] += looked_at
    return len(faults.violations) == before


def _guarded(faults: Faults, table: Table, columns: Columns, place: Place) -> None:
    """Faults of one frame; one so strange that it cannot even be looked at is a fault itself."""
    try:
        _frame_faults(faults, table, columns, place)
    except Exception as error:
        text = f"table {table.name} cannot be looked at: {type(error).__name__}: {error}"
        faults.violations.append(Violation(MALFORMED, place, float("nan"), "", text))


def _frame_faults(faults: Faults, table: Table, columns: Columns, place: Place) -> None:
    whole = _add(faults, COLUMNS, len(table.columns), _column_faults(table, columns.names, place))
    if not whole:
        return
    plain, cells = columns.is_plain(table), len(columns) * len(table.columns)
    filled = plain and columns.filled(table.columns)
    typed = _add(faults, DTYPE, len(table.columns), () if plain else _dtype_faults(table, columns.frame(), place))
    valued = _add(faults, VALUE, cells, () if filled else _value_faults(columns.frame(), place))
    if typed and valued:
        _add(faults, DUPLICATE, len(columns), _duplicate_faults(table, columns, place))


def _column_faults(table: Table, names: Sequence[object], place: Place) -> Iterator[Violation]:
    for name in table.columns:
        if name not in names:
            yield Violation(COLUMNS, {**place, "column": name}, 1.0, "", f"column {name} is missing")
    seen = set()
    for found in names:
        if found not in table.columns or found in seen:
            yield Violation(COLUMNS, {**place, "column": str(found)}, 1.0, "", f"column {found} does not belong here")
        seen.add(found)


def _dtype_faults(table: Table, frame: pd.DataFrame, place: Place) -> Iterator[Violation]:
    for name, column in table.columns.items():
        if not _fits(column.kind, frame[name]):
            text = f"column {name} has type {frame[name].dtype}, expected {column.kind}"
            yield Violation(DTYPE, {**place, "column": name}, 1.0, "", text)


def _fits(kind: Kind, cells: pd.Series) -> bool:
    types = pd.api.types
    match kind:
        case "text":
            return cells.dtype == "str" or all(isinstance(cell, str) or pd.isna(cell) for cell in cells)
        case "integer":
            return types.is_integer_dtype(cells.dtype)
        case "number":
            return types.is_float_dtype(cells.dtype)
        case "flag":
            return types.is_bool_dtype(cells.dtype)
        case "time":
            return isinstance(cells.dtype, pd.DatetimeTZDtype) and str(cells.dtype.tz) == "UTC"


def _value_faults(frame: pd.DataFrame, place: Place) -> Iterator[Violation]:
    for name in frame.columns:
        rows = np.flatnonzero(_unfit(frame[name]))
        for row in rows[:_SHOWN]:
            text = f"column {name}, row {row}: {frame[name].iloc[row]} is no value ({len(rows)} such rows)"
            yield Violation(VALUE, {**place, "column": str(name), "row": str(row)}, float("nan"), "", text)


def _unfit(cells: pd.Series) -> Bools:
    if pd.api.types.is_float_dtype(cells.dtype):
        return np.asarray(~np.isfinite(cells.to_numpy(dtype=float, na_value=np.nan)))
    return np.asarray(cells.isna(), dtype=bool)


def _duplicate_faults(table: Table, columns: Columns, place: Place) -> Iterator[Violation]:
    keys = list(table.keys)
    if columns.distinct(keys):
        return
    frame = columns.frame()
    for row in np.flatnonzero(frame.duplicated(keys))[:_SHOWN]:
        key = {name: str(frame[name].iloc[row]) for name in keys}
        yield Violation(DUPLICATE, {**place, **key}, 1.0, "", f"row {row} repeats the key of a row before it")


Names = Sequence[object] | Times
"""Allowed values of a column; times rise."""


@dataclass(frozen=True)
class RowSpec:
    """Which rows a table must and may have.

    Attributes:
        names: allowed values of each column of names. every: the keys that must stand there, all of them,
            None where the table holds only rows that say something. says: columns of which one must not be 0.
    """

    names: Mapping[str, Names]
    every: Columns | None = None
    says: Sequence[str] = ()


def content_faults(spec: RowSpec, columns: Columns, place: Place) -> tuple[Faults, Columns]:
    """Names the scenario does not know, rows missing, not expected or saying nothing; and the rows of known names."""
    faults = Faults([], dict.fromkeys(CONTENT, 0))
    unknown = {column: _unknown(columns, column, names) for column, names in spec.names.items()}
    _add(faults, NAMES, len(columns) * len(unknown), _name_faults(unknown, columns, place))
    known = columns.where(~np.any(list(unknown.values()), axis=0)) if unknown else columns
    _add(faults, ROWS, len(columns), _row_faults(spec, known, place))
    return faults, known


def _unknown(columns: Columns, name: str, names: Names) -> Bools:
    """Which cells are none of the names."""
    if isinstance(names, np.ndarray):
        return among(names, columns.times(name)) < 0
    return np.asarray(columns.words(name).at(positions([str(known) for known in names])) < 0)


def _name_faults(unknown: Mapping[str, Bools], columns: Columns, place: Place) -> Iterator[Violation]:
    for column, rows in unknown.items():
        for row in np.flatnonzero(rows):
            name = str(columns.labels(column)[row])
            text = f"row {row}: the scenario knows no {column} {name!r}"
            yield Violation(NAMES, {**place, "column": column, "row": str(row)}, 1.0, "", text)


def _row_faults(spec: RowSpec, columns: Columns, place: Place) -> Iterator[Violation]:
    if spec.every is not None:
        yield from _key_faults(spec.every, columns, place)
    if spec.says:
        silent = np.all([columns.numbers(name) == 0 for name in spec.says], axis=0)
        for row in np.flatnonzero(silent):
            text = f"row {row} says nothing: {' and '.join(spec.says)} are 0"
            yield Violation(ROWS, {**place, "row": str(row)}, 1.0, "", text)


def _key_faults(every: Columns, columns: Columns, place: Place) -> Iterator[Violation]:
    keys = [str(name) for name in every.names]
    if columns.alike(every, keys):
        return
    merged = every.frame().merge(columns.frame()[keys].drop_duplicates(), how="outer", on=keys, indicator="side")
    for side, words in (("left_only", "row is missing"), ("right_only", "row does not belong here")):
        rows = merged[merged["side"] == side]
        for _, row in rows.head(_SHOWN).iterrows():
            key = {name: str(row[name]) for name in keys}
            yield Violation(ROWS, {**place, **key}, 1.0, "", f"{words} ({len(rows)} such rows)")
