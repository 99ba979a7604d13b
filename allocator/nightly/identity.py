"""Which night a run is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from allocator.nightly.store.registry import RunKey
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario


def run_of(loaded: LoadedScenario, as_of: datetime, beside: Sequence[str] = ()) -> RunKey:
    """The run of a scenario, the content of its files and a moment, and of what else it goes by, as text: the same ones
    give the same run."""
    return _key(loaded.scenario.name, loaded.input_hash, as_of, beside)


def run_of_faults(scenario: str, faults: ScenarioFaults, as_of: datetime, beside: Sequence[str] = ()) -> RunKey:
    """The run of a scenario that cannot be read: told apart by what is wrong with it."""
    text = "\n".join(map(str, faults.faults))
    return _key(scenario, hashlib.sha256(text.encode()).hexdigest(), as_of, beside)


def _key(scenario: str, input_hash: str, as_of: datetime, beside: Sequence[str]) -> RunKey:
    moment = as_of.astimezone(UTC)
    parts = (scenario, input_hash, moment.isoformat(), *beside)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return RunKey(digest, scenario, input_hash, moment)
