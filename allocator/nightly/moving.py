"""A night after the first month of its scenario: it plans from its own month on, as the last plan leads there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.actual import Actual
from allocator.nightly.state.balances import NOT_TAKEN, derived
from allocator.nightly.store.registry import Commitment
from allocator.nightly.store.shelf import Shelf
from allocator.pipeline.errors import BadInputError, PipelineError
from allocator.roll.at_node import at_month
from allocator.roll.roll import roll
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.months import Month

MOVED = "moved_on"


def moved_on(
    loaded: LoadedScenario, shelf: Shelf | None, actual: Actual | None, as_of: datetime, home: Path, alerts: list[Alert]
) -> LoadedScenario:
    """The scenario as it stands in the month of a night, written to `home`, with the opening state of the published
    plan, and balances that are known instead of its own; the scenario itself where its first month has not passed, or
    where it cannot be moved on. `shelf` is None where no plan is published that can be read."""
    horizon = loaded.scenario.horizon
    local = as_of.astimezone(ZoneInfo(horizon.time_zone))
    month = Month(local.year, local.month)
    if month <= horizon.start:
        return loaded
    try:
        current = None if shelf is None else shelf.current()
        if shelf is None or current is None:
            raise BadInputError(f"there is no plan whose state {month} could begin with")
        rolled = roll(at_month(shelf.plan(current.plan), month), home / MOVED, loaded).loaded
    except PipelineError as error:
        words = "; ".join((error.message, *error.details[:5], f"planned from {horizon.start} on"))
        alerts.append(Alert(Severity.WARNING, "not_moved_on", words))
        return loaded
    words = f"the scenario starts in {month}, with the state to which the published plan led"
    alerts.append(Alert(Severity.INFO, MOVED, words))
    return rolled if actual is None else _as_it_stands(rolled, actual, as_of, alerts)


def _as_it_stands(
    rolled: LoadedScenario, actual: Actual, as_of: datetime, alerts: list[Alert]
) -> LoadedScenario:  # fmt: skip
    """With balances that are known, instead of those that the plan led to."""
    alerts[:] = [alert for alert in alerts if alert.kind != NOT_TAKEN]
    try:
        found, more = derived(rolled, actual, as_of)
    except ScenarioFaults as error:
        words = "; ".join(str(fault) for fault in error.faults[:5])
        alerts.append(Alert(Severity.CRITICAL, NOT_TAKEN, f"the scenario cannot open with actual balances: {words}"))
        return rolled
    alerts.extend(more)
    return found


def still_open(commitments: Sequence[Commitment], loaded: LoadedScenario) -> list[Commitment]:
    """Commitments of the months that a scenario plans; those of before are its opening state."""
    start = str(loaded.scenario.horizon.start)
    return [one for one in commitments if one.node[: len(start)] >= start]
