"""Whether a store serves a good plan, for monitors: read without the lock, changing nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allocator.nightly.store.database import SQLITE, open_database
from allocator.nightly.store.lock import held
from allocator.nightly.store.registry import UNFINISHED, Registry, State, now
from allocator.nightly.store.shelf import Publication, Shelf
from allocator.nightly.store.store import Place
from allocator.pipeline.errors import BadInputError, StoreError

GOOD = (State.PUBLISHED, State.SHADOW, State.AWAITING, *UNFINISHED)
CLOCKS = timedelta(minutes=5)
"""Clocks of machines that share a store may differ so much."""

EARLY = timedelta(days=1)
"""A night may be run so long before its moment."""


@dataclass(frozen=True)
class Health:
    """What is published, how old it is, and everything that is not as it should be.

    Attributes:
        age_h: None where nothing is published, or what is published is of a moment that has not come.
        ahead_h: how far that moment lies ahead; None where it has come.
    """

    published: Publication | None
    age_h: float | None
    ahead_h: float | None
    last_state: str
    problems: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.problems


def health(place: Place, most_age_h: float) -> Health:
    """Look at a store.

    Raises:
        BadInputError: there is no store.
    """
    if not place.home.is_dir():
        raise BadInputError(f"{place.home} is no folder of plans")
    shelf = Shelf(place.home)
    current = shelf.current()
    old = timedelta(0) if current is None else now() - datetime.fromisoformat(current.as_of)
    problems = ["no plan is published"] if current is None else _of_folder(shelf, current, old, most_age_h)
    state, more = _of_registry(place)
    hours = old / timedelta(hours=1)
    age, ahead = (None, -hours) if old < -CLOCKS else (max(0.0, hours), None)
    return Health(current, None if current is None else age, ahead, state, (*problems, *more))


def _of_folder(shelf: Shelf, current: Publication, old: timedelta, most_age_h: float) -> list[str]:
    found, hours = [], old / timedelta(hours=1)
    if not shelf.holds_plan(current.plan):
        found.append("the published plan is damaged")
    if datetime.fromisoformat(current.published_at) > now() + CLOCKS:
        found.append(f"the published plan is of {current.published_at}, which has not come: the clock was or is wrong")
    elif old < -EARLY:
        found.append(
            f"the published plan is as of {current.as_of}, {-hours:,.1f} h ahead: it was run for a later moment"
        )
    if hours > most_age_h:
        found.append(f"the published plan is as of {hours:,.1f} h ago, more than {most_age_h:,.1f} h")
    return found


def _of_registry(place: Place) -> tuple[str, list[str]]:
    if place.url.get_backend_name() == SQLITE and not Path(str(place.url.database)).exists():
        return "", ["there is no registry"]
    try:
        engine = open_database(place.url)
        try:
            last = Registry(engine).latest()
        finally:
            engine.dispose()
    except StoreError as error:
        return "", ["; ".join((error.message, *error.details))]
    if last is None:
        return "", []
    if last.state in UNFINISHED and not held(place.home):
        return last.state, [f"the last run, as of {last.as_of.isoformat()}, was cut off as {last.state}"]
    if last.state in GOOD:
        return last.state, []
    return last.state, [f"the last run, as of {last.as_of.isoformat()}, ended as {last.state}"]
