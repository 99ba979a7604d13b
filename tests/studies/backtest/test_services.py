"""Ancillary services in backtests: offers of the day before, machines that run for what they are paid, and a bound."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.scenario.load import load_scenario
from allocator.studies.backtest import rules
from allocator.studies.backtest.nights import Replay
from allocator.studies.backtest.orders import Kept
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.services import fed_by_grid
from allocator.studies.backtest.study import BacktestRequest, backtest
from allocator.week.plan import plan_week
from tests.studies.backtest import past

DAYS = (date(2023, 3, 3), date(2023, 3, 6))
FAST = "[{name: fast, price: {series: fast}, MOST performance_share: 1, capture_share: 0.5}]"
NO_TERMS = "restart_minutes: 0"


def flat(fast: float | np.ndarray, real_time: float = 100.0) -> pd.DataFrame:
    """Every hour at one price of energy."""
    utc = past.hours()
    return pd.DataFrame({"real_time": real_time, "day_ahead": real_time, "fast": fast, "utc": utc})


def replayed(folder: Path, prices: pd.DataFrame, services: str, battery: str = "null") -> dict[str, Run]:
    """The nightly run, perfect foresight and rules over three days."""
    written = past.write(folder / "past", prices, terms=NO_TERMS, services=services, battery=battery, limit_mw=15.0)
    site, made = past.site_of(written, days=DAYS)
    nightly = Replay(site, made, plan_week, 0, rules.NIGHTLY, Kept(folder / "nights")).run(lambda _: None).run
    free = rules.free(site)
    best = rules.by_program(site)
    found = (nightly, free, best, rules.break_even(site, 0), rules.always(site), rules.never(site))
    return {run.rule: run for run in found}


def usd(run: Run) -> float:
    return float(run.hours.margin.sum())


def test_machines_run_on_for_what_a_service_pays(tmp_path: Path) -> None:
    """Energy costs 100: 4 MW that earn 120 run, 6 MW that earn 80 would not. The service takes all at 30, of which all
    is kept in a backtest whatever a plan counts: 4 (20 + 30) + 6 (30 - 20) = 260 an hour."""
    found = replayed(tmp_path, flat(30.0), FAST.replace("MOST", ""))
    for rule in (rules.NIGHTLY, rules.PERFECT, rules.FREE, rules.BREAK_EVEN, rules.ALWAYS):
        assert usd(found[rule]) == pytest.approx(72 * 260.0), rule
    assert float(found[rules.NIGHTLY].hours.services.sum()) == pytest.approx(72 * 300.0)
    assert usd(found[rules.NEVER]) == 0.0


def test_machines_that_are_paid_for_run_on_by_themselves(tmp_path: Path) -> None:
    """It takes 5 MW: 4 of those that run anyway, and 1 of 6 that gains 10 of it, while 5 others stop. What is awarded
    and does not run is not paid: a price above all strikes."""
    found = replayed(tmp_path, flat(30.0), FAST.replace("MOST", "most_mw: 5,"))
    for rule in (rules.NIGHTLY, rules.BREAK_EVEN, rules.PERFECT, rules.FREE):
        assert usd(found[rule]) == pytest.approx(72 * (4 * 50.0 + 1 * 10.0)), rule
    assert usd(found[rules.ALWAYS]) == pytest.approx(72 * (80.0 - 120.0 + 150.0))
    dear = replayed(tmp_path / "dear", flat(30.0, 170.0), FAST.replace("MOST", "most_mw: 5,"))
    assert usd(dear[rules.NIGHTLY]) == usd(dear[rules.PERFECT]) == 0.0


def test_an_offer_is_made_before_its_price_is_known_and_paid_where_it_reaches_the_least(tmp_path: Path) -> None:
    """3 and 5 March pay 30, the day between 10, below the least that is offered at: it is offered all the same, not
    awarded, and 4 MW run for themselves."""
    low = past.hours().tz_convert(past.FIRST.tz).day.to_numpy() % 2 == 0
    found = replayed(tmp_path, flat(np.where(low, 10.0, 30.0)), FAST.replace("MOST", "minimum_usd_per_mw_hour: 25,"))
    for rule in (rules.NIGHTLY, rules.PERFECT, rules.BREAK_EVEN):
        assert usd(found[rule]) == pytest.approx(48 * 260.0 + 24 * 80.0), rule


def test_spiky_prices_beat_no_bound_with_a_battery(tmp_path: Path) -> None:
    prices = past.spiky().assign(fast=lambda table: np.maximum(0.0, 0.3 * table["day_ahead"] - 10.0))
    found = replayed(tmp_path, prices, FAST.replace("MOST", "most_mw: 7,"), past.BATTERY)
    most = found[rules.PERFECT].bound_usd
    assert most is not None
    assert all(usd(run) <= most + 1e-6 for rule, run in found.items() if rule != rules.FREE)
    assert 0.0 < found[rules.NIGHTLY].hours.services.sum() <= found[rules.PERFECT].hours.services.sum() * 1.2


def test_what_a_battery_feeds_is_not_offered() -> None:
    offers = np.array([[[6.0, 2.0]]])
    assert fed_by_grid(offers, np.array([3.0, 5.0])).tolist() == [[[3.0, 2.0]]]


def test_the_study_tells_what_services_paid(tmp_path: Path) -> None:
    written = past.write(tmp_path / "past", flat(60.0), terms=NO_TERMS, services=FAST.replace("MOST", ""))
    request = BacktestRequest(date(2023, 3, 3), date(2023, 3, 4))
    found = backtest(load_scenario(written), request, tmp_path / "out", plan_week)
    assert found.tables["rules"].set_index("rule").loc[rules.NIGHTLY, "services_usd"] == pytest.approx(48 * 600.0)
    assert found.head["sites"][0]["services_share"] == pytest.approx(1.0)
    again = backtest(load_scenario(written), request, tmp_path / "out", lambda *_: pytest.fail("decided again"))
    assert again.tables["rules"].equals(found.tables["rules"])
