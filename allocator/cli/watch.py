"""`allocator watch`: loans secured by Bitcoin at the price of today, without a solve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocator.cli.machine import print_json
from allocator.cli.nightly import JsonLines, moment_of
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import bitcoins, money, printable, table
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.scenario.feeds import load_feeds

if TYPE_CHECKING:
    from allocator.nightly.alerts import Alert
    from allocator.nightly.today import BtcFeed, Known
    from allocator.nightly.watch import Watch, Watched


@click.command()
@store_options
@click.option("--price", type=click.FloatRange(min=0, min_open=True), help="Price of one Bitcoin today, USD.")
@click.option("--feeds", type=click.Path(path_type=Path, dir_okay=False), help="File of feeds; --btc-feed is fetched.")
@click.option("--btc-feed", metavar="NAME", help="Feed that keeps the price of Bitcoin, USD.")
@click.option(
    "--near",
    "near_share",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="Fall of the price that is told of where it would bring a call, share.",
)
@click.option(
    "--notify", type=click.Path(path_type=Path, dir_okay=False), help="File of webhooks and mailboxes to tell alerts."
)
@click.option("--as-of", metavar="TIME", help="Moment of the balances; now if not said.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(
    store: str, plans: Path | None, price: float | None, feeds: Path | None, btc_feed: str | None, near_share: float,
    notify: Path | None, as_of: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Say how far every loan secured by Bitcoin of the published plan stands from a margin call; nothing is solved and
    no lock is taken. Balances are those of the last state that a night took, else the plan's. Without --price the later
    one of the feed's price and that state's counts, else the plan's own, and an alert says so. --notify tells alerts as
    `nightly` does, each once.

    Exit status: 0 no loan is near a call, 12 one is called, 13 one is near, 2 there is no such store or plan.
    """
    need_store()
    from allocator.nightly.look import watch_store
    from allocator.nightly.notify.deliver import Desk
    from allocator.nightly.store.store import place_of
    from allocator.nightly.watch import as_dict

    moment = datetime.now(UTC) if as_of is None else moment_of(as_of)
    desk = Desk(notify, JsonLines())
    known = _known(price, _feed(feeds, btc_feed), moment)
    look = watch_store(place_of(store, plans), moment, known, near_share, desk)
    found, alerts = look.watch, look.alerts
    code = ExitCode.WITHIN_GAP if found is None else found.exit_code
    if as_json:
        told = None if found is None else as_dict(found)
        print_json({"exit_code": code, "watch": told, "alerts": [alert.as_dict() for alert in alerts]})
    else:
        click.echo("\n".join(map(printable, _page(found, alerts))))
    return code


def _feed(feeds: Path | None, name: str | None) -> BtcFeed | None:
    from allocator.nightly.today import BtcFeed

    if (feeds is None) != (name is None):
        raise BadInputError("--feeds and --btc-feed belong together", ["name the file, and the feed in it"])
    return None if feeds is None or name is None else BtcFeed(load_feeds(feeds), feeds.absolute().parent, name)


def _known(price: float | None, feed: BtcFeed | None, as_of: datetime) -> Known:
    from allocator.nightly.feeds.fetch import fetch_all
    from allocator.nightly.feeds.newest import feed_named
    from allocator.nightly.today import Known
    from allocator.nightly.watch import Price

    if price is not None:
        return Known(Price(price, "--price"))
    if feed is not None:
        only = feed.feeds.model_copy(update={"feeds": (feed_named(feed.feeds, feed.name, "USD"),)})
        fetch_all(only, feed.home, as_of)
    return Known(feed=feed)


def _page(found: Watch | None, alerts: Sequence[Alert]) -> Iterator[str]:
    if found is None:
        yield "the published plan has no loan secured by Bitcoin"
        return
    yield f"Bitcoin at ${found.price.usd_per_btc:,.0f} ({found.price.words}); balances of {found.balances}"
    head = ["loan", "owed", "pledged BTC", "free BTC", "LTV", "call above", "called below", "fall", "liquidated below"]
    yield from table(head, [_row(one) for one in found.loans], right=range(1, len(head)))
    yield from (f"  {alert.severity}: {alert.message}" for alert in alerts)


def _row(one: Watched) -> list[str]:
    loan, ltv = one.loan, one.loan.ltv_share[0]
    return [
        loan.loan,
        money(loan.owed_usd),
        bitcoins(loan.pledged_btc),
        bitcoins(loan.free_btc),
        "no BTC" if ltv is None else f"{100 * ltv:.1f} %",
        f"{100 * loan.call_ltv_share:.1f} %",
        _usd(loan.call_usd_per_btc),
        "-" if one.fall_to_call_share is None else f"{100 * one.fall_to_call_share:.1f} %",
        _usd(loan.liquidation_usd_per_btc),
    ]


def _usd(price: float | None) -> str:
    return "-" if price is None else f"${price:,.0f}"
