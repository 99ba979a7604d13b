"""What a Bitcoin costs today, from the best source there is, and what the watch says at that price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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

OLD = timedelta(hours=36)
"""A price of before that is none of today; states live as long, unless their gate says otherwise."""


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
        said: a price that somebody states for now. dated: prices of a moment, beside that of the feed, which is asked
            for its newest. undated: prices of no moment, best first. balances: actual ones, as far as they are known.
    """

    said: Price | None = None
    dated: Sequence[tuple[datetime, Price]] = ()
    undated: Sequence[Price] = ()
    feed: BtcFeed | None = None
    balances: Balances = PLANNED


def known_today(loaded: LoadedScenario | None, feed: BtcFeed | None, actual: Actual | None) -> Known:
    """What a night knows: prices of the state and of a feed, the later one counts; then that which the scenario states,
    which holds the state's where there is one."""
    treasury = None if loaded is None else loaded.scenario.treasury
    dated, undated = state_price(actual), []
    if not dated and treasury is not None and treasury.btc_price_usd is not None:
        undated.append(Price(treasury.btc_price_usd, "treasury.btc_price_usd"))
    return Known(None, dated, undated, feed, PLANNED if actual is None else balances(actual))


def state_price(actual: Actual | None) -> list[tuple[datetime, Price]]:
    """The price that a state says, with its moment; none where it says none."""
    if actual is None or BTC_PRICE not in actual.values:
        return []
    return [(actual.as_of, Price(actual.values[BTC_PRICE], f"the state of {actual.as_of.isoformat()}"))]


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
    """What is stated for now, else the latest of what has a moment, else what has none, else the plan's own."""
    if known.said is not None:
        return known.said
    dated = [*known.dated, *_of_feed(known.feed, as_of, alerts)]
    dated.sort(key=lambda one: one[0], reverse=True)
    prices = [*(price for _, price in dated), *known.undated]
    if dated and as_of - dated[0][0] > OLD:
        hours = (as_of - dated[0][0]) / timedelta(hours=1)
        words = f"no price of today: the latest is that of {dated[0][1].source}, {hours:,.0f} h ago"
        alerts.append(Alert(Severity.WARNING, PRICE_MISSING, words, about="an old price"))
    if prices:
        others = tuple(f"${one.usd_per_btc:,.0f} ({one.source})" for one in prices[1:])
        return replace(prices[0], rather_than=others)
    planned = plan_price(plan.tables, month)
    assert planned is not None, "collateral stands on a treasury, which has a price"
    words = f"no price of today: loans are watched at the plan's, ${planned:,.0f}"
    alerts.append(Alert(Severity.WARNING, PRICE_MISSING, words, about="the plan's price"))
    return Price(planned, "the published plan")


def _of_feed(asked: BtcFeed | None, as_of: datetime, alerts: list[Alert]) -> Iterator[tuple[datetime, Price]]:
    """The newest value of a feed; an alert where there is none that is fresh."""
    if asked is None:
        return
    try:
        feed = feed_named(asked.feeds, asked.name, "USD")
        moment, usd = newest(feed, asked.home, as_of)
        yield moment, Price(usd, f"feed {feed.name}, {moment.isoformat()}")
    except FeedError as error:
        alerts.append(Alert(Severity.WARNING, PRICE_MISSING, f"feed {asked.name}: {error}"))


def _unknown(plan: Plan, actual: Balances) -> Iterator[Alert]:
    for name in unknown_loans(plan.tables, list(actual.loans)):
        words = f"{actual.source} has a loan {name}, which the published plan does not know: it is not watched"
        yield Alert(Severity.WARNING, LOAN_UNKNOWN, words)
