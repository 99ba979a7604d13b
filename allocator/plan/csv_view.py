"""CSV views of the tables, for people; never read back."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from allocator.plan.schema import Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape(cell: str) -> str:
    """The text with an apostrophe in front where a spreadsheet could take it for a formula."""
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def write(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame of `table` as UTF-8 CSV with text quoted and escaped."""
    if frame.empty:  # most tables of most plans hold nothing, and pandas takes its time to say so
        path.write_text(",".join(f'"{name}"' for name in frame.columns) + "\n", encoding="utf-8", newline="\n")
        return
    texts = [name for name, column in table.columns.items() if column.kind == "text"]
    safe = frame.assign(**{name: frame[name].map(escape).astype("str") for name in texts})
    with path.open("w", encoding="utf-8", newline="") as file:
        safe.to_csv(file, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
