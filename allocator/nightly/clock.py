"""Whether the moment of a night can be: clocks jump, and what was published by a wrong one must not stand for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.store.registry import now
from allocator.nightly.store.shelf import Publication, Shelf
from allocator.pipeline.errors import BadInputError

LEAP = timedelta(days=35)
"""A clock that is further ahead of the last publication is not believed without a person."""


def leap_alert(shelf: Shelf, as_of: datetime) -> Alert | None:
    """Where a moment that the clock gave is so far ahead of what is published that somebody should look first.

    A plan is carried out once its period has begun: a clock that is a year ahead would commit a year of decisions.
    """
    current = shelf.current()
    if current is None or as_of - _as_of(current) <= LEAP:
        return None
    words = (
        f"the clock says {as_of.isoformat()}, {(as_of - _as_of(current)).days} days after the published plan, "
        f"of {current.as_of}: tonight's waits for approval"
    )
    return Alert(Severity.CRITICAL, "clock_leap", words, about=current.run)


def behind_alert(shelf: Shelf, as_of: datetime) -> Alert | None:
    """Where the published plan is of a moment after this one, because its clock was ahead when it was published.

    Raises:
        BadInputError: it is of a later moment, and nothing says that its clock was wrong.
    """
    current = shelf.current()
    if current is None or as_of >= _as_of(current):
        return None
    older = any(_as_of(one) <= as_of for one in shelf.history())
    if not older or datetime.fromisoformat(current.published_at) <= now():
        raise BadInputError(
            f"as-of {as_of.isoformat()} lies before that of the published plan, {current.as_of}",
            ["run it with --shadow to see what it would have said"],
        )
    words = (
        f"the published plan, as of {current.as_of}, was published at {current.published_at}, which has not come: the "
        "clock was ahead, and tonight's plan takes its place; look whether allocator commitments lists what it began"
    )
    return Alert(Severity.CRITICAL, "clock_was_ahead", words)


def _as_of(publication: Publication) -> datetime:
    return datetime.fromisoformat(publication.as_of)
