"""Files of a study: tables as Parquet and as CSV for people, heads as JSON, each written whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from allocator.pipeline.errors import BadInputError, WriteError
from allocator.plan.csv_view import escape
from allocator.plan.files import written_whole
from allocator.plan.schema import PLAN_JSON


def check_home(home: Path) -> None:
    """Refuse a place where a study cannot be written, before any work; raises BadInputError."""
    if home.exists() and not home.is_dir():
        raise BadInputError(f"{home} is a file; name a folder for the study")
    if (home / PLAN_JSON).exists():
        raise BadInputError(f"{home} is the folder of a plan; name another one for the study")


def write_table(home: Path, name: str, table: pd.DataFrame) -> None:
    """name.parquet and name.csv; raises WriteError."""
    texts = [column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column])]
    safe = table.assign(**{column: table[column].map(escape) for column in texts})
    _whole(home / f"{name}.parquet", lambda path: table.to_parquet(path, index=False))
    quoted: Literal[2] = csv.QUOTE_NONNUMERIC
    text = safe.to_csv(None, index=False, quoting=quoted, lineterminator="\n")
    _whole(home / f"{name}.csv", lambda path: path.write_text(text, encoding="utf-8"))


def write_head(home: Path, name: str, head: Mapping[str, object]) -> None:
    """name.json; raises WriteError."""
    text = json.dumps(head, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    _whole(home / f"{name}.json", lambda path: path.write_text(text, encoding="utf-8"))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as beside:
            write(beside)
    except OSError as error:
        raise WriteError(f"{path} was not written: {error}") from error
