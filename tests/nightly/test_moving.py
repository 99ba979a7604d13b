"""Nights after the first month of a scenario plan from their own month on, with the state that the last plan led to."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly.night import Night, NightRequest, night
from allocator.nightly.store.store import place_of
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.solve import verify_folder
from allocator.plan.reader import read_plan
from allocator.scenario.load import load_scenario
from tests.cli import small


def _night(home: Path, *moment: int, **asked: Any) -> Night:
    request = NightRequest(
        str(home / "scenario"), place_of(str(home / "store")), datetime(*moment, 2, tzinfo=UTC), rolls=True, **asked
    )
    return night(request, lambda _, **facts: None, lambda _: None)


def _write(home: Path, *changes: tuple[str, Any]) -> None:
    """The small scenario over three months."""
    shutil.rmtree(home / "scenario", ignore_errors=True)
    days = [date(2027, 6, 1) + timedelta(days=day) for day in range(92)]
    rows = ["day,price_usd_per_mwh,ambient_c", *(f"{day},40,25" for day in days)]
    small.write(home / "scenario", small.changed(("horizon.months", 3), *changes), "\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after a night in June, two in July, and the second of them on offers that have changed."""
    home = tmp_path_factory.mktemp("moving")
    _write(home)
    assert _night(home, 2027, 6, 1).exit_code == ExitCode.WITHIN_GAP
    first = _night(home, 2027, 7, 5)
    assert [alert.kind for alert in first.alerts] == ["moved_on"]
    _write(home, ("finance.minimum_cash_usd", 1.0))
    assert _night(home, 2027, 7, 6).exit_code == ExitCode.WITHIN_GAP
    return home


def test_the_plan_begins_in_the_month_of_the_night(home: Path) -> None:
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
