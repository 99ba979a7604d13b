"""What a channel is told: new alerts, those that are gone, and those told before that still hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allocator.nightly.alerts import Severity

VERSION = 1
_ORDER = tuple(Severity)
_TITLES = {"night": "Night of", "watch": "Loans of", "trial": "Message on"}
MOST_LINES = 100
"""Alerts of each kind that a message lists; the files of the night have all."""


@dataclass(frozen=True)
class Headline:
    """What is told of, in words: state such as "published", exit status, run ("" where there was none); `event` is
    "night", "watch" or "trial"."""

    scenario: str
    as_of: str
    run: str
    state: str
    exit_code: int
    event: str = "night"


@dataclass(frozen=True)
class Told:
    """An alert as a channel is told of it."""

    severity: str
    kind: str
    message: str


@dataclass(frozen=True)
class Message:
    """What is new, what is gone, and what was told before and still holds."""

    headline: Headline
    new: tuple[Told, ...]
    resolved: tuple[Told, ...]
    holding: tuple[Told, ...] = ()

    @property
    def subject(self) -> str:
        """One line."""
        worst = max((told.severity for told in self.new), key=_rank, default="")
        head = f"{worst}: " if worst else ""
        return f"allocator, {self.headline.scenario}: {head}{len(self.new)} new, {len(self.resolved)} resolved"

    @property
    def text(self) -> str:
        """For people."""
        return "\n".join(self._lines()) + "\n"

    @property
    def identity(self) -> str:
        """The same for a message that is sent again."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """For programs; `text` is what chat programs show."""
        parts = {"new": self.new, "resolved": self.resolved, "holding": self.holding}
        listed = {key: [asdict(told) for told in own[:MOST_LINES]] for key, own in parts.items()}
        return {"version": VERSION, "id": self.identity, "text": self.text, **asdict(self.headline), **listed}

    def _lines(self) -> Iterator[str]:
        head = self.headline
        yield f"{_TITLES[head.event]} {head.scenario} as of {head.as_of}: {head.state}, exit status {head.exit_code}."
        for title, own in (("New", self.new), ("Resolved", self.resolved), ("Told before and holding", self.holding)):
            yield from _part(title, own)


def _part(title: str, own: Sequence[Told]) -> Iterator[str]:
    if not own:
        return
    yield f"{title}:"
    yield from (f"- {told.severity}: {' '.join(told.message.split())}" for told in own[:MOST_LINES])
    if len(own) > MOST_LINES:
        yield f"- and {len(own) - MOST_LINES} more"


def _rank(severity: str) -> int:
    return _ORDER.index(Severity(severity))
