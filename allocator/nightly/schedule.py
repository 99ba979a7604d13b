"""The run plan of the next seven days: every hour of every tier, with the power price up to which it pays to run.

A tier is a power-mode step of the machines of one model in one hall. Its strike price is what it earns per MWh of its
own, before power, divided by what the meter draws for that MWh (1 + overhead of the hour); where the plan's treasury
pays more or less than the price for a Bitcoin, earnings count that too. What is run is what the plan runs, which limits
may hold below what the strike price alone would say.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.csv_view import escape
from allocator.plan.plan import Plan

DAYS = 7
TENANTS = "tenants"


@dataclass(frozen=True)
class Row:
    """One tier in one step of time.

    Attributes:
        model: "" for tenants. step: power-mode step, None for tenants. strike_usd_per_mwh: None for tenants.
        price_usd_per_mwh: of grid energy, as it is expected.
        state: on, off, part (some machines) or restarting; "" for tenants and for hours that no week decided.
        strike_off_usd_per_mwh, strike_on_usd_per_mwh: above which it stops, below which it starts; None: as `state`.
        site_grid_mw, site_day_ahead_mw: draw of the whole site, and what it buys ahead; None: as `state`.
    """

    utc: str
    hours: float
    site: str
    hall: str
    fit_out: str
    tier: str
    load_mw: float
    price_usd_per_mwh: float
    model: str = ""
    step: int | None = None
    strike_usd_per_mwh: float | None = None
    state: str = ""
    strike_off_usd_per_mwh: float | None = None
    strike_on_usd_per_mwh: float | None = None
    site_grid_mw: float | None = None
    site_day_ahead_mw: float | None = None


@dataclass(frozen=True)
class Schedule:
    """Rows by site, then time; `remarks` say why hours are missing."""

    rows: tuple[Row, ...]
    until: str
    remarks: tuple[str, ...]


def schedule(instance: Instance, plan: Plan, as_of: datetime) -> Schedule:
    """The hours of a plan from a moment on, or from its start where that is later, up to seven days."""
    if not plan.meta.hours.full:
        return Schedule((), "", ("the plan's hours are representative days; plan with --hours full for a schedule",))
    nodes = sure_nodes(plan.tables["nodes"])
    first, end = _window(plan, nodes, as_of)
    rows = tuple(
        row for site in instance.sites.names for node in nodes for row in _rows(instance, plan, site, node, first, end)
    )
    if not rows:
        words = f"the plan ends, or its futures part, before {first.isoformat()}"
        return Schedule((), first.isoformat(), (words,))
    covered = max(pd.Timestamp(row.utc) + timedelta(hours=row.hours) for row in rows)
    short = [] if covered >= end else [f"the plan is the same in every future until {covered.isoformat()} only"]
    return Schedule(rows, covered.isoformat(), tuple(short))


def sure_nodes(nodes: pd.DataFrame) -> list[str]:
    """Nodes that every future passes, in the order of table nodes."""
    return [str(name) for name in nodes["node"][nodes["probability"] >= 1.0 - 1e-9]]


def position(instance: Instance, site: str, node: str) -> tuple[int, int]:
    """Of a site and of a node among those of an instance."""
    return instance.sites.names.index(site), list(instance.tree.name).index(node)


def _window(plan: Plan, nodes: list[str], as_of: datetime) -> tuple[pd.Timestamp, pd.Timestamp]:
    sites = plan.tables["reserved"]["site"].unique()
    starts = [plan.dispatch[str(site), nodes[0]]["hours"]["utc"].iloc[0] for site in sites]
    first = max(pd.Timestamp(as_of), min(pd.Timestamp(start) for start in starts))
    return first, first + timedelta(days=DAYS)


def _rows(
    instance: Instance, plan: Plan, site: str, node: str, first: pd.Timestamp, end: pd.Timestamp
) -> Iterator[Row]:
    months = plan.tables["nodes"].set_index("node")["start_month"]
    if pd.Timestamp(f"{months[node]}-01", tz="UTC") - timedelta(days=2) > end:
        return
    tables = plan.dispatch[site, node]
    utc, step_of_hour = instance.hours.every_hour(*position(instance, site, node))
    stamps = pd.DatetimeIndex(utc, tz="UTC")
    wanted = np.flatnonzero((stamps >= first) & (stamps < end))
    if not len(wanted):
        return
    tiers = [*_tenants(tables, len(tables["hours"])), *_machines(instance, plan, site, node, tables)]
    prices = tables["hours"]["price_usd_per_mwh"].to_numpy()
    for hour, t in zip(wanted.tolist(), step_of_hour[wanted].tolist(), strict=True):
        for tier in tiers:
            yield Row(
                utc=stamps[hour].isoformat(),
                hours=1.0,
                site=site,
                hall=tier.hall,
                fit_out=tier.fit_out,
                tier=TENANTS if tier.step is None else f"{tier.model} step {tier.step}",
                model=tier.model,
                step=tier.step,
                load_mw=float(tier.load_mw[t]),
                strike_usd_per_mwh=None if tier.strike is None else float(tier.strike[t]),
                price_usd_per_mwh=float(prices[t]),
            )


@dataclass(frozen=True)
class _Tier:
    """What stands in a hall; load and strike price by step of time, (T,)."""

    hall: str
    fit_out: str
    model: str
    step: int | None
    load_mw: Floats
    strike: Floats | None


def _tenants(tables: Mapping[str, pd.DataFrame], steps: int) -> Iterator[_Tier]:
    stamps = pd.Index(tables["hours"]["utc"])
    for (hall, fit_out), own in tables["bays"].groupby(["hall", "fit_out"], sort=False):
        if own["firm_mw"].any():
            load = np.zeros(steps)
            load[stamps.get_indexer(pd.Index(own["utc"]))] = own["firm_mw"] - own["shed_mw"]
            yield _Tier(str(hall), str(fit_out), "", None, load, None)


def _machines(
    instance: Instance, plan: Plan, site: str, node: str, tables: Mapping[str, pd.DataFrame]
) -> Iterator[_Tier]:
    """Every tier whose machines stand in the node, running or not."""
    s, n = position(instance, site, node)
    here, segments, placements = site_node(instance, s, n), instance.segments, instance.placements
    fleets = plan.tables["fleets"]
    standing = {(row.model, f"{row.hall}/{row.fit_out}") for row in fleets[fleets["node"] == node].itertuples()}
    loads = dict(iter(tables["segments"].groupby(["hall", "fit_out", "model", "step"], sort=False)))
    stamps = pd.Index(tables["hours"]["utc"])
    premium = _premium(plan, site, node)
    for j, segment in enumerate(np.flatnonzero(segments.site == s)):
        model = instance.models.names[placements.model[segments.placement[segment]]]
        bay = instance.bays.names[segments.bay[segment]]
        if (model, bay) not in standing:
            continue
        hall, fit_out = bay.split("/", 1)
        step, load = int(segments.step[segment]), np.zeros(len(stamps))
        own = loads.get((hall, fit_out, model, step))
        if own is not None:
            load[stamps.get_indexer(pd.Index(own["utc"]))] = own["load_mw"]
        earned = here.segment_value_usd_per_mwh[j] + premium * here.btc_per_mwh[j]
        yield _Tier(hall, fit_out, model, step, load, earned / (1.0 + here.overhead[here.segment_bay[j]]))


def _premium(plan: Plan, site: str, node: str) -> float:
    table = plan.tables["production"]
    own = table[(table["site"] == site) & (table["node"] == node)]["premium_usd_per_btc"]
    return float(own.iloc[0]) if len(own) else 0.0


COLUMNS = (
    "utc", "hours", "site", "hall", "fit_out", "tier", "model", "step", "load_mw", "strike_usd_per_mwh",
    "price_usd_per_mwh", "state", "strike_off_usd_per_mwh", "strike_on_usd_per_mwh", "site_grid_mw",
    "site_day_ahead_mw",
)  # fmt: skip


def as_csv(found: Schedule) -> str:
    """The rows for people and spreadsheets; text that would be a formula is quoted as text."""
    return rows_as_csv(COLUMNS, [asdict(row) for row in found.rows])


def rows_as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows by column name."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    return stream.getvalue()


def as_json(found: Schedule, head: Mapping[str, Any]) -> str:
    """One object: the head, then rows."""
    rows = [{name: getattr(row, name) for name in COLUMNS} for row in found.rows]
    whole = {**head, "until": found.until, "remarks": found.remarks, "rows": rows}
    return json.dumps(whole, allow_nan=False) + "\n"


def _cell(value: object) -> object:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return "" if value is None else value
