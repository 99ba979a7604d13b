"""Figures of a backtest: what each rule lost, by month, to what it went, how wrong forecasts were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocator.reports.figure import FROM_MONTH, Column, Figure, Listing, Section, Series, listing
from allocator.reports.time_axis import count, written

PERFECT, FREE, NIGHTLY, STILL = "perfect_foresight", "no_restart_terms", "nightly", "stand_still"
BESIDE = (NIGHTLY, "break_even", "fixed_strike_year_before", "day_ahead", "run_always")
"""Rules that the months set side by side."""


@dataclass(frozen=True)
class BacktestTables:
    """What `allocator backtest` wrote: backtest.json and its tables."""

    head: Mapping[str, Any]
    rules: pd.DataFrame
    months: pd.DataFrame
    regret: pd.DataFrame
    forecast: pd.DataFrame
    battery: pd.DataFrame


def sections(found: BacktestTables) -> tuple[Section, ...]:
    """One section a site, and one of the plans where they were made anew."""
    names = [str(site["site"]) for site in found.head["sites"]]
    sites = (
        Section(f"site_{k}", name if len(names) > 1 else "What each rule earned", tuple(_pieces(found, name, f"_{k}")))
        for k, name in enumerate(names)
    )
    made = found.head.get("plans")
    return (*sites, Section("plans", "Plans made on the way", (_plans(made),))) if made else tuple(sites)


def _plans(made: Mapping[str, float]) -> Listing:
    """Plans made anew, by the period at whose start they were made."""
    about = (
        "Each was made at the start of its period, from what was known then, and held what earlier ones decided: its "
        "halls, machines and tenants stand in that period. The value is what it expected from the start of the horizon "
        "on. All of them lie in the folder, each with the series that it believed in."
    )
    columns = Column("period"), Column("expected value", "USD")
    return listing("plans", "Plans", about, columns, [(name, float(usd)) for name, usd in made.items()])


def named(rule: str) -> str:
    """A rule for people."""
    return rule.replace("_", " ")


def _pieces(found: BacktestTables, site: str, key: str) -> Iterator[Figure | Listing]:
    every = found.rules, found.months, found.regret, found.forecast, found.battery
    rules, months, regret, forecast, battery = (table[table["site"] == site] for table in every)
    yield _lost(rules, key)
    yield _rules(found.head, rules, key)
    yield _lost_by_month(months, key)
    if len(battery):
        yield from _battery(battery, key)
    if len(regret):
        yield _regret(regret, key)
    if len(forecast):
        yield _forecast(forecast, key)


def _lost(rules: pd.DataFrame, key: str) -> Figure:
    own = rules[~rules["rule"].isin((PERFECT, FREE, STILL))]
    series = (Series("lost", tuple((own["best_gain_usd"] - own["gain_usd"]).astype(float))),)
    about = (
        "What perfect foresight gains under the same restart and off times, less what each rule gains with what it "
        "bought ahead."
    )
    x = tuple(named(str(rule)) for rule in own["rule"])
    return Figure(f"rules_lost{key}", "What each rule lost", about, "bars", "USD", "rule", x, series)


def _rules(head: Mapping[str, Any], rules: pd.DataFrame, key: str) -> Listing:
    paid, billed = (name in rules and bool(rules[name].any()) for name in ("services_usd", "billed_usd"))
    columns = (
        Column("rule"),
        Column("what it does"),
        Column("margin", "USD"),
        Column("gain over standing still", "USD"),
        Column("lost", "USD"),
        Column("capture", "share"),
        Column("bought ahead", "USD"),
        *([Column("paid by services", "USD")] if paid else []),
        *([Column("peaks billed, not in margin", "USD")] if billed else []),
        Column("lost to restarts", "USD"),
        Column("run", "MWh"),
        Column("starts"),
        Column("strike price", "USD/MWh"),
    )
    services = (*(("services_usd",) if paid else ()), *(("billed_usd",) if billed else ()))
    names = ("margin_usd", "gain_usd", "capture_share", "day_ahead_usd", *services, "restart_usd", "run_mwh")
    rows = [
        (
            named(str(row["rule"])),
            str(head["rules"].get(row["rule"], "")),
            *(_number(row[name]) for name in names[:2]),
            _number(row["best_gain_usd"] - row["gain_usd"]),
            *(_number(row[name]) for name in names[2:]),
            int(row["starts"]),
            _number(row["strike_usd_per_mwh"]),
        )
        for row in _records(rules)
    ]
    about = (
        "Margin is what the hours earn less power of the whole meter; rent is the same for every rule and left out. "
        "Lost is against perfect foresight; capture leaves out what was bought ahead."
    )
    return listing(f"rules{key}", "Rules", about, columns, rows)


def _lost_by_month(months: pd.DataFrame, key: str) -> Figure:
    gain = months.pivot_table(index="month", columns="rule", values="gain_usd")
    first, last = count(str(gain.index[0])), count(str(gain.index[-1]))
    x = tuple(map(written, range(first, last + 1)))
    gain = gain.reindex(x)
    shown = [rule for rule in BESIDE if rule in gain]
    series = tuple(Series(named(rule), tuple(map(_number, gain[PERFECT] - gain[rule])), "line") for rule in shown)
    about = "Gain of perfect foresight less that of each rule, with what was bought ahead. The lowest line lost least."
    title, ones = "Lost against perfect foresight", (1,) * len(x)
    return Figure(f"lost{key}", title, about, "lines", "USD", FROM_MONTH, x, series, months=ones)


def _regret(regret: pd.DataFrame, key: str) -> Figure:
    steps = (*map(float, regret["usd"]), float(regret["usd"].sum()))
    x = (*(named(str(name)) for name in regret["component"]), "all of it")
    about = (
        "What the nightly run lost against machines that follow every price at once, as the hours of a plan count "
        "them: to restart and off times that bind even who knows all prices, to limits left unproven, to weeks decided "
        "one by one (approximation), to not knowing the prices (information), on energy bought ahead. It adds up."
    )
    return Figure(f"regret{key}", "Where it went", about, "waterfall", "USD", "part", x, (Series("lost", steps),))


def _battery(battery: pd.DataFrame, key: str) -> Iterator[Figure | Listing]:
    gain = Series("gain", tuple(battery["gain_usd"].astype(float)))
    x = tuple(named(str(rule)) for rule in battery["rule"])
    about = "Margin with the battery less that of the same machines with the battery left alone."
    yield Figure(f"battery{key}", "What the battery gained", about, "bars", "USD", "rule", x, (gain,))
    columns = (
        Column("rule"),
        Column("gain", "USD"),
        Column("capture", "share"),
        Column("traded", "USD"),
        Column("of trading", "share"),
        Column("wear", "USD"),
        Column("given", "MWh"),
        Column("full cycles"),
        Column("takes below", "USD/MWh"),
        Column("gives above", "USD/MWh"),
    )
    names = [
        "gain_usd", "capture_share", "traded_usd", "traded_share", "wear_usd", "given_mwh", "cycles",
        "take_below_usd_per_mwh", "give_above_usd_per_mwh",
    ]  # fmt: skip
    rows = [(named(str(row["rule"])), *(_number(row[name]) for name in names)) for row in _records(battery)]
    about = (
        "Shares are of perfect foresight. Traded is what it gave less what it took, at the price of the hour, less "
        "wear: the share of it is what capture_share of a scenario's battery asks for."
    )
    yield listing(f"battery_rules{key}", "Rules of the battery", about, columns, rows)


def _forecast(forecast: pd.DataFrame, key: str) -> Figure:
    x = tuple(_ahead(row["from_h"], row["until_h"]) for row in _records(forecast))
    series = (
        Series("mean absolute error", tuple(forecast["mae_usd_per_mwh"].astype(float))),
        Series("bias", tuple(forecast["bias_usd_per_mwh"].astype(float))),
    )
    about = "Errors of the expected real-time price, by hours ahead. Bias above nothing: dearer expected than it came."
    return Figure(f"forecast{key}", "Forecasts", about, "bars", "USD/MWh", "hours ahead", x, series)


def _ahead(from_h: int, until_h: int) -> str:
    return f"{from_h} h" if from_h == until_h else f"{from_h} to {until_h} h"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
