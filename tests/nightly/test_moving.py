"""Nights after the first month of a scenario plan from their own month on, with the state that the last plan led to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from allocator.pipeline.errors import ExitCode
from allocator.pipeline.solve import verify_folder
from allocator.plan.reader import read_plan
from allocator.scenario.load import load_scenario
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
