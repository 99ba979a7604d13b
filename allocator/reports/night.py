"""Figures of a night: what each site runs in the days to come, at which prices that changes, alerts, what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocator.plan.meta import PlanMeta
from allocator.reports.figure import Column, Figure, Listing, Section, Series, listing
from allocator.reports.time_axis import HOURS

TENANTS = "tenants"


@dataclass(frozen=True)
class NightFiles:
    """What a night wrote: schedule.json, alerts.json and lines of changes.md; `meta` heads its plan, where known."""

    schedule: Mapping[str, Any]
    alerts: Sequence[Mapping[str, Any]]
    changes: Sequence[str]
    meta: PlanMeta | None = None


def sections(found: NightFiles) -> tuple[Section, ...]:
    """Alerts and changes, then one section a site."""
    rows = pd.DataFrame(found.schedule["rows"])
    told = Section("told", "What somebody should know", tuple(_told(found)))
    if rows.empty:
        return (told,)
    weeks = {str(week["site"]): week for week in found.schedule["sites"]}
    sites = [
        Section(f"site_{k}", str(site), tuple(_pieces(own, weeks.get(str(site), {}), f"_{k}")))
        for k, (site, own) in enumerate(rows.groupby("site", sort=False))
    ]
    return (told, *sites)


def _told(found: NightFiles) -> Iterator[Listing]:
    yield _alerts(found.alerts)
    if found.changes:
        yield _changes(found.changes)
    for key, title, about in MONEY:
        rows = found.schedule.get(key, ())
        if rows:
            yield _money(key, title, about, rows)


MONEY = (
    (
        "bitcoin",
        "Bitcoin in these days",
        "What the plan sells, buys and mines, by the share of a period that they are.",
    ),
    ("loans", "Loans", "What is drawn and paid back by the end of each period that these days touch."),
    ("collateral", "Bitcoin behind loans", "What is posted and released by the end of each of these periods."),
)
_UNITS = {"btc": "BTC", "usd": "USD", "share": "share"}


def _money(key: str, title: str, about: str, rows: Sequence[Mapping[str, Any]]) -> Listing:
    """Records as a list; the end of a name says its unit."""
    columns = [_column(name) for name in rows[0]]
    return listing(key, title, about, columns, [tuple(row[name] for name in rows[0]) for row in rows])


def _column(name: str) -> Column:
    words, _, unit = name.rpartition("_")
    return Column(words.replace("_", " "), _UNITS[unit]) if unit in _UNITS else Column(name.replace("_", " "))


def _alerts(alerts: Sequence[Mapping[str, Any]]) -> Listing:
    rows = [(str(one["severity"]), str(one["kind"]).replace("_", " "), str(one["message"])) for one in alerts]
    about = "Critical ones first." if rows else "There are none."
    order = {"critical": 0, "warning": 1, "info": 2}
    rows.sort(key=lambda row: order.get(row[0], 3))
    return listing("alerts", "Alerts", about, (Column("severity"), Column("kind"), Column("what")), rows)


def _changes(lines: Sequence[str]) -> Listing:
    about = "Against the plan published before, as changes.md has it."
    return listing("changes", "What changed", about, (Column("of"), Column("what")), list(_said(lines)))


def _said(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines of changes.md under their headings; cells of its tables behind the heads of their columns."""
    section, heads = "plan", list[str]()
    for line in lines:
        if line.startswith("## "):
            section, heads = _plain(line[3:]).casefold(), []
        elif line.startswith(("|-", "# ")) or not line.strip():
            continue
        elif not line.startswith("|"):
            yield section, _plain(line.removeprefix("- "))
        elif not heads:
            heads = _cells(line)
        else:
            named = zip(heads, _cells(line), strict=False)
            yield section, "; ".join(f"{head} {cell}" for head, cell in named if cell)


def _cells(line: str) -> list[str]:
    return [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _plain(words: str) -> str:
    """Markdown that means nothing but its words, as those words."""
    return re.sub(r"\\([\W_])", r"\1", words)


def _pieces(own: pd.DataFrame, week: Mapping[str, Any], key: str) -> Iterator[Figure | Listing]:
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
        f"price{key}", "Price of power", "", "lines", "USD/MWh", HOURS, hours,
        (Series("price", tuple(map(float, price.reindex(list(hours)))), "line", "sold"),),
    )  # fmt: skip
    yield Figure(f"load{key}", "What runs", about, "stacked", "MW", HOURS, hours, series, below)
    if week.get("day_ahead_mwh"):
        yield _bought(own, hours, key)
    if week.get("storage"):
        yield _battery(week["storage"], key)
    yield _strikes(own, key)


def _bought(own: pd.DataFrame, hours: tuple[str, ...], key: str) -> Figure:
    site = own.drop_duplicates("utc").set_index("utc").reindex(list(hours))
    shown = (
        Series("drawn by the site", tuple(map(float, site["site_grid_mw"])), "line", "cash"),
        Series("bought a day ahead", tuple(map(float, site["site_day_ahead_mw"])), "line", "sold"),
    )
    about = "Gross megawatts at the meter; what is drawn beyond what was bought ahead pays the price of the hour."
    return Figure(f"bought{key}", "Drawn and bought ahead", about, "lines", "MW", HOURS, hours, shown)


def _battery(rows: Sequence[Mapping[str, Any]], key: str) -> Figure:
    hours = tuple(str(row["utc"])[:16].replace("T", " ") for row in rows)
    flow = Series(
        "taken less given", tuple(float(row["charge_mw"]) - float(row["discharge_mw"]) for row in rows), key="battery"
    )
    stored = Series("stored", tuple(float(row["stored_mwh"]) for row in rows), "line", "after")
    below = Figure(f"stored{key}", "Stored", "", "lines", "MWh", HOURS, hours, (stored,))
    about = "Megawatts that the battery takes, below nothing what it gives; beneath, the energy stored in it."
    return Figure(f"battery{key}", "Battery", about, "stacked", "MW", HOURS, hours, (flow,), below)


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
