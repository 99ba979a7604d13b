"""A column of numbers, as text or typed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allocator.series.specs import Bools, Floats
from allocator.series.stamps import is_text, matches

NUMBER_TEXT = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_MISSING_TEXT = r"(?i)^(na|n/a|nan|null|none)?$"


def parse_numbers(column: pa.Array) -> tuple[Floats, Bools]:
    """Values (T,), NaN where empty, and (T,) True where the text is no number.

    Empty, NA, N/A, NaN, null and none stand for a missing value.

    Raises:
        TypeError: the column holds neither numbers nor text.
    """
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _floats(column.cast(pa.float64())), np.zeros(len(column), dtype=bool)
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan), np.zeros(len(column), dtype=bool)
    if not is_text(kind):
        raise TypeError(str(kind))
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    readable = pc.match_substring_regex(text, NUMBER_TEXT)
    numbers = pc.if_else(readable, text, None).cast(pa.float64())
    empty = np.asarray(text.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    return _floats(numbers), ~(matches(text, NUMBER_TEXT) | matches(text, _MISSING_TEXT) | empty)


def _floats(column: pa.Array) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
