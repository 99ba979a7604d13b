"""A night after the first month of its scenario: it plans from its own month on, as the last plan leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.state.actual import Actual
from allocator.nightly.state.balances import NOT_TAKEN, derived
from allocator.nightly.store.registry import Commitment
from allocator.nightly.store.shelf import Shelf
from allocator.pipeline.errors import BadInputError, PipelineError
from allocator.pipeline.inputs import copied_inputs
from allocator.roll.at_node import in_month
from allocator.roll.came import Came
from allocator.roll.grid import Grid
from allocator.roll.prices import prices_in
from allocator.roll.roll import Asked, Rolled, roll
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.months import Month

MOVED, NOT_MOVED = "moved_on", "not_moved_on"
MOST_TOLD = 5
"""Faults that an alert quotes."""
SAMPLE_MONTHS = 12
"""Months at the end of a horizon that price the years beyond it."""


@dataclass(frozen=True)
class Given:
    """What a night knows of itself: its moment, the actual state, None where nothing is known, and the length of the
    horizon that it is asked for, None: it ends when it did."""

    as_of: datetime
    actual: Actual | None = None
    months: int | None = None


def moved_on(
    loaded: LoadedScenario, shelf: Shelf | None, given: Given, home: Path, alerts: list[Alert]
) -> LoadedScenario:  # fmt: skip
    """The scenario as it stands in the month of a night, written to `home`, with the opening state of the published
    plan, and balances that are known instead of its own; the scenario itself where its first month has not passed, or
    where it cannot be moved on. `shelf` is None where no plan is published that can be read."""
    horizon = loaded.scenario.horizon
    local = given.as_of.astimezone(ZoneInfo(horizon.time_zone))
    month = Month(local.year, local.month)
    if month <= horizon.start:
        return loaded
    current = None if shelf is None else shelf.current()
    if shelf is None or current is None:
        words = f"there is no plan whose state {month} could begin with; planned from {horizon.start} on"
        alerts.append(Alert(Severity.WARNING, NOT_MOVED, words))
        return loaded
    published = shelf.plan(current.plan)
    try:
        rolled = _rolled(loaded, published, month, given, home, alerts)
    except (PipelineError, ScenarioFaults) as error:
        return _not_moved(loaded, published, _told(error), alerts)
    if rolled is None:
        return loaded
    start = rolled.loaded.scenario.horizon.start
    words = f"the scenario starts in {start}, with the state to which the published plan led"
    alerts.append(Alert(Severity.INFO, MOVED, words))
    alerts += [Alert(Severity.WARNING, "moved_on_nearly", words) for words in rolled.nearly]
    return rolled.loaded if given.actual is None else _as_it_stands(rolled.loaded, given.actual, given.as_of, alerts)


def _not_moved(loaded: LoadedScenario, published: Path, why: str, alerts: list[Alert]) -> LoadedScenario:
    """Where the scenario cannot be moved on: the one of the published plan, whose state is younger, with its figures;
    the scenario itself before any plan has moved on."""
    before = copied_inputs(published)
    if before.scenario.horizon.start <= loaded.scenario.horizon.start:
        words = f"{why}; planned from {loaded.scenario.horizon.start} on"
        alerts.append(Alert(Severity.WARNING, NOT_MOVED, words))
        return loaded
    words = f"{why}; planned from {before.scenario.horizon.start} on, with the figures of the published plan"
    alerts.append(Alert(Severity.CRITICAL, NOT_MOVED, words))
    return before


def _rolled(
    loaded: LoadedScenario, plan: Path, month: Month, given: Given, home: Path, alerts: list[Alert]
) -> Rolled | None:  # fmt: skip
    """Moved on to the period that holds the month, short periods first: to its own end, but as long as years beyond
    the horizon need to be priced; no longer than series and lists reach. None where that is the first period."""
    at = in_month(plan, month, partial(_came, loaded, month))
    at = replace(at, really_owed_usd=_really_owed_usd(loaded, given.actual))
    if at.month <= loaded.scenario.horizon.start:
        return None
    left = loaded.scenario.horizon.end.since(at.month)
    wanted = given.months or max(left, SAMPLE_MONTHS if at.instance.terminal.years else 0)
    asked = Asked(None if wanted == left else wanted, Grid.ANEW, nearly=True)
    try:
        return roll(at, home / MOVED, loaded, asked)
    except BadInputError as error:
        if wanted <= left or left < 1:
            raise
        words = f"the horizon ends in {loaded.scenario.horizon.end} as before: {_told(error)}"
        alerts.append(Alert(Severity.WARNING, "horizon_not_extended", words))
        return roll(at, home / f"{MOVED}_shorter", loaded, Asked(left, Grid.ANEW, nearly=True))


def _really_owed_usd(loaded: LoadedScenario, actual: Actual | None) -> dict[str, float]:
    """What is owed on loans where the state says so."""
    said = {} if actual is None else {one.name: actual.of_loan(one.name, "owed_usd") for one in loaded.scenario.loans}
    return {name: usd for name, usd in said.items() if usd is not None}


def _came(loaded: LoadedScenario, month: Month) -> Came:
    """Prices of today, by which the future that has come is told from others."""
    return Came(prices=prices_in(loaded, month))


def _told(error: PipelineError | ScenarioFaults) -> str:
    if isinstance(error, ScenarioFaults):
        return "; ".join(str(fault) for fault in error.faults[:MOST_TOLD])
    return "; ".join((error.message, *error.details[:MOST_TOLD]))


def _as_it_stands(
    rolled: LoadedScenario, actual: Actual, as_of: datetime, alerts: list[Alert]
) -> LoadedScenario:  # fmt: skip
    """With balances that are known, instead of those that the plan led to."""
    alerts[:] = [alert for alert in alerts if alert.kind != NOT_TAKEN]
    try:
        found, more = derived(rolled, actual, as_of)
    except ScenarioFaults as error:
        words = _told(error)
        alerts.append(Alert(Severity.CRITICAL, NOT_TAKEN, f"the scenario cannot open with actual balances: {words}"))
        return rolled
    alerts.extend(more)
    return found


def still_open(commitments: Sequence[Commitment], loaded: LoadedScenario) -> list[Commitment]:
    """Commitments of the months that a scenario plans; those of before are its opening state."""
    start = str(loaded.scenario.horizon.start)
    return [one for one in commitments if one.node[: len(start)] >= start]
