"""What a night goes by: what it is asked, fresh values, the scenario, and how things really stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from allocator.nightly.feeds.fetch import Fetched, fetch_all
from allocator.nightly.feeds.newest import feed_named
from allocator.nightly.handoff.answered import Returned, returned
from allocator.nightly.identity import run_of, run_of_faults
from allocator.nightly.state.balances import derived
from allocator.nightly.state.orders import Orders, read_orders
from allocator.nightly.state.take import Taken, take
from allocator.nightly.store.registry import Registry, RunKey
from allocator.nightly.store.retention import KEEP_NIGHTS, KEEP_RECORDS
from allocator.nightly.store.store import Place
from allocator.nightly.today import BtcFeed, Known, known_today
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import DEFAULTS, SolveRequest
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.feeds import Feeds
from allocator.scenario.load import LoadedScenario, load_scenario


@dataclass(frozen=True)
class NightRequest:
    """What a night is asked.

    Attributes:
        as_of: the moment whose knowledge counts, with its time zone.
        shadow: solve and write, publish nothing. approval: publish nothing until somebody approves.
        keep_nights, keep_records: nights whose files stay, and those whose record does.
        feeds: file of feeds that are fetched before the scenario is read.
        btc_feed: the one of them that keeps the price of Bitcoin, "" for none.
        notify: file of channels that are told. by_clock: as_of was taken from the clock, which may be wrong.
        state: file of how sites and balances really stand. instructions: file of what people and the grid have ordered.
        rolls: where the first month of the scenario has passed, plan from the month of as_of on, with the opening state
            to which the published plan led. months: length of its horizon then; None: it ends when it did.
    """

    scenario: str
    place: Place
    as_of: datetime
    solve: SolveRequest = DEFAULTS
    shadow: bool = False
    approval: bool = False
    keep_nights: int = KEEP_NIGHTS
    keep_records: int = KEEP_RECORDS
    feeds: Path | None = None
    btc_feed: str = ""
    notify: Path | None = None
    by_clock: bool = False
    state: Path | None = None
    instructions: Path | None = None
    rolls: bool = False
    months: int | None = None


@dataclass(frozen=True)
class Inputs:
    """What a night has read.

    Attributes:
        loaded: the scenario with actual balances where it opens; None where it has `faults`.
    """

    loaded: LoadedScenario | None
    faults: ScenarioFaults
    fetched: Sequence[Fetched]
    known: Known
    state: Taken
    orders: Orders

    def key(self, request: NightRequest) -> RunKey:
        """The run: other inputs are another run."""
        beside = tuple(text for text in (self.state.text, self.orders.text) if text)
        if self.loaded is None:
            return run_of_faults(request.scenario, self.faults, request.as_of, beside)
        return run_of(self.loaded, request.as_of, beside)


def gather(request: NightRequest, feeds: Feeds | None, btc_feed: BtcFeed | None, registry: Registry) -> Inputs:
    """Fetch feeds, read the scenario, and take the state."""
    fetched = [] if feeds is None or request.feeds is None else fetch_all(feeds, request.feeds.parent, request.as_of)
    loaded, faults = _loaded(request)
    state = take(request.state, loaded.scenario if loaded else None, registry, request.as_of)
    orders, refused = _orders(loaded, request, returned(registry, request.as_of))
    loaded, faults, state = _opening(loaded, faults, state, request)
    if refused.faults:
        loaded, faults = None, ScenarioFaults([*faults.faults, *refused.faults])
    return Inputs(loaded, faults, fetched, known_today(loaded, btc_feed, state.actual), state, orders)


def _orders(
    loaded: LoadedScenario | None, request: NightRequest, back: Returned
) -> tuple[Orders, ScenarioFaults]:  # fmt: skip
    """What is ordered, by people and the grid and by what machines refused; and faults of what was written."""
    try:
        found, faults = (
            read_orders(request.instructions, loaded.scenario if loaded else None, request.as_of),
            ScenarioFaults([]),
        )
    except ScenarioFaults as error:
        found, faults = Orders(), error
    return Orders((*found.orders, *back.orders), found.files, (*found.alerts, *back.alerts)), faults


def btc_feed_of(request: NightRequest, feeds: Feeds | None) -> BtcFeed | None:
    """The feed of the price of Bitcoin that a request names.

    Raises:
        BadInputError: it names no file of feeds. ScenarioFaults: the file has no such feed.
    """
    if not request.btc_feed:
        return None
    if feeds is None or request.feeds is None:
        raise BadInputError("a feed of the price of Bitcoin needs a file of feeds", ["name it with --feeds"])
    feed_named(feeds, request.btc_feed, "USD")
    return BtcFeed(feeds, request.feeds.absolute().parent, request.btc_feed)


def _loaded(request: NightRequest) -> tuple[LoadedScenario | None, ScenarioFaults]:
    try:
        return load_scenario(request.scenario), ScenarioFaults([])
    except ScenarioFaults as error:
        return None, error


def _opening(
    loaded: LoadedScenario | None, faults: ScenarioFaults, state: Taken, request: NightRequest
) -> tuple[LoadedScenario | None, ScenarioFaults, Taken]:  # fmt: skip
    """The scenario with actual balances where it opens; faults where it cannot open with them."""
    if loaded is None or state.actual is None:
        return loaded, faults, state
    try:
        changed, alerts = derived(loaded, state.actual, request.as_of)
    except ScenarioFaults as error:
        return None, error, state
    return changed, faults, replace(state, alerts=(*state.alerts, *alerts))
