"""One answer by HTTP: TLS verified, only from hosts that are listed, no larger and no later than is said.

What may pass is tried again: time-outs, broken connections, answers cut short, status 429 and 5xx. What will not pass
is not: another status, a wrong kind of content, an answer that is too large, a redirect.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from allocator.nightly.feeds.errors import FeedError
from allocator.scenario.feeds import Http, Secret

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
WHOLE = 10.0
"""The whole answer may take so many times the wait for its next bytes."""
CONTENT = {"csv": ("csv", "text/plain", "octet-stream"), "json": ("json",)}
"""Parts of the content types that each format comes with."""
MB = 1_000_000

Sleep = Callable[[float], None]


class _PassesError(Exception):
    """A failure that may have gone the next time; `wait_s` is what the server asks for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def fetch(http: Http, kind: str, as_of: datetime, sleep: Sleep = time.sleep) -> bytes:
    """The body of an answer.

    Raises:
        FeedError: there was none in all the tries, or one that cannot be right.
    """
    said = ""
    for attempt in range(http.tries):
        try:
            return _once(http, kind, as_of)
        except _PassesError as error:
            said = str(error)
            if attempt + 1 < http.tries:
                sleep(min(LONGEST_WAIT_S, max(error.wait_s, FIRST_WAIT_S * 2.0**attempt)))
    raise FeedError(f"{said}, {http.tries} times")


def _once(http: Http, kind: str, as_of: datetime) -> bytes:
    headers, query = {"Accept": f"*/{kind}, */*;q=0.5"}, {key: dated(text, as_of) for key, text in http.query.items()}
    if http.secret is not None:
        _add(http.secret, headers, query)
    end = time.monotonic() + WHOLE * http.timeout_s
    try:
        with (
            httpx.Client(timeout=http.timeout_s, verify=True, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", http.url, params=query or None, headers=headers) as answer,
        ):
            _check_head(answer, kind)
            return _body(answer, int(http.most_mb * MB), end)
    except httpx.TimeoutException:
        raise _PassesError(f"no answer within {http.timeout_s:g} s") from None
    except httpx.TransportError as error:
        raise _PassesError(f"the connection failed ({type(error).__name__})") from None
    except httpx.HTTPError as error:
        raise FeedError(f"the request failed ({type(error).__name__})") from None
    except httpx.InvalidURL:
        raise FeedError("the address is none") from None


def _add(secret: Secret, headers: dict[str, str], query: dict[str, str]) -> None:
    value = os.environ.get(secret.environment)
    if not value:
        raise FeedError(f"the environment variable {secret.environment} is not set")
    if secret.header is not None:
        headers[secret.header] = secret.prefix + value
    elif secret.parameter is not None:
        query[secret.parameter] = secret.prefix + value


def _check_head(answer: httpx.Response, kind: str) -> None:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        asked = answer.headers.get("retry-after", "")
        raise _PassesError(f"status {status}", float(asked) if asked.isdigit() else 0.0)
    if status != httpx.codes.OK:
        raise FeedError(f"status {status}")
    content = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if not any(part in content for part in CONTENT[kind]):
        raise FeedError(f"content of type {content[:60]!r}, expected {kind}")


def _body(answer: httpx.Response, most_bytes: int, end: float) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        parts.append(part)
        if size > most_bytes:
            raise FeedError(f"an answer of more than {most_bytes / MB:g} MB")
        if time.monotonic() > end:
            raise _PassesError("an answer that takes too long")
    return b"".join(parts)


def dated(text: str, as_of: datetime) -> str:
    """The text with {as_of_date} and {days_ago:N} filled in."""
    day = as_of.date()
    text = text.replace("{as_of_date}", day.isoformat())
    return re.sub(r"\{days_ago:(\d{1,4})\}", lambda found: (day - timedelta(int(found[1]))).isoformat(), text)
