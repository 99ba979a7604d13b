"""A basis of HiGHS that can be sent to another process."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

_STATUSES = [
    highspy.HighsBasisStatus.kLower,
    highspy.HighsBasisStatus.kBasic,
    highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kZero,
    highspy.HighsBasisStatus.kNonbasic,
]
"""By their numbers."""
BASIC = 1
"""The number of what is basic."""
Statuses = NDArray[np.uint8]
Packed = tuple[bytes, bytes]
"""Statuses of columns and rows."""


class Basis:
    """Which columns and rows of a linear program are basic, and at which bound the others are.

    One that came from elsewhere stays packed until it is used: whoever only passes it on does not pay for it.
    """

    def __init__(self, highs: Any) -> None:
        self._highs: Any = highs
        self._packed: Packed | None = None

    @classmethod
    def of(cls, columns: Statuses, rows: Statuses) -> Basis:
        """A basis by the numbers of its statuses."""
        found = cls(None)
        found._packed = _pack(columns.tolist()), _pack(rows.tolist())
        return found

    def statuses(self) -> tuple[Statuses, Statuses]:
        """Numbers of the statuses of columns and rows."""
        columns, rows = (np.frombuffer(zlib.decompress(part), dtype=np.uint8) for part in self.__getstate__())
        return columns, rows

    @property
    def highs(self) -> Any:
        """As HiGHS takes it."""
        if self._highs is None:
            assert self._packed is not None
            self._highs = highspy.HighsBasis()
            self._highs.col_status, self._highs.row_status = (_unpacked(part) for part in self._packed)
            self._highs.valid = True
        return self._highs

    def __getstate__(self) -> Packed:
        return self._packed or (_pack(self._highs.col_status), _pack(self._highs.row_status))

    def __setstate__(self, state: Packed) -> None:
        self._highs, self._packed = None, state


def _pack(statuses: Sequence[Any]) -> bytes:
    return zlib.compress(bytes(statuses), level=1)


def _unpacked(packed: bytes) -> list[Any]:
    return [_STATUSES[number] for number in zlib.decompress(packed)]
