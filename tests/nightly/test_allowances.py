"""What is left of a month and how high its peaks are: from a state into the week that opens within the month."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.nightly.night import NightRequest, night
from allocator.nightly.state.actual import Actual, actual_of
from allocator.nightly.state.allowances import with_allowances
from allocator.nightly.store.store import place_of
from allocator.pipeline.errors import ExitCode
from allocator.scenario.actual_state import load_state
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario
from allocator.week.interface import Opening, Structure
from allocator.week.structure import Window, opening_structure
from tests.cli import small

BUDGET: dict[str, Any] = {"energy_budget_mwh_per_month": 7200}
CHARGE = {"name": "wires", "usd_per_kw_month": 2.0}
TIDE = datetime(2027, 6, 16, tzinfo=UTC)
SAID = {
    "site/site/energy_left_mwh": 900.0,
    "site/site/peak/wires/peak_mw": 9.0,
    "site/site/outage/lab/left_h": 3.0,
}


def document(months: int = 1) -> dict[str, Any]:
    periods = [{"months": months, "count": 1}]
    site = [(f"sites.0.{key}", value) for key, value in {**BUDGET, "demand_charges": [CHARGE]}.items()]
    terms = [("contracts.1.outage_allowance_h_per_month", 10), ("contracts.1.curtailment_credit_usd_per_mwh", 1)]
    horizon = {"start": "2027-06", "months": months, "time_zone": "UTC", "periods": periods}
    return small.changed(("horizon", horizon), *site, *terms)


def within(home: Path, months: int = 1) -> tuple[Instance, Structure]:
    """The week from the middle of June on."""
    days = [f"2027-{6 + k // 30:02d}-{k % 30 + 1:02d},40,25" for k in range(30 * months)]
    text = "\n".join(["day,price_usd_per_mwh,ambient_c", *days, *(["2027-07-31,40,25"] if months > 1 else [])]) + "\n"
    small.write(home, document(months), text)
    instance = compile_instance(load_scenario(home))
    window = Window(np.datetime64("2027-06-16T00:00:00", "s"), 168, 1)
    return instance, opening_structure(instance, "site", list(instance.tree.name), window)


def test_figures_of_the_month_open_the_week(tmp_path: Path) -> None:
    instance, structure = within(tmp_path / "june")
    found = with_allowances(Opening(), structure, instance, Actual(TIDE, SAID), "UTC")
    assert found.energy_left_mwh == 900.0
    assert found.peak_mw == pytest.approx([9.0])
    assert found.outage_left_h is not None
    tenancy = instance.tenancies.of[instance.offers.names.index("lab")].max()
    assert found.outage_left_h[tenancy] == 3.0
    assert with_allowances(Opening(), structure, instance, Actual(TIDE), "UTC") == Opening()


def test_figures_of_another_month_are_none_of_this_one(tmp_path: Path) -> None:
    instance, structure = within(tmp_path / "june")
    may = Actual(datetime(2027, 5, 31, 23, tzinfo=UTC), SAID)
    assert with_allowances(Opening(), structure, instance, may, "UTC") == Opening()


def test_a_period_of_two_months_has_the_whole_of_its_second(tmp_path: Path) -> None:
    instance, structure = within(tmp_path / "two", 2)
    found = with_allowances(Opening(), structure, instance, Actual(TIDE, SAID), "UTC")
    assert found.energy_left_mwh == pytest.approx(900 + 7200)
    assert found.outage_left_h is not None
    tenancy = instance.tenancies.of[instance.offers.names.index("lab")].max()
    assert found.outage_left_h[tenancy] == pytest.approx(3 + 10)


def test_a_night_keeps_to_what_is_left(tmp_path: Path) -> None:
    """From two o'clock on the first of June 718 h of the month are left, and 168 of them lie ahead: 8 MW on the mean,
    where tenants draw 5 and machines 3.5 more."""
    home = tmp_path / "scenario"
    small.write(home, small.changed(("sites.0.energy_budget_mwh_per_month", 7200)))
    state = tmp_path / "state.yaml"
    at = datetime(2027, 6, 1, 2, tzinfo=UTC)
    said = {"version": 1, "as_of": at.isoformat(), "sites": [{"site": "site", "energy_left_mwh": 8.0 * 718}]}
    state.write_text(json.dumps(said))
    found = night(NightRequest(str(home), place_of(str(tmp_path / "store")), at, state=state))
    assert found.exit_code == ExitCode.WITHIN_GAP
    with (found.folder / "schedule.csv").open() as file:
        drawn = {row["utc"]: float(row["site_grid_mw"]) for row in csv.DictReader(file)}
    assert sum(drawn.values()) == pytest.approx(8 * 168, rel=1e-4)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ({"energy_left_mwh": 1}, "the site has no energy budget"),
        ({"outages": [{"contract": "lba", "left_h": 1}]}, "did you mean 'lab'?"),
        ({"outages": [{"contract": "lab", "left_h": 11}]}, "at most its allowance of 10 h"),
    ],
)
def test_faults_are_told(tmp_path: Path, site: dict[str, Any], words: str) -> None:
    changed = document()
    if "energy_left_mwh" in site:
        changed["sites"][0].pop("energy_budget_mwh_per_month")
    small.write(tmp_path / "scenario", changed)
    path = tmp_path / "state.yaml"
    path.write_text(json.dumps({"version": 1, "as_of": TIDE.isoformat(), "sites": [{"site": "site", **site}]}))
    with pytest.raises(ScenarioFaults) as error:
        load_state(path, load_scenario(tmp_path / "scenario").scenario)
    assert words in str(error.value)


def test_what_is_said_is_what_is_known(tmp_path: Path) -> None:
    small.write(tmp_path / "scenario", document())
    own = {
        "site": "site",
        "energy_left_mwh": 900,
        "peaks": [{"charge": "wires", "peak_mw": 9}],
        "outages": [{"contract": "lab", "left_h": 3}],
    }
    path = tmp_path / "state.yaml"
    path.write_text(json.dumps({"version": 1, "as_of": TIDE.isoformat(), "sites": [own]}))
    assert dict(actual_of(load_state(path, load_scenario(tmp_path / "scenario").scenario)).values) == SAID
