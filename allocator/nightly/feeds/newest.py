"""The newest value that a feed keeps, where it is fresh enough."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.feeds.gate import too_old
from allocator.nightly.feeds.series_file import read_values
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.feeds import Feed, Feeds
from allocator.scenario.places import suggestion


def feed_named(feeds: Feeds, name: str, unit: str) -> Feed:
    """The feed of a name, in a unit.

    Raises:
        ScenarioFaults: there is none, or its values are something else.
    """
    found = next((feed for feed in feeds.feeds if feed.name == name), None)
    if found is None:
        fix = suggestion(name, [feed.name for feed in feeds.feeds])
        raise ScenarioFaults([Fault("the file of feeds", f"no feed {name!r}", "a feed of that name", fix)])
    if found.unit != unit:
        raise ScenarioFaults([Fault(f"feed {name}", f"the unit {found.unit}", unit, "name another feed")])
    return found


def newest(feed: Feed, home: Path, as_of: datetime) -> tuple[datetime, float]:
    """The newest value not after a moment; `home` is the folder of the file of feeds.

    Raises:
        FeedError: there is none, or it is older than the gate lets pass.
    """
    values = read_values(home / feed.file, feed.column)
    known = [moment for moment in values if moment <= as_of]
    if not known:
        raise FeedError("there are no values up to now")
    stale = too_old(known, feed.gate, as_of)
    if stale:
        raise FeedError(stale)
    return known[-1], float(values[known[-1]].text)
