"""What a Bitcoin costs today, from the best source there is, and what the watch says at that price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.feeds.newest import feed_named, newest
from allocator.nightly.state.actual import BTC_PRICE, Actual
from allocator.nightly.state.balances import balances
from allocator.nightly.watch import (
    NEAR_SHARE,
    PLANNED,
    Balances,
    Price,
    Watch,
    month_of,
    plan_price,
    unknown_loans,
    watch,
)
from allocator.plan.plan import Plan
from allocator.plan.schema import SCENARIO_FOLDER
from allocator.scenario.feeds import Feeds
from allocator.scenario.load import LoadedScenario, load_scenario

PRICE_MISSING, LOAN_UNKNOWN = "price_missing", "loan_unknown"


@dataclass(frozen=True)
class BtcFeed:
    """A feed that keeps the price of Bitcoin, USD; `home` is the folder of the file of feeds."""

    feeds: Feeds
    home: Path
    name: str


@dataclass(frozen=True)
class Known:
    """What is known today beside the plan.

    Attributes:
        prices: best first. feed: asked where there are none. balances: actual ones, as far as they are known.
    """

    prices: Sequence[Price] = ()
    feed: BtcFeed | None = None
    balances: Balances = PLANNED


def known_today(loaded: LoadedScenario | None, feed: BtcFeed | None, actual: Actual | None) -> Known:
    """What a night knows: the price of the state, then that which the scenario states for today, then a feed's."""
    treasury = None if loaded is None else loaded.scenario.treasury
    prices = []
    if actual is not None and BTC_PRICE in actual.values:
        prices.append(Price(actual.values[BTC_PRICE], f"the state of {actual.as_of.isoformat()}"))
    if treasury is not None and treasury.btc_price_usd is not None:
        prices.append(Price(treasury.btc_price_usd, "treasury.btc_price_usd"))
    return Known(prices, feed, PLANNED if actual is None else balances(actual))


def watch_today(
    plan: Plan, folder: Path, as_of: datetime, known: Known, near_share: float = NEAR_SHARE
) -> tuple[Watch | None, list[Alert]]:
    """The watch of a plan in a folder, None where it has no loan secured by Bitcoin; and every alert.

    Without a price of today that of the plan is taken, and an alert says so.
    """
    if plan.tables["collateral"].empty:
        return None, []
    zone = ZoneInfo(load_scenario(folder / SCENARIO_FOLDER).scenario.horizon.time_zone)
    month, alerts = month_of(as_of, zone), list[Alert]()
    price = _price(plan, month, as_of, known, alerts)
    alerts += _unknown(plan, known.balances)
    found = watch(plan.tables, month, price, known.balances, near_share)
    return found, [*alerts, *found.alerts]


def _price(plan: Plan, month: str, as_of: datetime, known: Known, alerts: list[Alert]) -> Price:
    if known.prices:
        return known.prices[0]
    if known.feed is not None:
        try:
            feed = feed_named(known.feed.feeds, known.feed.name, "USD")
            moment, usd = newest(feed, known.feed.home, as_of)
            return Price(usd, f"feed {feed.name}, {moment.isoformat()}")
        except FeedError as error:
            alerts.append(Alert(Severity.WARNING, PRICE_MISSING, f"feed {known.feed.name}: {error}"))
    planned = plan_price(plan.tables, month)
    assert planned is not None, "collateral stands on a treasury, which has a price"
    words = f"no price of today: loans are watched at the plan's, ${planned:,.0f}"
    alerts.append(Alert(Severity.WARNING, PRICE_MISSING, words, about="the plan's price"))
    return Price(planned, "the published plan")


def _unknown(plan: Plan, actual: Balances) -> Iterator[Alert]:
    for name in unknown_loans(plan.tables, list(actual.loans)):
        words = f"{actual.source} has a loan {name}, which the published plan does not know: it is not watched"
        yield Alert(Severity.WARNING, LOAN_UNKNOWN, words)
