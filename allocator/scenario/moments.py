"""Moments in files: ISO 8601 with an offset from UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

EXPECTED = "a moment with its offset, such as 2027-06-01T02:00Z"


def _moment(said: Any) -> datetime:
    if isinstance(said, datetime) and said.tzinfo is not None:
        return said.astimezone(UTC)
    if not isinstance(said, str):
        raise ValueError(EXPECTED)
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise ValueError(EXPECTED) from None
    if found.tzinfo is None or not 1900 < found.year < 2200:
        raise ValueError(EXPECTED)
    return found.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(datetime.isoformat, return_type=str)]
"""A moment, kept in UTC."""
