"""Figures of a night: what each site runs in the days to come, at which prices that changes, alerts, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocator.reports.figure import Column, Figure, Listing, Section, Series, listing

TENANTS = "tenants"


@dataclass(frozen=True)
class NightFiles:
    """What a night wrote: schedule.json, alerts.json and the lines of changes.md."""

    schedule: Mapping[str, Any]
    alerts: Sequence[Mapping[str, Any]]
    changes: Sequence[str]


def sections(found: NightFiles) -> tuple[Section, ...]:
    """Alerts and changes, then one section a site."""
    rows = pd.DataFrame(found.schedule["rows"])
    told = Section("told", "What somebody should know", (_alerts(found.alerts), _changes(found.changes)))
    if rows.empty:
        return (told,)
    sites = [
        Section(f"site_{k}", str(site), tuple(_pieces(own, f"_{k}")))
        for k, (site, own) in enumerate(rows.groupby("site", sort=False))
    ]
    return (told, *sites)


def _alerts(alerts: Sequence[Mapping[str, Any]]) -> Listing:
    rows = [(str(one["severity"]), str(one["kind"]).replace("_", " "), str(one["message"])) for one in alerts]
    about = "Critical ones first to be looked at." if rows else "There are none."
    order = {"critical": 0, "warning": 1, "info": 2}
    rows.sort(key=lambda row: order.get(row[0], 3))
    return listing("alerts", "Alerts", about, (Column("severity"), Column("kind"), Column("what")), rows)


def _changes(lines: Sequence[str]) -> Listing:
    said = [(line.lstrip("#- ").replace("\\", ""),) for line in lines if line.strip() and not line.startswith("|-")]
    about = "Against the plan published before, as changes.md has it."
    return listing("changes", "What changed", about, (Column("line"),), said[1:])


def _pieces(own: pd.DataFrame, key: str) -> Iterator[Figure | Listing]:
    own = own.assign(utc=pd.to_datetime(own["utc"], utc=True).dt.strftime("%Y-%m-%d %H:%M"))
    hours = tuple(dict.fromkeys(map(str, own["utc"])))
    names = own["hall"].astype(str) + ", " + own["tier"].astype(str)
    price = own.drop_duplicates("utc").set_index("utc")["price_usd_per_mwh"]
    load = own.pivot_table(index="utc", columns=names, values="load_mw", sort=False)
    series = tuple(
        Series(str(name), tuple(map(float, load[name].reindex(list(hours)).fillna(0.0))), "amount")
        for name in load.columns
    )
    about = "Critical IT MW of every tier in every hour; below, what power is expected to cost at the meter."
    below = Figure(
        f"price{key}", "Price of power", "", "lines", "USD/MWh", "hour (UTC)", hours,
        (Series("price", tuple(map(float, price.reindex(list(hours)))), "line"),),
    )  # fmt: skip
    yield Figure(f"load{key}", "What runs", about, "stacked", "MW", "hour (UTC)", hours, series, below)
    yield _strikes(own, key)


def _strikes(own: pd.DataFrame, key: str) -> Listing:
    """Of the first day, where they are the same all day; else their range."""
    machines = own[own["tier"] != TENANTS]
    rows = []
    for (hall, tier), tiers in machines.groupby(["hall", "tier"], sort=False):
        off, on = _or(tiers, "strike_off_usd_per_mwh"), _or(tiers, "strike_on_usd_per_mwh")
        hours = float(tiers.loc[tiers["load_mw"] > 0.0, "hours"].sum())
        rows.append((str(hall), str(tier), float(on.min()), float(on.max()), float(off.min()), float(off.max()), hours))
    columns = (
        Column("hall"),
        Column("tier"),
        Column("starts below, least", "USD/MWh"),
        Column("starts below, most", "USD/MWh"),
        Column("stops above, least", "USD/MWh"),
        Column("stops above, most", "USD/MWh"),
        Column("hours run"),
    )
    about = (
        "Prices at the meter between which nothing is changed, over the days of the schedule; by hour in schedule.csv."
    )
    return listing(f"strikes{key}", "Strike prices", about, columns, rows)


def _or(tiers: pd.DataFrame, name: str) -> pd.Series[float]:
    """A strike price of a decided week, or what the tier earns."""
    plain = tiers["strike_usd_per_mwh"].astype(float)
    return tiers[name].astype(float).fillna(plain) if name in tiers else plain
