"""What `allocator fetch` is asked: where values come from, how they are read, and what makes one believable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from pathlib import PureWindowsPath
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.addresses import address_faults
from allocator.scenario.credentials import Secret, Text, credential_faults
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import Places, Quoted
from allocator.scenario.record import Name, Number, Positive, Record
from allocator.scenario.record_file import load_record
from allocator.scenario.series_sources import ColumnName, Unit, ZoneOrOffset


class Http(Record):
    """A request, and the limits of an answer."""

    url: Annotated[str, Field(min_length=8, max_length=2000)]
    """Address, https; http only to this machine."""
    query: dict[Text, Text] = Field(default_factory=dict)
    """Parameters. {as_of_date} stands for the day of the run (UTC), {days_ago:N} for the day N days before."""
    secret: Secret | None = None
    """Credential; null: none."""
    timeout_s: Annotated[Positive, Field(le=600.0)] = 30.0
    """Longest wait for the next bytes, and for the whole answer ten times that, seconds."""
    tries: Annotated[int, Field(strict=True, ge=1, le=10)] = 4
    """Attempts; between them the wait doubles from one second, or is what the server asks for up to a minute."""
    most_mb: Annotated[Positive, Field(le=1024.0)] = 50.0
    """Largest answer, MB."""


class Rows(Record):
    """Where times and values stand in an answer."""

    format: Literal["csv", "json"]
    """csv: a table with a line of names. json: objects, or lists."""
    path: Annotated[str, Field(max_length=300)] = ""
    """Of JSON: keys to the list of rows, dots between, for example response.data, or to the object that holds a list of
    times and one of values; empty: the answer itself is it."""
    time: Text
    """Column or key of times; of lists the position, from 0."""
    value: Text
    """Column or key of values; of lists the position, from 0."""
    time_format: Literal["iso", "unix_s", "unix_ms"] = "iso"
    """iso: 2027-06-01T02:00; unix: seconds or milliseconds since 1970."""
    time_zone: ZoneOrOffset = "UTC"
    """Zone of times that carry no offset."""
    stamp: Literal["start", "end"] = "start"
    """Whether a time marks the start or the end of its interval."""


class Gate(Record):
    """What a value must be like. What fails is set aside with its reason."""

    range: tuple[Number, Number]
    """[lowest, highest] plausible value, unit of the feed."""
    step_h: Positive = 1.0
    """Hours between values; other times are set aside, hours."""
    most_jump: Positive | None = None
    """Largest change from one step to the next, unit of the feed; null: any."""
    most_gap_h: Positive | None = None
    """Longest stretch without values that is no alert, hours; null: any."""
    most_age_h: Positive | None = None
    """Oldest that the newest value may be at the time of the run, hours; null: any."""


class Feed(Record):
    """One series, kept up to date."""

    name: Name
    """Name of the feed."""
    http: Http | None = None
    """Where it is fetched; null: it is a file."""
    local: Annotated[str, Field(max_length=400)] | None = None
    """File to read instead, beside this one; null: it is fetched."""
    rows: Rows
    """How the answer is read."""
    unit: Unit
    """Unit of the values, after `scale`."""
    scale: Number = 1.0
    """Factor on every value."""
    gate: Gate
    """What makes a value believable."""
    file: Annotated[str, Field(min_length=1, max_length=400)]
    """CSV file that keeps the series, beside this one: columns time (UTC) and `column`, and where each value is
    from."""
    column: ColumnName
    """Column of values in that file."""
    if_bad: Literal["keep", "stop"]
    """Where nothing can be had, or all is too old. keep: go on with what the file holds, and say so; stop: no new
    plan."""


class Feeds(Record):
    """Everything that is fetched."""

    version: Literal[1]
    """Version of this format."""
    hosts: tuple[Annotated[str, Field(max_length=253)], ...] = ()
    """Hosts that may be asked; every other one is refused."""
    feeds: Annotated[tuple[Feed, ...], Field(min_length=1)]
    """The feeds."""


def load_feeds(path: FilePath) -> Feeds:
    """Read a file of feeds; raises ScenarioFaults with every fault of it."""
    asked, places = load_record(path, Feeds, "a file of feeds")
    faults = [fault for position, feed in enumerate(asked.feeds) for fault in _feed(asked, feed, position, places)]
    faults += _twice(asked, places)
    if faults:
        raise ScenarioFaults(faults)
    return asked


def _feed(asked: Feeds, feed: Feed, position: int, places: Places) -> Iterator[Fault]:
    here = ("feeds", position)
    if (feed.http is None) == (feed.local is None):
        yield places.fault(here, Quoted(feed.name), "either http or local", "keep one of them")
    for key, name in (("file", feed.file), ("local", feed.local)):
        if name is not None and not _inside(name):
            yield places.fault((*here, key), name, "a path inside the folder of this file", "correct the path")
    low, high = feed.gate.range
    if not low < high:
        yield places.fault((*here, "gate", "range"), Quoted(f"{low} to {high}"), "lowest before highest", "swap them")
    if feed.http is not None:
        yield from _http(asked, feed.http, (*here, "http"), places)


def _http(asked: Feeds, http: Http, here: tuple[str | int, ...], places: Places) -> Iterator[Fault]:
    yield from address_faults(http.url, asked.hosts, (*here, "url"), places)
    if http.secret is not None:
        yield from credential_faults(http.secret, (*here, "secret"), places)


def _twice(asked: Feeds, places: Places) -> Iterator[Fault]:
    seen: dict[str, set[str]] = {"name": set(), "file": set()}
    for position, feed in enumerate(asked.feeds):
        for key, known in seen.items():
            text = str(getattr(feed, key))
            if text in known:
                yield places.fault(("feeds", position, key), text, f"another {key} for each feed", "rename one")
            known.add(text)


def _inside(name: str) -> bool:
    path = FilePath(name)
    return (
        name.isprintable()
        and not path.is_absolute()
        and ".." not in path.parts
        and "\\" not in name
        and not PureWindowsPath(name).drive
    )
