"""The body of one answer: no larger and no later than is said, and of the kind that was agreed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from allocator.nightly.credentials import CredentialError, secret_of
from allocator.nightly.feeds.cache import Cache, Kept
from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.web import (
    NOT_MODIFIED,
    OK,
    Answer,
    Call,
    PassesError,
    Sleep,
    WebError,
    answered,
    tried,
    trusting,
)
from allocator.scenario.credentials import Secret
from allocator.scenario.feeds import Http

WHOLE = 10.0
"""The whole answer may take so many times the wait for its next bytes."""
CONTENT = {"csv": ("csv", "text/plain", "octet-stream"), "json": ("json",)}
"""Parts of the content types that each format comes with."""
MB = 1_000_000


def fetch(http: Http, kind: str, as_of: datetime, home: Path, cache: Cache, sleep: Sleep = time.sleep) -> Kept:
    """An answer: from the cache where that is fresh, or where the server says that nothing changed.

    Raises:
        FeedError: there was none in all the tries, or one that cannot be right.
    """
    query = _query(http, as_of)
    known = cache.known(http.url, query)
    if known is not None and known.fresh():
        return known.again(f"fresh until {known.fresh_until}")
    call = _call(http, kind, query, home, {} if known is None else known.conditions())
    try:
        return tried(lambda: _once(call, http, kind, known), http.tries, sleep)
    except WebError as error:
        raise FeedError(str(error)) from None


def remember(http: Http, as_of: datetime, cache: Cache, answer: Kept) -> None:
    """Keep an answer that proved good; raises OSError."""
    cache.keep(http.url, _query(http, as_of), answer)


def _query(http: Http, as_of: datetime) -> dict[str, str]:
    return {key: dated(text, as_of) for key, text in http.query.items()}


def _call(http: Http, kind: str, query: Mapping[str, str], home: Path, conditions: Mapping[str, str]) -> Call:
    headers, query = {"Accept": f"*/{kind}, */*;q=0.5", **conditions}, dict(query)
    if http.secret is not None:
        _add(http.secret, home, headers, query)
    return Call("GET", http.url, http.timeout_s, headers, query)


def _once(call: Call, http: Http, kind: str, known: Kept | None) -> Kept:
    end = time.monotonic() + WHOLE * http.timeout_s
    with answered(call, trusting()) as answer:
        if answer.status_code == NOT_MODIFIED and known is not None:
            return known.renewed(answer.headers)
        _check_head(answer, kind)
        return Kept.of(_body(answer, int(http.most_mb * MB), end), answer.headers)


def _add(secret: Secret, home: Path, headers: dict[str, str], query: dict[str, str]) -> None:
    try:
        value = secret.prefix + secret_of(secret, home)
    except CredentialError as error:
        raise FeedError(str(error)) from None
    if secret.header is not None:
        headers[secret.header] = value
    elif secret.parameter is not None:
        query[secret.parameter] = value


def _check_head(answer: Answer, kind: str) -> None:
    if answer.status_code != OK:
        raise WebError(f"status {answer.status_code}")
    content = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if not any(part in content for part in CONTENT[kind]):
        raise WebError(f"content of type {content[:60]!r}, expected {kind}")


def _body(answer: Answer, most_bytes: int, end: float) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        parts.append(part)
        if size > most_bytes:
            raise WebError(f"an answer of more than {most_bytes / MB:g} MB")
        if time.monotonic() > end:
            raise PassesError("an answer that takes too long")
    return b"".join(parts)


def dated(text: str, as_of: datetime) -> str:
    """The text with {as_of_date} and {days_ago:N} filled in."""
    day = as_of.date()
    text = text.replace("{as_of_date}", day.isoformat())
    return re.sub(r"\{days_ago:(\d{1,4})\}", lambda found: (day - timedelta(int(found[1]))).isoformat(), text)
