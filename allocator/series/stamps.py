"""Time stamps of a column: text or typed, with an offset or without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from allocator.series.specs import Bools, Times

_TIME = r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_OFFSET = r"(Z|z|[+-]\d{2}(:?\d{2})?)"
READABLE = rf"^\d{{4}}-\d{{2}}-\d{{2}}([T ]{_TIME}{_OFFSET}?)?$"
AWARE = rf"{_TIME}{_OFFSET}$"
MIDNIGHT = r"[T ]24:00(:00(\.0+)?)?"
EXPECTED = "a time such as 2027-01-31T14:00Z, 2027-01-31 14:00-06:00 or, with a time_zone, 2027-01-31 14:00"

_DAY = np.timedelta64(86_400, "s")
_EARLIEST, _LATEST = np.datetime64("1970-01-01", "s"), np.datetime64("2200-01-01", "s")


@dataclass(frozen=True)
class Stamps:
    """Parsed stamps, each (T,).

    Attributes:
        time: UTC where `aware`, otherwise naive local; NaT where the stamp cannot be read.
        aware: True where the stamp carries its offset.
    """

    time: Times
    aware: Bools


def parse_stamps(column: pa.Array) -> Stamps:
    """Read a column of time stamps.

    Raises:
        TypeError: the column holds neither text nor times.
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _typed(column)
    if not is_text(column.type):
        raise TypeError(str(column.type))
    return _text(pc.utf8_trim_whitespace(column.cast(pa.string())))


def is_text(kind: pa.DataType) -> bool:
    """True for every way Arrow keeps text."""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(test(plain) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _typed(column: pa.Array) -> Stamps:
    aware = pa.types.is_timestamp(column.type) and column.type.tz is not None
    seconds = column.cast(pa.timestamp("s", tz=column.type.tz if aware else None), safe=False)
    time = _plausible(seconds.to_numpy(zero_copy_only=False).astype("datetime64[s]"))
    return Stamps(time, np.full(len(time), aware))


def _text(column: pa.Array) -> Stamps:
    readable = matches(column, READABLE)
    midnight = matches(column, MIDNIGHT)
    column = pc.replace_substring_regex(column, MIDNIGHT, " 00:00") if midnight.any() else column
    text = np.where(readable, column.to_numpy(zero_copy_only=False), None)
    parsed = pd.to_datetime(pd.Series(text, dtype="str"), format="ISO8601", utc=True, errors="coerce")
    time = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    time[midnight] += _DAY
    return Stamps(_plausible(time), matches(column, AWARE))


def matches(column: pa.Array, pattern: str) -> Bools:
    """(T,) True where the text matches; False where it is null."""
    found = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _plausible(time: Times) -> Times:
    inside = (time >= _EARLIEST) & (time < _LATEST)
    return np.where(inside, time, np.datetime64("NaT", "s"))
