"""Why there is nobody to do the work."""

from __future__ import annotations

from collections.abc import Sequence


class NoWorkersError(Exception):
    """Nobody can be asked at all: `message`, and `details` line by line."""

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message, self.details = message, tuple(details)


class WorkersLostError(Exception):
    """Those who did the work are gone, or die before they do any."""
