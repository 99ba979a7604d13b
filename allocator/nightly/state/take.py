"""The state of a night: read, judged against the one before, or that one itself where nothing better can be had."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.actual import Actual, actual_of, as_text, from_text
from allocator.nightly.state.gate import Judged, SetAside, judge, too_old
from allocator.nightly.store.registry import Registry
from allocator.nightly.store.tables import StateRow
from allocator.scenario.actual_state import LoadedState, load_state
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.scenario import Scenario

STATE_JSON = "state.json"
"""File of a night that keeps what was taken."""
MOST_TOLD = 5
"""Faults that an alert quotes."""


@dataclass(frozen=True)
class Taken:
    """The state that a night goes by.

    Attributes:
        actual: None where nothing is known. said: what the file said, None where it could not be read or is too old.
        files: read for it, by name, kept with the run.
    """

    actual: Actual | None = None
    said: Actual | None = None
    files: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    alerts: tuple[Alert, ...] = ()

    @property
    def text(self) -> str:
        """Of the run's identity and the night's files; empty where nothing is known."""
        return "" if self.actual is None else as_text(self.actual)

    def record(self, registry: Registry) -> None:
        """Keep what was said, and what was taken of it."""
        if self.said is not None and self.actual is not None:
            said = as_text(self.said)
            registry.record_state(hashlib.sha256(said.encode()).hexdigest(), self.said.as_of, said, self.text)


UNKNOWN = Taken()
"""Nothing is known, and nothing was asked for."""


def take(path: Path | None, scenario: Scenario | None, registry: Registry, as_of: datetime) -> Taken:
    """Read a state; without a file nothing is known. A scenario that cannot be read leaves the state before."""
    if path is None:
        return UNKNOWN
    if scenario is None:
        return _before(registry, as_of, {}, "the scenario cannot be read, which it is a state of")
    try:
        loaded = load_state(path, scenario)
    except ScenarioFaults as error:
        told = "; ".join(map(str, error.faults[:MOST_TOLD]))
        more = f"; and {len(error.faults) - MOST_TOLD} more" if len(error.faults) > MOST_TOLD else ""
        return _before(registry, as_of, {path.name: path} if path.is_file() else {}, told + more)
    stale = too_old(actual_of(loaded), loaded.said.gate, as_of)
    if stale:
        return _before(registry, as_of, loaded.files, stale)
    return _judged(loaded, scenario, registry)


def _judged(loaded: LoadedState, scenario: Scenario, registry: Registry) -> Taken:
    row = registry.last_state(loaded.said.as_of)
    good, before = (None, None) if row is None else (from_text(row.taken), from_text(row.said))
    return judged(loaded, scenario, good, before)


def judged(loaded: LoadedState, scenario: Scenario, good: Actual | None, before: Actual | None) -> Taken:
    """What passes the gate of a state; `good` was taken the time before, of what `before` said."""
    said = actual_of(loaded)
    found = judge(said, loaded.said.gate, scenario, good, before)
    return Taken(found.taken, said, loaded.files, tuple(_aside(found)))


def _aside(found: Judged) -> Iterator[Alert]:
    for one in found.aside:
        yield Alert(Severity.WARNING, "state_set_aside", _words(one), about=one.name)


def _words(one: SetAside) -> str:
    used = "as the scenario has it" if one.used is None else f"{one.used:g}, as known before, is used"
    return f"{one.name} {one.value:g} {one.reason}; {used}"


def _before(registry: Registry, as_of: datetime, files: Mapping[str, Path], why: str) -> Taken:
    """The state that was taken last, and an alert."""
    row: StateRow | None = registry.last_state(as_of + timedelta(microseconds=1))
    if row is None:
        words = f"the state is not taken: {why}; no earlier one is known, all stands as the scenario has it"
        return Taken(files=files, alerts=(Alert(Severity.CRITICAL, "state_refused", words),))
    words = f"the state is not taken: {why}; that of {row.as_of.isoformat()} is used"
    return Taken(from_text(row.taken), None, files, (Alert(Severity.CRITICAL, "state_refused", words),))
