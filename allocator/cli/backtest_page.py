"""The page of a backtest."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from allocator.cli.text import line_width, money, percent, printable, table
from allocator.studies.backtest.rules import NIGHTLY, WORDS
from allocator.studies.backtest.tables import BATTERY, FORECAST, REGRET, RULES


def page(head: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], folder: Path) -> Iterator[str]:
    """Lines of the page."""
    lag = f", machines {head['lag_hours']} h behind the price" if head["lag_hours"] else ""
    yield printable(f"{head['scenario']}: {head['first_day']} to {head['last_day']}{lag}")
    for site, own in tables[RULES].groupby("site", sort=False):
        yield ""
        yield printable(f"{site}:")
        yield from _rules(own)
    yield from _battery(tables[BATTERY])
    yield from _regret(tables[REGRET], head["components"])
    yield from _forecast(tables[FORECAST])
    yield ""
    yield from _notes(head)
    yield printable(f"tables: {folder / 'rules.parquet'} and others, for people as CSV")


def _rules(own: pd.DataFrame) -> Iterator[str]:
    paid, billed = (bool(own[name].any()) for name in ("services_usd", "billed_usd"))
    rows = [
        [
            str(row["rule"]).replace("_", " "),
            money(row["margin_usd"]),
            "-" if pd.isna(row["capture_share"]) else f"{100 * row['capture_share']:.2f} %",
            money(row["day_ahead_usd"]),
            *([money(row["services_usd"])] if paid else []),
            *([money(row["billed_usd"])] if billed else []),
            f"{row['run_mwh']:,.0f}",
            f"{row['starts']:,}",
            "" if pd.isna(row["strike_usd_per_mwh"]) else f"{row['strike_usd_per_mwh']:,.2f}",
            WORDS[str(row["rule"])],
        ]
        for row in _records(own)
    ]
    services = [*(["services"] if paid else []), *(["peaks billed"] if billed else [])]
    columns = ["rule", "margin", "capture", "bought ahead", *services, "MWh run", "starts", "strike", "what it does"]
    yield from table(columns, rows, range(1, len(columns) - 1), wrapped=len(columns) - 1)


def _battery(found: pd.DataFrame) -> Iterator[str]:
    for site, own in found.groupby("site", sort=False):
        yield ""
        rows = [
            [
                str(row["rule"]).replace("_", " "),
                money(row["gain_usd"]),
                _share(row["capture_share"]),
                _share(row["traded_share"]),
                f"{row['cycles']:,.0f}",
                _price(row["take_below_usd_per_mwh"]),
                _price(row["give_above_usd_per_mwh"]),
            ]
            for row in _records(own)
        ]
        columns = [
            printable(f"{site}: battery"), "gains", "capture", "of trading", "cycles", "takes below", "gives above",
        ]  # fmt: skip
        yield from table(columns, rows, range(1, 7))


def _share(value: float) -> str:
    return "-" if pd.isna(value) else f"{100 * value:.1f} %"


def _price(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.2f}"


def _regret(found: pd.DataFrame, words: Mapping[str, str]) -> Iterator[str]:
    for site, own in found.groupby("site", sort=False):
        yield ""
        rows = [[words[r["component"]], money(r["usd"]), f"{100 * r['share']:.2f} %"] for r in _records(own)]
        rows.append(["all of it", money(own["usd"].sum()), f"{100 * own['share'].sum():.2f} %"])
        head = f"{site}: what the nightly run lost against following every price at once"
        yield from table([printable(head), "USD", "of that gain"], rows, [1, 2])


def _forecast(found: pd.DataFrame) -> Iterator[str]:
    for site, own in found.groupby("site", sort=False):
        yield ""
        rows = [
            [
                f"{r['from_h']} to {r['until_h']}",
                f"{r['mae_usd_per_mwh']:,.2f}",
                f"{r['bias_usd_per_mwh']:+,.2f}",
                f"{r['forecasts']:,}",
            ]
            for r in _records(own)
        ]
        yield from table([printable(f"{site}: hours ahead"), "mean error", "bias", "forecasts"], rows, [1, 2, 3])


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def _notes(head: Mapping[str, Any]) -> Iterator[str]:
    for site in head["sites"]:
        if site["share_of_planned_hours"] is not None:
            yield from _wrapped(
                f"{site['site']}: a plan counts hours as if machines followed every price at once; the "
                f"{NIGHTLY.replace('_', ' ')} run earned {percent(site['share_of_planned_hours'])} of that gain here"
            )
        if site.get("battery_traded_share") is not None:
            yield from _wrapped(
                f"{site['site']}: a plan counts what its battery trades as if every price of the period were known, "
                f"but for its capture_share; the nightly run earned {percent(site['battery_traded_share'])} of that "
                f"here, and {percent(site['battery_gain_share'])} of what the battery gains in all"
            )
        if site.get("services_share") is not None:
            yield from _wrapped(
                f"{site['site']}: a plan counts what services pay as if every price were known, but for their "
                f"capture_share; the nightly run earned {percent(site['services_share'])} of that here"
            )
    if head["plans"]:
        periods = list(head["plans"])
        yield from _wrapped(
            f"{len(periods)} plans were made on the way, at the start of every period from {periods[0]} to "
            f"{periods[-1]}, each from what was known then; they lie in the folder plans"
        )
    for remark in head["remarks"]:
        yield from _wrapped(remark)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), line_width())
