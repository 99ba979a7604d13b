"""The week of a night: hours of every site decided with restarts, prices and the state of today, and checked.

A site whose week cannot be decided or does not pass its check keeps the hours of the plan, and an alert says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.before import Before
from allocator.nightly.given import NOTHING, Given
from allocator.nightly.prices import Expected, expected_prices
from allocator.nightly.schedule import DAYS, TENANTS, Row, Schedule, sure_nodes
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario
from allocator.scenario.operations import Operations
from allocator.week.interface import UNKNOWN, DayAhead, Opening, Structure, WeekOptions, WeekPlan
from allocator.week.structure import Window, planned_structure
from allocator.week.verified import CheckedWeek, checked_week

OpeningOf = Callable[[Structure], Opening]
BIDS = ("utc", "site", "bids_until", "stair", "price_usd_per_mwh", "mw")
"""Columns of what sites take at which market price."""
NONE_MW = 1e-9
WHOLE = 1e-6


def not_known(_: Structure) -> Opening:
    """Of sites of which nobody said how they stand."""
    return UNKNOWN


@dataclass(frozen=True)
class Weeks:
    """A schedule, and what is said of its sites beside it.

    Attributes:
        bids: rows of what each site takes at which market price. sites: one object a site that has a week, with what
            its battery does, what it offers to ancillary services and what deferrable work it does, step by step.
    """

    schedule: Schedule
    bids: tuple[dict[str, Any], ...] = ()
    sites: tuple[dict[str, Any], ...] = ()
    alerts: tuple[Alert, ...] = field(default=(), repr=False)


def with_weeks(
    planned: Schedule,
    instance: Instance,
    plan: Plan,
    loaded: LoadedScenario,
    as_of: datetime,
    before: Before,
    opening_of: OpeningOf = not_known,
    given: Given = NOTHING,
) -> Weeks:
    """The hours of a plan with those of each site's week in their place; `given` prices stand for expected ones."""
    if not planned.rows:
        return Weeks(planned)
    rows, bids, sites = list[Row](), list[dict[str, Any]](), list[dict[str, Any]]()
    alerts = list[Alert]()
    for site in dict.fromkeys(row.site for row in planned.rows):
        try:
            structure = _structure(instance, plan, loaded, site, planned.rows)
            expected = given.over(structure, expected_prices(loaded, structure, as_of))
            opening = _opening(structure, expected, before, opening_of, as_of)
            found = checked_week(structure, expected.prices, opening, _options(loaded, expected))
        except Exception as error:
            rows += _as_planned(planned, site, before)
            alerts.append(_failed(site, f"{type(error).__name__}: {error}"))
            continue
        if found.broken:
            rows += _as_planned(planned, site, before)
            alerts.append(_failed(site, str(found.broken[0])))
            continue
        rows += _rows(found.plan)
        bids += _bids(site, found, expected)
        sites.append({**_summary(found.plan), **_beside(instance, site, found)})
        alerts += [Alert(Severity.INFO, "week", words) for words in (*expected.remarks, *found.plan.remarks)]
    return Weeks(replace(planned, rows=tuple(rows)), tuple(bids), tuple(sites), tuple(alerts))


def _as_planned(planned: Schedule, site: str, before: Before) -> Iterator[Row]:
    """Rows of a site without a week: what it has bought stands."""
    for row in planned.rows:
        if row.site == site:
            yield replace(row, site_day_ahead_mw=before.bought_mw.get((site, row.utc)))


def _opening(
    structure: Structure, expected: Expected, before: Before, opening_of: OpeningOf, as_of: datetime
) -> Opening:
    """How the site stands, what its schedule has it run, and what it has bought."""
    closed = expected.bids_close <= np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None), "s")
    stands = before.opening(structure, opening_of(structure))
    return replace(stands, bought_mw=before.bought(structure, closed))


def _failed(site: str, words: str) -> Alert:
    message = f"{site}: the hours are those of the plan, since its week was not to be had: {words}"
    return Alert(Severity.CRITICAL, "week_failed", message, about=site)


