"""Index tables: checks, and the look-up of one table's rows in another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Factor = float | Floats | Ints | pd.Series


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
    code, wanted = _codes(table, keys, on)
    lookup = pd.Index(code)
    if not lookup.is_unique:
        raise AxisMismatchError(
            f"{describe(table, lookup.duplicated())} is not identified by {list(on.values())} alone"
        )
    return np.asarray(lookup.get_indexer(pd.Index(wanted)), dtype=np.int64)


def _codes(table: pd.DataFrame, keys: pd.DataFrame, on: Mapping[str, str]) -> tuple[Ints, Ints]:
    """One integer a row of `table` and of `keys`, equal where all axes are; -1 for keys not in the table."""
    code, wanted, radix = np.zeros(len(table), np.int64), np.zeros(len(keys), np.int64), 1
    for key_axis, axis in on.items():
        part, labels = pd.factorize(table[axis])
        found = pd.Index(labels).get_indexer(pd.Index(keys[key_axis]))
        code = code * len(labels) + part
        wanted = np.where((found < 0) | (wanted < 0), -1, wanted * len(labels) + found)
        radix *= len(labels)
        if radix > 2**31:  # keeps the code within 64 bits however many axes there are
            code, joint = pd.factorize(code)
            wanted, radix = pd.Index(joint).get_indexer(pd.Index(wanted)), len(joint)
    return code, wanted


def gather(row: Ints, size: int, positions: Ints) -> tuple[Ints, Ints]:
    """New rows and term numbers when row r of the result copies the terms of row positions[r]."""
    order = np.argsort(row, kind="stable")
    count = np.bincount(row, minlength=size + 1)  # the extra row stands for position -1: no terms
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    times = count[positions]
    new_row = np.repeat(np.arange(len(positions)), times)
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    return new_row, order[np.repeat(start[positions], times) + within]
