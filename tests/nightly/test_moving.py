"""Nights after the first month of a scenario plan from their own month on, with the state that the last plan led to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from allocator.pipeline.errors import ExitCode
from allocator.pipeline.solve import verify_folder
from allocator.plan.reader import read_plan
from allocator.scenario.load import load_scenario
from tests.nightly import owing
from tests.nightly.moving import run_night, write_months


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after a night in June, two in July, and the second of them on offers that have changed."""
    home = tmp_path_factory.mktemp("moving")
    write_months(home, 3)
    assert run_night(home, 2027, 6, 1).exit_code == ExitCode.WITHIN_GAP
    first = run_night(home, 2027, 7, 5)
    assert [alert.kind for alert in first.alerts] == ["moved_on"]
    write_months(home, 3, ("finance.minimum_cash_usd", 1.0))
    assert run_night(home, 2027, 7, 6).exit_code == ExitCode.WITHIN_GAP
    return home


def test_the_plan_begins_in_the_month_of_therun_night(home: Path) -> None:
    plan = home / "store" / "current" / "plan"
    assert read_plan(plan).tables["nodes"]["start_month"].min() == "2027-07"
    assert verify_folder(plan).passed
    assert json.loads((home / "store" / "current" / "schedule.json").read_text())["rows"]


def test_what_june_decided_is_the_opening_state_of_every_night_in_july(home: Path) -> None:
    plan = home / "store" / "current" / "plan"
    scenario = load_scenario(plan / "scenario").scenario
    signed = {contract.name for contract in scenario.contracts if contract.signed is not None}
    assert signed == {"lab", "edge"}
    assert scenario.finance.minimum_cash_usd == 1.0
    contracts = read_plan(plan).tables["contracts"]
    assert set(contracts["first_service_month"][contracts["accepted"]]) == {"2027-06"}


QUOTES = {"format": "csv", "time": "day", "value": "usd", "time_zone": "UTC"}
FEEDS = [
    {"name": name, "local": f"{name}_said.csv", "rows": QUOTES, "unit": unit, "file": f"{name}.csv", "column": "usd",
     "gate": {"range": [0, 1e6], "step_h": 24}, "if_bad": "stop"}
    for name, unit in (("power", "USD/MWh"), ("btc", "USD"))
]  # fmt: skip
POWER = {"kind": "file", "file": "power.csv", "time_column": "time", "column": "usd", "unit": "USD/MWh"}
STATE = {
    "cash_usd": 3e6,
    "free_btc": 50,
    "btc_price_usd": 59e3,
    "loans": [{"name": "vault", "owed_usd": 1.1e6, "pledged_btc": 45}],
    "tables": {"units_down": "down.csv"},
}


def _said(home: Path, july_usd_per_mwh: float) -> None:
    """What feeds deliver: every day of three months."""
    days = [date(2027, 6, 1) + timedelta(days=day) for day in range(93)]
    for name, usd in (("power", july_usd_per_mwh), ("btc", 58e3)):
        rows = [f"{day},{usd if day.month > 6 or name == 'btc' else 40}" for day in days]
        (home / "scenario" / f"{name}_said.csv").write_text("\n".join(["day,usd", *rows]) + "\n")


def test_feeds_and_the_actual_state_meet_a_scenario_that_moves_on(tmp_path: Path) -> None:
    """Balances and machines are those of the state, prices those of tonight's feeds, decisions those of June."""
    write_months(tmp_path, 3, *owing.CHANGES, ("series.price", POWER))
    feeds = tmp_path / "scenario" / "feeds.yaml"
    feeds.write_text(json.dumps({"version": 1, "feeds": FEEDS}))
    _said(tmp_path, 41.0)
    assert run_night(tmp_path, 2027, 6, 1, feeds=feeds).exit_code == ExitCode.WITHIN_GAP
    _said(tmp_path, 45.0)
    (tmp_path / "down.csv").write_text("hall,model,units_down\nmachines,s21,200\n")
    state = tmp_path / "state.yaml"
    state.write_text(json.dumps({"version": 1, "as_of": "2027-07-04T20:00Z", **STATE}))
    found = run_night(tmp_path, 2027, 7, 5, feeds=feeds, btc_feed="btc", state=state)
    assert found.exit_code == ExitCode.WITHIN_GAP
    assert {alert.kind for alert in found.alerts} == {"moved_on", "schedule_limited"}
    plan = read_plan(found.folder / "plan")
    assert plan.tables["nodes"]["start_month"].min() == "2027-07"
    opened = [plan.tables[name][column].iloc[0] for name, column in (
        ("cash", "opening_usd"), ("treasury", "opening_btc"), ("loans", "opening_usd"), ("collateral", "opening_btc"),
    )]  # fmt: skip
    assert opened == [3e6, 95, 1.1e6, 45]
    rows = json.loads((found.folder / "schedule.json").read_text())["rows"]
    assert {row["price_usd_per_mwh"] for row in rows} == {45.0}
    assert max(row["load_mw"] for row in rows if row["hall"] == "machines") == pytest.approx(2.8)
    assert json.loads((found.folder / "watch.json").read_text())["price"]["usd_per_btc"] == 58e3