def _structure(
    instance: Instance, plan: Plan, loaded: LoadedScenario, site: str, rows: Sequence[Row]
) -> Structure:  # fmt: skip
    minutes = (loaded.scenario.operations or Operations()).step_minutes
    first = min(pd.Timestamp(row.utc) for row in rows if row.site == site)
    window = Window(np.datetime64(first.tz_convert("UTC").tz_localize(None), "s"), DAYS * 24, 60 // minutes)
    return planned_structure(instance, plan.tables, site, sure_nodes(plan.tables["nodes"]), window)


def _options(loaded: LoadedScenario, expected: Expected) -> WeekOptions:
    asked = loaded.scenario.operations or Operations()
    return WeekOptions(
        spread=expected.spread,
        day_ahead=DayAhead(asked.day_ahead_share, asked.day_ahead_premium_usd_per_mwh),
        churn_usd_per_mw=asked.churn_usd_per_mw,
        most_moved_mw=np.inf if asked.most_moved_mw is None else asked.most_moved_mw,
        lag_h=asked.price_lag_hours,
    )


def _rows(week: WeekPlan) -> Iterator[Row]:
    """By step: tenants of each hall, then every tier that stands."""
    structure, capacity = week.structure, week.structure.capacity_mw
    plain, price, grid = structure.strike_usd_per_mwh, structure.price_usd_per_mwh, week.grid_mw
    halls, tenants = _tenants(week)
    stamps = [pd.Timestamp(stamp, tz="UTC").isoformat() for stamp in structure.utc]
    state = _states(week)
    for t, stamp in enumerate(stamps):
        shared = Row(
            utc=stamp,
            hours=structure.step_h,
            site=structure.site,
            hall="",
            fit_out="",
            tier=TENANTS,
            load_mw=0.0,
            price_usd_per_mwh=float(price[t]),
            site_grid_mw=float(grid[t]),
            site_day_ahead_mw=float(week.day_ahead_mw[t]),
        )
        for (hall, fit_out), load in zip(halls, tenants, strict=True):
            yield replace(shared, hall=hall, fit_out=fit_out, load_mw=max(0.0, float(load[t])))
        for j in np.flatnonzero(capacity[:, t] > 0.0).tolist():
            tier = structure.tiers[j]
            yield replace(
                shared,
                hall=tier.hall,
                fit_out=tier.fit_out,
                tier=f"{tier.model} step {tier.step}",
                model=tier.model,
                step=tier.step,
                load_mw=max(0.0, float(week.load_mw[j, t])),  # a solver's nothing may be -0
                strike_usd_per_mwh=float(plain[j, t]),
                state=state[j][t],
                strike_off_usd_per_mwh=float(week.strike_off_usd_per_mwh[j, t]),
                strike_on_usd_per_mwh=float(week.strike_on_usd_per_mwh[j, t]),
            )


def _tenants(week: WeekPlan) -> tuple[list[tuple[str, str]], list[Floats]]:
    """Halls with firm load, and what is served in each, (T,) a hall."""
    structure = week.structure
    firm = structure.over_steps([part.capacity.firm_mw for part in structure.parts])
    halls = [hall for hall, own in zip(structure.tenant_halls, firm, strict=True) if own.any()]
    places = np.array([hall in set(halls) for hall in structure.tenant_halls], dtype=bool)
    served = {hall: np.zeros(structure.hours) for hall in halls}
    for k in np.flatnonzero(places).tolist():
        served[structure.tenant_halls[k]] += firm[k] - week.shed_mw[k]
    return list(served), list(served.values())


def _states(week: WeekPlan) -> list[list[str]]:
    """on, off, part or restarting, by tier and step."""
    capacity, load = week.structure.capacity_mw, week.load_mw
    started = week.started_share[week.structure.fleet] > NONE_MW
    words = np.where(load >= capacity * (1.0 - WHOLE), "on", "part")
    words = np.where(started, "restarting", words)
    return [[str(word) for word in own] for own in np.where(load <= NONE_MW, "off", words)]


def _bids(site: str, found: CheckedWeek, expected: Expected) -> list[dict[str, Any]]:
    curve = found.tables["curve"].assign(site=site)
    at = np.searchsorted(found.plan.structure.utc, curve["utc"].to_numpy(dtype="datetime64[s]"))
    return _dated(curve.assign(bids_until=[_iso(stamp) for stamp in expected.bids_close[at]]))


def _beside(instance: Instance, site: str, found: CheckedWeek) -> dict[str, list[dict[str, Any]]]:
    """Rows of what runs beside the loads; services and work by name."""
    s = instance.sites.names.index(site)
    services = [name for name, at in zip(instance.reserves.names, instance.reserves.site, strict=True) if at == s]
    jobs = [name for name, at in zip(instance.jobs.names, instance.jobs.site, strict=True) if at == s]
    hours = found.tables["hours"]
    storage = hours.loc[hours["stored_mwh"].notna(), ["utc", "charge_mw", "discharge_mw", "stored_mwh"]]
    offers = found.tables["offers"].assign(service=[services[k] for k in found.tables["offers"]["service"]])
    work = found.tables["work"].assign(job=[jobs[k] for k in found.tables["work"]["job"]])
    offered = found.tables["offered"].assign(service=[services[k] for k in found.tables["offered"]["service"]])
    beside = {
        "storage": storage,
        "stored_prices": found.tables["stored"],
        "offers": offers,
        "offered": offered,
        "work": work,
    }
    return {name: _dated(table) for name, table in beside.items()}


def _dated(table: pd.DataFrame) -> list[dict[str, Any]]:
    told = table.assign(utc=[_iso(stamp) for stamp in table["utc"]])
    return [{str(name): value for name, value in row.items()} for row in told.to_dict("records")]


def _iso(stamp: np.datetime64 | pd.Timestamp) -> str:
    """UTC; empty for no moment."""
    return "" if pd.isna(stamp) else pd.Timestamp(stamp, tz="UTC").isoformat()


def _summary(week: WeekPlan) -> dict[str, Any]:
    return {
        "site": week.structure.site,
        "method": week.method,
        "value_usd": week.value_usd,
        "bound_usd": week.bound_usd,
        "restarts_usd": week.money.restarts,
        "day_ahead_gain_usd": week.money.day_ahead,
        "day_ahead_mwh": float(week.day_ahead_mw.sum() * week.structure.step_h),
        "spread_usd_per_mwh": week.options.spread.sd_usd_per_mwh,
        "spread_persistence_share": week.options.spread.persistence,
    }
