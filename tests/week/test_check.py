"""The check of a week: nothing to say of what is decided, and the right rule of what is planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from allocator.dispatch.interface import SiteNode
from allocator.instance.compile import compile_instance
from allocator.instance.demand import NodePeak
from allocator.instance.restarts import Restarts
from allocator.instance.shared_limits import SiteFeeder, SitePlant
from allocator.instance.tenants import SiteTenants
from allocator.scenario.load import load_scenario
from allocator.week.check.run import RULES, Claims, check_week
from allocator.week.interface import Opening, Prices, Spread, Structure, WeekOptions, planned_prices
from allocator.week.structure import Window, opening_structure
from allocator.week.tables import week_tables
from allocator.week.verified import checked_week
from allocator.week.window import chained, cut
from tests.architecture.imports import ROOT
from tests.week.sites import Fleet, node, of_node, stamps

HOURS = 24
FLEETS = [Fleet((10.0, 4.0), (70.0, 45.0), 0.05), Fleet((8.0,), (62.0,)), Fleet((6.0,), (55.0,))]
TERMS = Restarts(np.array([0.5, 0, 0]), np.array([2.0, 3, 0]), np.array([2.0, 0, 0]), np.array([4.0, 3, 0]))
BY_HAND = ["battery_days", "reserve_offers", "deferrable_work", "take_or_pay", "block_for_own_use"]
Tables = dict[str, pd.DataFrame]
Case = tuple[Structure, Prices, Opening, WeekOptions]


def _shared(here: SiteNode) -> SiteNode:
    """A feeder over two halls, a plant over two, a peak in the afternoon, a budget, and tenants with an allowance."""
    bays, rng = here.bays, np.random.default_rng(3)
    tenants = SiteTenants(np.array([bays - 1]), np.zeros(1), np.zeros(HOURS), np.array([3.0]), np.array([40.0]))
    counts = np.isin(np.arange(HOURS), [14, 15, 16])
    plant = SitePlant(0, "tower", "air", np.full(HOURS, 15.0), np.arange(bays) != 0)
    return replace(
        here,
        air_limit_mw=np.where(np.arange(bays)[:, None] == 0, 12.0, 100.0) * np.ones(HOURS),
        no_load_mw=np.full(bays, 0.1),
        site_limit_mw=np.full(HOURS, 27.0) + rng.integers(0, 2, HOURS),
        feeders=(SiteFeeder(0, "east", 16.0, np.arange(bays) < 2),),
        plants=(plant,),
        peaks=(NodePeak(0, counts),),
        energy_budget_mwh=430.0,
        tenants=tenants,
    )


@cache
def shared() -> Case:
    made = of_node(_shared(node(FLEETS, HOURS, firm_mw=4.0)), FLEETS, stamps(HOURS), TERMS, 4.0)
    part = made.parts[0]
    made = replace(made, parts=(replace(part, capacity=replace(part.capacity, peak_mw=np.array([20.0]))),))
    spot = np.exp(np.random.default_rng(8).normal(3.9, 0.45, HOURS))
    spot[20] = 400.0
    share = np.ones((4, HOURS))
    share[2, 5:9] = 0.5
    bought = np.where(np.arange(HOURS) < 3, 5.0, np.nan)
    running, off_h = np.array([10.0, 0, 0, 6]), np.array([0.0, 1, 0])
    opening = Opening(running, off_h, share, peak_mw=np.array([12.0]), bought_mw=bought)
    ahead = np.where(np.arange(HOURS) < 12, 40.0, np.nan)
    return made, Prices(made.utc, spot, ahead), opening, WeekOptions(Spread(15.0, 0.5), churn_usd_per_mw=0.1, lag_h=1.0)


@cache
def by_hand(name: str) -> Case:
    instance = compile_instance(load_scenario(str(ROOT / "scenarios" / "hand" / name)))
    utc = instance.hours.utc[instance.hours.steps(0, 0)]
    made = opening_structure(instance, instance.sites.names[0], [instance.tree.name[0]], Window(utc[0], 48))
    slow = Restarts(*(np.full(made.fleets, term) for term in (0.25, 2.0, 1.0, 3.0)))
    made = replace(made, restarts=slow)
    planned = planned_prices(made)
    noise = np.random.default_rng(4).normal(0.0, 40.0, made.hours)
    return made, replace(planned, spot_usd_per_mwh=planned.spot_usd_per_mwh + noise), Opening(), WeekOptions()


def two_months() -> Case:
    """A battery over the end of a month; only the second one bills peaks."""
    made, prices, *asked = by_hand("battery_days")
    part, half = made.parts[0], made.hours // 2
    first, second = chained([cut(part.here, 0, half), cut(part.here, half, made.hours)])
    billed = replace(second, peaks=(NodePeak(0, np.ones(second.hours, dtype=bool)),))
    peak = replace(part.capacity, peak_mw=second.site_limit_mw[:1])
    parts = replace(part, here=first), replace(part, here=billed, capacity=peak)
    return replace(made, parts=parts, btc_per_mwh=np.repeat(made.btc_per_mwh, 2, axis=0)), prices, *asked


@cache
def decided(case: str) -> tuple[Case, Tables, Claims]:
    asked = {"shared": shared, "two_months": two_months}.get(case, lambda: by_hand(case))()
    found = checked_week(*asked)
    assert found.broken == ()
    week = found.plan
    return asked, week_tables(week), Claims(week.value_usd, week.bound_usd, week.money.day_ahead)


@pytest.mark.parametrize("case", ["shared", "two_months", *BY_HAND])
def test_a_week_that_is_decided_holds(case: str) -> None:
    (_, prices, _, _), tables, _ = decided(case)
    assert len(tables["hours"]) == len(prices.utc)


def test_what_is_stored_goes_on_at_the_end_of_a_month() -> None:
    """One run of steps: at the middle of it nothing is asked of the level, and the program earns no less than parts."""
    (made, prices, *asked), tables, claims = decided("two_months")
    apart = tuple(
        replace(part, here=replace(part.here, battery=cut(part.here, 0, part.here.hours).battery))
        for part in made.parts
    )
    separate = checked_week(replace(made, parts=apart), prices, *asked)
    assert separate.broken == ()
    assert claims.value_usd > separate.plan.value_usd + 1.0
    level = tables["hours"]["stored_mwh"].iloc[made.parts[0].here.hours - 1]
    assert level != pytest.approx(tables["hours"]["stored_mwh"].iloc[-1])


def scale(table: str, column: str, factor: float, where: str = "") -> Callable[[Tables], None]:
    """Change a column of a table, in the rows of a query."""

    def change(tables: Tables) -> None:
        found = tables[table].copy()
        rows = found.query(where).index if where else found.index
        found.loc[rows, column] = found.loc[rows, column] * factor
        tables[table] = found

    return change


def fill(table: str, column: str, value: float) -> Callable[[Tables], None]:
    """Put one value in every row."""
    return lambda tables: tables.update({table: tables[table].assign(**{column: value})})


def without(table: str) -> Callable[[Tables], None]:
    """Lose a table."""

    def change(tables: Tables) -> None:
        del tables[table]

    return change


def put(table: str, column: str, value: float, row: int = 0) -> Callable[[Tables], None]:
    """Put one value in place."""

    def change(tables: Tables) -> None:
        tables[table] = tables[table].copy()
        tables[table].loc[tables[table].index[row], column] = value

    return change


FAULTS: list[tuple[str, str, Callable[[Tables], None]]] = [
    ("FLEET.available", "shared", scale("tiers", "load_mw", 3.0)),
    ("CONTRACT.shed", "shared", put("tenants", "shed_mw", 9.0)),
    ("POWER.hall", "shared", scale("tiers", "load_mw", 90.0)),
    ("COOLING.air", "shared", scale("tiers", "load_mw", 2.0)),
    ("POWER.feeder", "shared", scale("tiers", "load_mw", 1.5)),
    ("COOLING.plant", "shared", scale("tiers", "load_mw", 3.0)),
    ("METER.draw", "shared", put("hours", "grid_mw", 1.0)),
    ("POWER.site", "shared", scale("hours", "grid_mw", 2.0)),
    ("PEAK.metered", "shared", scale("hours", "grid_mw", 3.0)),
    ("POWER.energy", "shared", scale("hours", "grid_mw", 1.5)),
    ("RESTART.shares", "shared", scale("tiers", "on_share", 1.5)),
    ("RESTART.first", "shared", scale("tiers", "load_mw", 0.5, "step == 0")),
    ("RESTART.later", "shared", scale("tiers", "on_share", 0.0)),
    ("RESTART.start", "shared", scale("tiers", "started_share", 0.0)),
    ("RESTART.least_run", "shared", scale("tiers", "started_share", 40.0)),
    ("RESTART.least_off", "shared", fill("tiers", "on_share", 1.0)),
    ("MONEY.line", "shared", scale("money", "amount_usd", 1.01, "line == 'power'")),
    ("MONEY.line", "shared", scale("money", "amount_usd", 0.0, "line == 'restarts'")),
    ("MONEY.line", "shared", scale("money", "amount_usd", 0.0, "line == 'unserved'")),
    ("DAY_AHEAD.most", "shared", scale("hours", "day_ahead_mw", 1.1)),
    ("DAY_AHEAD.stands", "shared", put("hours", "day_ahead_mw", 7.0)),
    ("DAY_AHEAD.gain", "shared", scale("hours", "day_ahead_mw", 0.5)),
    ("STRIKE.order", "shared", scale("tiers", "strike_off_usd_per_mwh", 0.5)),
    ("STRIKE.plain", "shared", scale("tiers", "strike_on_usd_per_mwh", 0.9)),
    ("CURVE.price", "shared", scale("curve", "price_usd_per_mwh", -1.0)),
    ("CURVE.mw", "shared", scale("curve", "mw", -1.0)),
    ("CURVE.site", "shared", scale("curve", "mw", 3.0)),
    ("TABLES", "shared", lambda tables: tables.update(tiers=tables["tiers"].iloc[1:])),
    ("TABLES", "shared", without("money")),
    ("BATTERY.balance", "battery_days", scale("hours", "charge_mw", 0.9)),
    ("BATTERY.balance", "two_months", put("hours", "stored_mwh", 0.5, 23)),
    ("BATTERY.ends", "battery_days", put("hours", "stored_mwh", 3.0, -1)),
    ("BATTERY.limits", "battery_days", scale("hours", "discharge_mw", 9.0)),
    ("BATTERY.behind_meter", "battery_days", scale("hours", "discharge_mw", 99.0)),
    ("MONEY.line", "battery_days", scale("money", "amount_usd", 0.5, "line == 'battery_wear'")),
    ("STORED.cells", "battery_days", put("stored", "from_mwh", 0.5)),
    ("STORED.cells", "battery_days", lambda tables: tables.update(stored=tables["stored"].iloc[1:])),
    ("STORED.order", "battery_days", fill("stored", "take_below_usd_per_mwh", 9e6)),
    ("STORED.falls", "battery_days", put("stored", "give_above_usd_per_mwh", 9e6, 1)),
    ("RESERVE.offered", "reserve_offers", scale("offered", "offered_mw", 9.0)),
    ("RESERVE.running", "reserve_offers", scale("offers", "offer_mw", 9.0)),
    ("RESERVE.most", "reserve_offers", scale("offers", "offer_mw", 9.0)),
    ("RESERVE.fed_by_grid", "reserve_offers", scale("offers", "offer_mw", 9.0)),
    ("MONEY.line", "reserve_offers", scale("money", "amount_usd", 1.01, "line == 'offers'")),
    ("WORK.running", "deferrable_work", scale("work", "work_mw", 9.0)),
    ("WORK.most", "deferrable_work", scale("work", "work_mw", 9.0)),
    ("WORK.volume", "deferrable_work", scale("work", "work_mw", 2.0)),
    ("MONEY.line", "deferrable_work", scale("money", "amount_usd", 1.01, "line == 'work'")),
    ("MONEY.line", "take_or_pay", put("money", "amount_usd", 5.0, -2)),
    ("MONEY.line", "block_for_own_use", scale("money", "amount_usd", 1.01, "line == 'blocks'")),
]


@pytest.mark.parametrize(("rule", "case", "plant"), FAULTS, ids=[f"{rule} {case}" for rule, case, _ in FAULTS])
def test_a_planted_fault_is_found(rule: str, case: str, plant: Callable[[Tables], None]) -> None:
    asked, tables, claims = decided(case)
    changed = dict(tables)
    plant(changed)
    found = {broken.rule for broken in check_week(*asked, changed, claims)}
    assert rule in found
    assert found <= set(RULES)


@pytest.mark.parametrize("rule", ["MONEY.value", "MONEY.bound"])
def test_a_claim_that_does_not_hold_is_found(rule: str) -> None:
    asked, tables, claims = decided("shared")
    more, less = claims.value_usd + 50.0, claims.bound_usd - 50.0
    wrong = replace(claims, value_usd=more) if rule == "MONEY.value" else replace(claims, bound_usd=less)
    assert rule in {broken.rule for broken in check_week(*asked, tables, wrong)}


def test_a_battery_that_is_to_be_idle_is_and_one_that_is_not_is_found() -> None:
    """A store that would have traded all day does so around the hours in which it refuses to."""
    (made, prices, opening, options), tables, claims = decided("battery_days")
    idle = replace(opening, battery_idle=np.arange(made.hours) < 12)
    assert "BATTERY.idle" in {one.rule for one in check_week(made, prices, idle, options, tables, claims)}
    found = checked_week(made, prices, idle, options)
    assert found.broken == ()
    assert found.plan.value_usd < claims.value_usd


def _closed(here: SiteNode) -> SiteNode:
    assert here.reserves is not None
    return replace(here, reserves=replace(here.reserves, open=np.zeros_like(here.reserves.open)))


def _unqualified(here: SiteNode) -> SiteNode:
    assert here.jobs is not None
    return replace(here, jobs=replace(here.jobs, qualifies=np.zeros_like(here.jobs.qualifies)))


TIGHTER: list[tuple[str, str, Callable[[SiteNode], SiteNode]]] = [
    ("RESERVE.open", "reserve_offers", _closed),
    ("WORK.qualifies", "deferrable_work", _unqualified),
    (
        "COOLING.liquid",
        "deferrable_work",
        lambda here: replace(here, liquid_limit_mw=0.1 * here.liquid_limit_mw.clip(0, 1)),
    ),
]


@pytest.mark.parametrize(("rule", "case", "tighten"), TIGHTER, ids=[rule for rule, _, _ in TIGHTER])
def test_a_week_of_another_site_is_found(rule: str, case: str, tighten: Callable[[SiteNode], SiteNode]) -> None:
    (made, *asked), tables, claims = decided(case)
    parts = tuple(replace(part, here=tighten(part.here)) for part in made.parts)
    found = check_week(replace(made, parts=parts), *asked, tables, claims)
    assert rule in {broken.rule for broken in found}


def test_every_rule_is_broken_once() -> None:
    assert {rule for rule, _, _ in (*FAULTS, *TIGHTER)} | {"MONEY.value", "MONEY.bound", "BATTERY.idle"} == set(RULES)
