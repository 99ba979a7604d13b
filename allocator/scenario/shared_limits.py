"""What several halls of a site share between them and the meter: feeders that carry power, plants that reject heat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.curves import HeatLimitCurve
from allocator.scenario.record import Name, Positive, Record


class Feeder(Record):
    """A transformer, busway or feeder: what the halls behind it draw together is limited."""

    name: Name
    """Unique over the feeders of all sites."""
    limit_mw: Positive
    """Most that the halls behind it draw together in any hour, gross MW, their draw at no load included; also what
    tenants there may be promised together."""
    halls: tuple[Name, ...] = ()
    """Halls of the site that hang on it directly."""
    feeders: tuple[Name, ...] = ()
    """Feeders of the site that hang on it, with all their halls. A hall may hang on several feeders of which none holds
    the other, such as A and B feeds metered apart."""


class Plant(Record):
    """Chillers, dry coolers or towers that several halls share."""

    name: Name
    """Unique over the plants of all sites."""
    loop: Literal["air", "liquid"]
    """Heat of this loop goes to it: what the halls reject to air, or to their liquid loop."""
    heat_limit_mw: HeatLimitCurve
    """Heat it rejects, MW, by ambient: [[degrees C, MW], ...] or one number; tenants are promised the least of it."""
    halls: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Halls of the site that it serves."""


def halls_behind(feeders: Sequence[Feeder]) -> dict[str, frozenset[str]]:
    """Halls behind each feeder, directly or through others; a feeder that hangs on itself adds nothing that way."""
    by_name = {feeder.name: feeder for feeder in feeders}

    def behind(name: str, seen: frozenset[str]) -> frozenset[str]:
        if name in seen or name not in by_name:
            return frozenset()
        feeder = by_name[name]
        inner = (behind(other, seen | {name}) for other in feeder.feeders)
        return frozenset(feeder.halls).union(*inner)

    return {name: behind(name, frozenset()) for name in by_name}
