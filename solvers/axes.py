"""Index tables: checks, and the look-up of one table's rows in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Factor = float | Floats | Ints | pd.Series

SMALL = 1000
"""Rows up to which all columns of a table are taken out in one piece: what pandas does for each column counts there."""


class AxisMismatchError(ValueError):
    """Two expressions, or an expression and its data, stand over different axes."""


def vector(value: Factor, size: int, what: str, infinite: bool = False) -> Floats:
    """`value` as (size,) floats; refuses other shapes, other labels, NaN, and inf unless allowed."""
    if isinstance(value, pd.Series) and not value.index.equals(pd.RangeIndex(size)):
        raise AxisMismatchError(f"{what} is a series whose labels are not 0..{size - 1}")
    array = np.asarray(value, dtype=np.float64)
    if array.shape not in ((), (size,)):
        raise AxisMismatchError(f"{what} has shape {array.shape}, expected a number or ({size},)")
    refused = np.isnan(array) if infinite else ~np.isfinite(array)
    if refused.any():
        raise ValueError(f"{what} holds {array[refused].flat[0]} at position {int(refused.argmax())}")
    return np.broadcast_to(array, (size,))


def check_range_index(index: pd.DataFrame) -> None:
    """Raise AxisMismatchError unless the rows are labelled 0..n-1."""
    if not index.index.equals(pd.RangeIndex(len(index))):
        raise AxisMismatchError("an index table needs a fresh RangeIndex: use reset_index(drop=True)")


def check_same_index(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Raise AxisMismatchError unless the tables have the same axes and the same rows in the same order."""
    if one is other or one.equals(other):
        return
    here, there = list(one.columns), list(other.columns)
    if here != there or len(one) != len(other):
        raise AxisMismatchError(f"axes {here} with {len(one)} rows against {there} with {len(other)} rows")
    raise AxisMismatchError(f"the same axes {here}, but other rows or another order of rows")


def describe(index: pd.DataFrame, mask: Bools) -> str:
    """Words for the first row where `mask` is true, for messages."""
    row = int(np.flatnonzero(mask)[0])
    return f"row {row} {index.iloc[row].to_dict()}"


def positions_of(table: pd.DataFrame, keys: pd.DataFrame, on: Mapping[str, str]) -> Ints:
    """Row of `table` that equals each row of `keys`, -1 where none; `on` maps key column -> table column.

    Raises AxisMismatchError for an absent column, and where `table` repeats a key.
    """
    if table is keys and list(on) == list(on.values()) == list(table.columns):
        return np.arange(len(table))
    if absent := [c for c in on if c not in keys.columns] + [c for c in on.values() if c not in table.columns]:
        raise AxisMismatchError(f"axes {absent} are missing: {list(keys.columns)} looked up in {list(table.columns)}")
    code, wanted, radix = _codes(table, keys, on)
    if radix <= 4 * (len(table) + len(keys)):
        return _in_full(table, list(on.values()), code, wanted, radix)
    lookup = pd.Index(code)
    if not lookup.is_unique:
        raise _not_identified(table, list(on.values()), lookup.duplicated())
    return np.asarray(lookup.get_indexer(pd.Index(wanted)), dtype=np.int64)


def repeated(table: pd.DataFrame) -> Bools:
    """Rows that stand further up already."""
    code, _, radix = _codes(table, table, {name: name for name in table.columns})
    if radix > 4 * len(table):
        return np.asarray(pd.Index(code).duplicated())
    return np.asarray(_first_rows(code, radix)[code] != np.arange(len(code)))


def _in_full(table: pd.DataFrame, axes: list[str], code: Ints, wanted: Ints, radix: int) -> Ints:
    """The look-up by an array of all codes; position -1 is its last element and stays absent."""
    row = _first_rows(code, radix)
    if (twice := row[code] != np.arange(len(code))).any():
        raise _not_identified(table, axes, twice)
    return np.asarray(row[wanted], dtype=np.int64)


def _first_rows(code: Ints, radix: int) -> Ints:
    """(radix + 1,) first row with each code, -1 where none has it, as in the last element."""
    row = np.full(radix + 1, -1, dtype=np.int64)
    row[code[::-1]] = np.arange(len(code))[::-1]
    return row


def _not_identified(table: pd.DataFrame, axes: list[str], twice: Bools) -> AxisMismatchError:
    return AxisMismatchError(f"{describe(table, twice)} is not identified by {axes} alone")


def _codes(table: pd.DataFrame, keys: pd.DataFrame, on: Mapping[str, str]) -> tuple[Ints, Ints, int]:
    """One integer a row of `table` and of `keys`, equal where all axes are, -1 for keys not in the table; and a number
    above them all."""
    code, wanted, radix = np.zeros(len(table), np.int64), np.zeros(len(keys), np.int64), 1
    ours, theirs = labels(table), labels(keys)
    for key_axis, axis in on.items():
        part, found, size = _axis_codes(ours[axis], theirs[key_axis])
        code = code * size + part
        wanted = np.where((found < 0) | (wanted < 0), -1, wanted * size + found)
        radix *= size
        if radix > 2**31:  # keeps the code within 64 bits however many axes there are
            code, joint = pd.factorize(code)
            wanted, radix = pd.Index(joint).get_indexer(pd.Index(wanted)), len(joint)
    return code, wanted, radix


def labels(table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The labels of each axis."""
    if len(table) <= SMALL and (values := table.to_numpy()).dtype.kind == "i":
        return dict(zip(table.columns, values.T, strict=True))
    return {str(name): table[name].to_numpy() for name in table.columns}


def _axis_codes(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[Ints, Ints, int]:
    """The labels of one axis as 0 .. size - 1, -1 where only keys have them; whole numbers by their distance from the
    least, which needs no look-up."""
    if len(ours) and ours.dtype.kind == theirs.dtype.kind == "i":
        least = ours.min()
        if (size := int(ours.max() - least) + 1) < 2**31:
            found = theirs - least
            return ours - least, np.where((found < 0) | (found >= size), -1, found), size
    if len(ours) + len(theirs) <= SMALL:
        return _few_codes(ours, theirs)
    part, known = pd.factorize(ours)
    return part, pd.Index(known).get_indexer(pd.Index(theirs)), len(known)


def _few_codes(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[Ints, Ints, int]:
    """The same for a few labels of any kind, by a dictionary: an index of pandas costs more than its look-ups."""
    known: dict[object, int] = {}
    part = [known.setdefault(label, len(known)) for label in ours.tolist()]
    found = [known.get(label, -1) for label in theirs.tolist()]
    return np.array(part, np.int64), np.array(found, np.int64), len(known)


def gather(row: Ints, size: int, positions: Ints) -> tuple[Ints, Ints]:
    """New rows and term numbers when row r of the result copies the terms of row positions[r]."""
    order = np.argsort(row, kind="stable")
    count = np.bincount(row, minlength=size + 1)  # the extra row stands for position -1: no terms
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    times = count[positions]
    new_row = np.repeat(np.arange(len(positions)), times)
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    return new_row, order[np.repeat(start[positions], times) + within]
