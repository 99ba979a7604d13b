"""The page of a backtest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.reports.backtested import FREE, NIGHTLY, PERFECT, BacktestTables, named, sections
from allocator.reports.web.report import Report, Tile
from allocator.reports.words import written

NO_RULES = (NIGHTLY, PERFECT, FREE)
"""How runs are named that nobody could follow instead."""


def backtest_report(found: BacktestTables) -> Report:
    """The report of what `allocator backtest` wrote."""
    head = found.head
    return Report(
        title=str(head["scenario"]),
        kind="Backtest",
        lead=_lead(found),
        tiles=tuple(_tiles(found)),
        surety=tuple(_surety(found)),
        sections=sections(found),
        facts=(
            ("hash of the inputs", str(head["input_hash"])),
            ("days", f"{head['first_day']} to {head['last_day']}"),
            ("lag of machines", f"{head['lag_hours']} h"),
            ("versions", ", ".join(f"{name} {version}" for name, version in head["versions"].items())),
        ),
        remarks=tuple(head["remarks"]),
    )


def _lead(found: BacktestTables) -> str:
    sites, days = found.head["sites"], f"{found.head['first_day']} to {found.head['last_day']}"
    told = [
        f"{100 * site['capture_share']:.2f} % of perfect foresight at {site['site']}"
        for site in sites
        if site["capture_share"] is not None
    ]
    captured = f"The nightly run captures {', '.join(told)}" if told else "Nobody gains anything"
    return f"{captured}, from {days}."


def _tiles(found: BacktestTables) -> Iterator[Tile]:
    for site in found.head["sites"]:
        own = found.rules[found.rules["site"] == site["site"]].set_index("rule")
        gain, name = own["gain_usd"].astype(float), f" at {site['site']}" if len(found.head["sites"]) > 1 else ""
        yield Tile(f"Gain{name}", written(gain[NIGHTLY], "USD"), "nightly run, over standing still")
        best = gain.drop([name for name in gain.index if name.startswith(NO_RULES)])
        tone = "good" if gain[NIGHTLY] >= best.max() else "bad"
        over = written(gain[NIGHTLY] - float(best.max()), "USD")
        yield Tile(f"Over the best rule{name}", over, named(str(best.idxmax())), tone)
        yield Tile(
            f"Starts{name}", f"{int(own['starts'][NIGHTLY]):,}", f"{int(own['starts']['break_even']):,} at break-even"
        )
        yield Tile(f"Hours without a price{name}", f"{site['hours_without_price']:,}", f"of {site['hours']:,}")


def _surety(found: BacktestTables) -> Iterator[str]:
    for site in found.head["sites"]:
        exact = "exact" if site["perfect_foresight_is_exact"] else "a bound, as limits part the machines in some hours"
        yield f"{site['site']}: perfect foresight is {exact}."
        yield from _of_the_plan(site)


def _of_the_plan(site: dict[str, Any]) -> Iterator[str]:
    share = site["share_of_planned_hours"]
    if share is not None:
        yield (
            f"{site['site']}: of what a plan counts, hours that follow every price at once, the nightly run earned "
            f"{written(share, 'share')}."
        )
    paid = site.get("services_share")
    if paid is not None:
        yield (
            f"{site['site']}: of what services pay whoever knows every price, the nightly run earned "
            f"{written(paid, 'share')}: state it as its capture_share."
        )
    traded = site.get("battery_traded_share")
    if traded is not None:
        yield (
            f"{site['site']}: of what a plan counts for trading with its battery, every price of the period known, the "
            f"nightly run earned {written(traded, 'share')}."
        )
