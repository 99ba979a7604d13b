"""The CSV file that keeps a feed: one row a value, with source, time and hash of the answer it is from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.feeds.gate import SetAside
from allocator.plan.csv_view import escape
from allocator.plan.files import written_whole

ORIGIN = ("source", "fetched_at", "answer_sha256")


@dataclass(frozen=True)
class Value:
    """One value and where it is from; the number is kept as text, so that a file read back is written the same."""

    text: str
    source: str
    fetched_at: str
    answer_sha256: str


def read_values(file: Path, column: str) -> dict[datetime, Value]:
    """What a file keeps; nothing where there is none yet.

    Raises:
        FeedError: a file stands there that was not made by a feed.
    """
    if not file.exists():
        return {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if tuple(reader.fieldnames or ()) != ("time", column, *ORIGIN):
                raise FeedError(f"{file.name} stands there already and was not made by this feed")
            return {
                datetime.fromisoformat(row["time"]): Value(row[column], *(row[name] for name in ORIGIN))
                for row in reader
            }
    except (OSError, UnicodeDecodeError, ValueError, TypeError) as error:
        raise FeedError(f"{file.name} cannot be read: {error}") from None


def merged(
    known: Mapping[datetime, Value], found: Mapping[datetime, float], origin: Sequence[str]
) -> dict[datetime, Value]:
    """Both, in order; a value that is said again as it was keeps where it is from."""
    whole = dict(known)
    for moment, number in found.items():
        text = repr(number)
        if moment not in whole or whole[moment].text != text:
            whole[moment] = Value(text, *origin)
    return dict(sorted(whole.items()))


def write_values(file: Path, column: str, values: Mapping[datetime, Value]) -> None:
    """Write the file whole; raises OSError."""
    rows = [
        (moment.astimezone(UTC).isoformat(), one.text, one.source, one.fetched_at, one.answer_sha256)
        for moment, one in values.items()
    ]
    _write(file, ("time", column, *ORIGIN), rows)


def write_aside(file: Path, fetched_at: str, aside: Sequence[SetAside]) -> None:
    """Add rows that were set aside to the file beside the series, which keeps them all; raises OSError."""
    place = file.with_name(f"{file.name}.aside.csv")
    before = place.read_text(encoding="utf-8").splitlines()[1:] if place.exists() else []
    rows = [(fetched_at, escape(one.time), escape(one.value), escape(one.reason)) for one in aside]
    kept = [tuple(row) for row in csv.reader(before)]
    _write(place, ("fetched_at", "time", "value", "reason"), [*kept, *rows])


def _write(file: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([names, *rows])
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as beside:
        beside.write_text(stream.getvalue(), encoding="utf-8")
