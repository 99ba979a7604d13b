"""What cannot be moved on exactly, and what is carried instead where that will do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One thing in the way, in words; `instead`: what is carried where less than exact will do, "" for nothing."""

    words: str
    instead: str = ""

    def __str__(self) -> str:
        return self.words
