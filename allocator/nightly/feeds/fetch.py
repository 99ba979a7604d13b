"""All feeds of a file: fetched, read, judged and merged, each for itself; one that fails stops no other."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.feeds import http
from allocator.nightly.feeds.cache import Cache, Kept
from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.feeds.gate import gaps, judge, too_old
from allocator.nightly.feeds.rows import read_rows
from allocator.nightly.feeds.series_file import merged, read_values, write_aside, write_values
from allocator.scenario.feeds import Feed, Feeds

MOST_TOLD = 3
"""Rows set aside that an alert quotes; the file beside the series has all."""


@dataclass(frozen=True)
class Fetched:
    """What a feed gave.

    Attributes:
        values: that passed. new: of them those that the file did not hold so. aside: rows that did not pass.
        stops: True where no new plan is to be made of it.
        cached: why the answer was not sent again ("not modified", "fresh until ..."); "" where it was.
    """

    feed: str
    values: int
    new: int
    aside: int
    alerts: tuple[Alert, ...]
    stops: bool
    cached: str = ""


def fetch_all(feeds: Feeds, home: Path, as_of: datetime, sleep: Callable[[float], None] = time.sleep) -> list[Fetched]:
    """Bring every series file up to date; `home` is the folder of the file of feeds."""
    return [_fetched(feed, home, as_of, sleep) for feed in feeds.feeds]


def _fetched(feed: Feed, home: Path, as_of: datetime, sleep: Callable[[float], None]) -> Fetched:
    alerts: list[Alert] = []
    values, new, aside, cached, failed = 0, 0, 0, "", ""
    try:
        values, new, aside, cached = _merge(feed, home, as_of, sleep, alerts)
    except FeedError as error:
        failed = str(error)
    except OSError as error:
        failed = f"{feed.file} cannot be written: {error.strerror}"
    stale = _stale(feed, home, as_of)
    stops = bool(failed or stale) and feed.if_bad == "stop"
    for kind, words in (("feed_failed", failed), ("feed_stale", stale)):
        if words:
            then = "no new plan is made" if stops else "what was known before is used"
            alerts.append(
                Alert(Severity.CRITICAL if stops else Severity.WARNING, kind, f"{feed.name}: {words}; {then}")
            )
    return Fetched(feed.name, values, new, aside, tuple(alerts), stops, cached)


def _merge(
    feed: Feed, home: Path, as_of: datetime, sleep: Callable[[float], None], alerts: list[Alert]
) -> tuple[int, int, int, str]:  # fmt: skip
    """Values that passed, new ones of them, rows set aside, and why the answer was not sent again."""
    file = _inside(home, feed.file)
    known = read_values(file, feed.column)
    answer, source = _answer(feed, home, as_of, sleep)
    found = judge(read_rows(answer.content, feed.rows, feed.gate.step_h), feed.gate, feed.scale)
    if found.aside and not answer.cached:
        write_aside(file, answer.fetched_at, found.aside)
    if found.aside:
        told = "; ".join(f"{one.time} {one.value} ({one.reason})" for one in found.aside[:MOST_TOLD])
        alerts.append(Alert(Severity.WARNING, "values_set_aside", f"{feed.name}: {len(found.aside)} rows: {told}"))
    if not found.values:
        raise FeedError("no value passed the gate")
    origin = (source, answer.fetched_at, hashlib.sha256(answer.content).hexdigest())
    whole = merged(known, found.values, origin)
    if whole != known:
        write_values(file, feed.column, whole)
    if feed.http is not None:
        http.remember(feed.http, as_of, Cache(home, feed.name), answer)
    alerts += [Alert(Severity.WARNING, "feed_gap", f"{feed.name}: {hole}") for hole in gaps(list(whole), feed.gate)]
    new = sum(whole[moment] != known.get(moment) for moment in found.values)
    return len(found.values), new, len(found.aside), answer.cached


def _answer(feed: Feed, home: Path, as_of: datetime, sleep: Callable[[float], None]) -> tuple[Kept, str]:
    """The answer, and its source without query or secret."""
    if feed.http is not None:
        parts, cache = urlsplit(feed.http.url), Cache(home, feed.name)
        answer = http.fetch(feed.http, feed.rows.format, as_of, home, cache, sleep)
        return answer, f"{parts.scheme}://{parts.netloc}{parts.path}"
    assert feed.local is not None
    try:
        return Kept.of(_inside(home, feed.local).read_bytes(), {}), feed.local
    except OSError as error:
        raise FeedError(f"{feed.local} cannot be read: {error.strerror}") from None


def _stale(feed: Feed, home: Path, as_of: datetime) -> str:
    try:
        return too_old(list(read_values(_inside(home, feed.file), feed.column)), feed.gate, as_of)
    except FeedError as error:
        return str(error)


def _inside(home: Path, name: str) -> Path:
    """The file of a feed; links must not lead it out of the folder."""
    place = (home / name).resolve()
    if not place.is_relative_to(home.resolve()):
        raise FeedError(f"{name} leads out of the folder")
    return place
