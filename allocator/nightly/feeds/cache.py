"""The last answer of a feed, so that a server that knows nothing new need not send it again.

It stands in a hidden folder beside the series. It is asked for again with what the server said about it (ETag,
Last-Modified), and not at all while it is fresh (Cache-Control: max-age). An answer from here is judged and merged as
any other, and values keep where and when they were first fetched. What cannot be read counts as nothing known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from allocator.plan.files import written_whole

FOLDER = ".answers"
LONGEST_FRESH_S = 86_400.0
"""However long a server lets an answer count as fresh: a night asks at least."""


@dataclass(frozen=True)
class Kept:
    """An answer.

    Attributes:
        etag, last_modified: what its server says of it, "" for nothing. fetched_at, fresh_until: ISO 8601, UTC; the
        latter "" where it is to be asked for each time. cached: "" for one that was sent now, else why it was not.
    """

    content: bytes
    etag: str
    last_modified: str
    fetched_at: str
    fresh_until: str
    cached: str = ""

    @classmethod
    def of(cls, content: bytes, headers: Mapping[str, str]) -> Kept:
        """An answer that came now."""
        now = datetime.now(UTC)
        at = now.isoformat(timespec="seconds")
        if "no-store" in _said(headers):
            return cls(content, "", "", at, "")
        return cls(content, headers.get("etag", ""), headers.get("last-modified", ""), at, _fresh_until(headers, now))

    def fresh(self) -> bool:
        """Whether it need not be asked for; a clock that went back makes nothing fresh."""
        if not self.fresh_until:
            return False
        now = datetime.now(UTC)
        return datetime.fromisoformat(self.fetched_at) <= now < datetime.fromisoformat(self.fresh_until)

    def conditions(self) -> dict[str, str]:
        """Headers that ask for it only where it has changed."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in said.items() if value}

    def renewed(self, headers: Mapping[str, str]) -> Kept:
        """The same, which its server says has not changed."""
        return replace(self, fresh_until=_fresh_until(headers, datetime.now(UTC)), cached="not modified")

    def again(self, why: str) -> Kept:
        """The same, not asked for."""
        return replace(self, cached=why)


class Cache:
    """The answers of one feed: the last one, and what was asked for it."""

    def __init__(self, home: Path, name: str) -> None:
        self.place = home / FOLDER / hashlib.sha256(name.encode()).hexdigest()[:32]

    def known(self, url: str, query: Mapping[str, str]) -> Kept | None:
        """The answer kept for a request without its secret; None where there is none that can be told to be one."""
        try:
            head = json.loads(self._head.read_text(encoding="utf-8"))
            content = self.place.read_bytes()
            if head.pop("asked") != _asked(url, query) or head.pop("sha256") != hashlib.sha256(content).hexdigest():
                return None
            return Kept(content, **head)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, url: str, query: Mapping[str, str], answer: Kept) -> None:
        """Remember an answer where it may be asked for by condition, or not at all for a while; raises OSError."""
        if not (answer.conditions() or answer.fresh_until):
            return
        self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        head = {key: value for key, value in asdict(answer).items() if key not in ("content", "cached")}
        head |= {"asked": _asked(url, query), "sha256": hashlib.sha256(answer.content).hexdigest()}
        with written_whole(self.place) as beside:
            beside.write_bytes(answer.content)
        with written_whole(self._head) as beside:
            beside.write_text(json.dumps(head) + "\n", encoding="utf-8")

    @property
    def _head(self) -> Path:
        return self.place.with_suffix(".json")


def _asked(url: str, query: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([url, sorted(query.items())]).encode()).hexdigest()


def _said(headers: Mapping[str, str]) -> list[str]:
    return [part.strip().lower() for part in headers.get("cache-control", "").split(",")]


def _fresh_until(headers: Mapping[str, str], now: datetime) -> str:
    """When an answer stops being fresh; "" where its server says nothing, or that it is to be asked each time."""
    said = _said(headers)
    ages = [part.removeprefix("max-age=") for part in said if part.startswith("max-age=")]
    if not ages or not ages[0].isdigit() or "no-cache" in said:
        return ""
    seconds = min(float(ages[0]), LONGEST_FRESH_S)
    return (now + timedelta(seconds=seconds)).isoformat(timespec="seconds") if seconds > 0 else ""
