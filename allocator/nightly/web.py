"""Requests by HTTP: TLS verified, no redirects, no settings of the environment, tried again where that may help.

What may pass is tried again: time-outs, broken connections, answers cut short, status 429 and 5xx. What will not pass
is not: another status, a redirect. Every request of the product goes through here.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
OK, NOT_MODIFIED = httpx.codes.OK, httpx.codes.NOT_MODIFIED
Answer = httpx.Response
T = TypeVar("T")
Sleep = Callable[[float], None]
for _logger in ("httpx", "httpcore"):  # below warnings they log addresses and headers, which hold secrets
    logging.getLogger(_logger).setLevel(logging.WARNING)


class WebError(Exception):
    """There is no answer, or none that can be right; the message holds no secret."""


class PassesError(Exception):
    """A failure that may have gone the next time; `wait_s` is what the server asks for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Call:
    """A request. `timeout_s`: longest wait for the next bytes, seconds."""

    method: str
    url: str
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def tried(once: Callable[[], T], tries: int, sleep: Sleep = time.sleep) -> T:
    """What `once` gives at last.

    Raises:
        WebError: it raised PassesError each time.
    """
    said = ""
    for attempt in range(tries):
        try:
            return once()
        except PassesError as error:
            said = str(error)
            if attempt + 1 < tries:
                sleep(min(LONGEST_WAIT_S, max(error.wait_s, FIRST_WAIT_S * 2.0**attempt)))
    raise WebError(f"{said}, {tries} times")


def trusting(ca_file: Path | None = None) -> ssl.SSLContext:
    """Certificates that are believed: those of public authorities, and those of a file; raises OSError."""
    context = httpx.create_ssl_context(verify=True, trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


@contextmanager
def answered(call: Call, context: ssl.SSLContext) -> Iterator[Answer]:
    """The head of an answer, its body to be read inside the block.

    Raises:
        PassesError: a failure that may pass. WebError: one that will not.
    """
    try:
        with (
            httpx.Client(timeout=call.timeout_s, verify=context, follow_redirects=False, trust_env=False) as client,
            client.stream(
                call.method, call.url, params=call.query or None, headers=call.headers, content=call.body
            ) as answer,
        ):
            _check_status(answer)
            yield answer
    except httpx.TimeoutException:
        raise PassesError(f"no answer within {call.timeout_s:g} s") from None
    except httpx.TransportError as error:
        raise PassesError(f"the connection failed ({type(error).__name__})") from None
    except httpx.HTTPError as error:
        raise WebError(f"the request failed ({type(error).__name__})") from None
    except httpx.InvalidURL:
        raise WebError("the address is none") from None


def _check_status(answer: Answer) -> None:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        asked = answer.headers.get("retry-after", "")
        raise PassesError(f"status {status}", float(asked) if asked.isdigit() else 0.0)
    if not (answer.is_success or status == NOT_MODIFIED):
        raise WebError(f"status {status}")
