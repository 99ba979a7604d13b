"""Times and values out of an answer, as they stand there; nothing is judged yet but whether it is the format agreed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from allocator.nightly.feeds.errors import FeedError
from allocator.scenario.feeds import Rows

Read = tuple[str, datetime | None, float | None]
"""A row: its time as written, the moment (None: no time), and the value (None: no number)."""


def read_rows(content: bytes, rows: Rows, step_h: float) -> list[Read]:
    """Every row of an answer, in its order; moments are the starts of intervals, UTC.

    Raises:
        FeedError: it is not in the format agreed, or lacks the columns.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FeedError("an answer that is no UTF-8 text") from None
    pairs = list(_csv(text, rows) if rows.format == "csv" else _json(text, rows))
    if not pairs:
        raise FeedError("an answer without rows")
    shift = timedelta(hours=step_h) if rows.stamp == "end" else timedelta(0)
    return list(_read(pairs, rows, shift))


def _csv(text: str, rows: Rows) -> Iterator[tuple[Any, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = reader.fieldnames or []
        for asked in (rows.time, rows.value):
            if asked not in names:
                raise FeedError(
                    f"a table without column {asked!r}; it has {', '.join(map(repr, names[:10])) or 'none'}"
                )
        yield from ((row[rows.time], row[rows.value]) for row in reader)
    except csv.Error as error:
        raise FeedError(f"no CSV: {error}") from None


def _json(text: str, rows: Rows) -> Iterator[tuple[Any, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        raise FeedError("no JSON, or one that was cut short") from None
    for key in rows.path.split(".") if rows.path else ():
        if not isinstance(found, dict) or key not in found:
            raise FeedError(f"JSON without {rows.path!r}: there is no {key!r}")
        found = found[key]
    if isinstance(found, dict):
        found = _columns(found, rows)
    if not isinstance(found, list):
        raise FeedError(f"JSON whose {rows.path or 'whole'!r} is no list")
    yield from ((_member(row, rows.time), _member(row, rows.value)) for row in found)


def _columns(found: dict[str, Any], rows: Rows) -> list[dict[str, Any]] | None:
    """Rows of an answer that lists times and values side by side; None where it does not."""
    times, values = found.get(rows.time), found.get(rows.value)
    if not isinstance(times, list) or not isinstance(values, list):
        return None
    if len(times) != len(values):
        raise FeedError(f"JSON with {len(times)} times and {len(values)} values")
    return [{rows.time: time, rows.value: value} for time, value in zip(times, values, strict=True)]


def _member(row: Any, key: str) -> Any:
    if isinstance(row, dict) and key in row:
        return row[key]
    if isinstance(row, list) and key.isdigit() and int(key) < len(row):
        return row[int(key)]
    raise FeedError(f"a row without {key!r}")


def _read(pairs: list[tuple[Any, Any]], rows: Rows, shift: timedelta) -> Iterator[Read]:
    zone, seen = _zone(rows.time_zone), dict[datetime, int]()
    for time, value in pairs:
        moment = _moment(time, rows, zone, seen)
        yield str(time)[:40], None if moment is None else moment - shift, _number(value)


def _zone(name: str) -> tzinfo:
    if name[0] not in "+-":
        return ZoneInfo(name)
    hours, minutes = name[1:].split(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if name[0] == "-" else offset)


def _moment(time: Any, rows: Rows, zone: tzinfo, seen: dict[datetime, int]) -> datetime | None:
    try:
        if rows.time_format != "iso":
            seconds = float(time) / (1000.0 if rows.time_format == "unix_ms" else 1.0)
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(str(time))
        return moment.astimezone(UTC) if moment.tzinfo else _local(moment, zone, seen)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _local(moment: datetime, zone: tzinfo, seen: dict[datetime, int]) -> datetime | None:
    """The moment of a local time: the hour that autumn repeats is met twice in a row; None for one spring skips."""
    first = moment.replace(tzinfo=zone)
    utc = first.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != moment:
        return None
    again = moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seen[moment] = seen.get(moment, 0) + 1
    return again if again != utc and seen[moment] == 2 else utc


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (ValueError, TypeError):
        return None
