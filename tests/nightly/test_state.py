"""How things really stand: faults, the gate, balances in the night's scenario, and hours that can really run."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly.inputs import gather
from allocator.nightly.night import Night, NightRequest, night
from allocator.nightly.state.actual import Actual, Outage, UnitsDown, actual_of, as_text, from_text
from allocator.nightly.state.balances import derived
from allocator.nightly.state.gate import judge
from allocator.nightly.state.take import Taken, take
from allocator.nightly.store.store import opened, place_of
from allocator.pipeline.errors import ExitCode
from allocator.plan.reader import read_plan
from allocator.scenario.actual_state import StateFile, StateGate, load_state
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario
from allocator.scenario.scenario import Scenario
from allocator.scenario.yaml_reader import read_yaml
from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import ROOT
from tests.cli.test_docs import blocks
from tests.nightly import owing

FIRST = datetime(2027, 6, 1, 2, tzinfo=UTC)
BALANCES: dict[str, Any] = {
    "btc_price_usd": 59e3,
    "cash_usd": 2e6,
    "free_btc": 50,
    "loans": [{"name": "vault", "owed_usd": 1.5e6, "pledged_btc": 60}],
}


class Desk:
    """A job whose scenario has a loan, and a file of state beside it."""

    def __init__(self, home: Path) -> None:
        self.home, self.place = home, place_of(str(home / "store"))

    def say(self, as_of: datetime = FIRST, down: str = "", outages: str = "", **values: Any) -> Path:
        tables = {}
        for name, text in (("units_down", down), ("outages", outages)):
            if text:
                (self.home / f"{name}.csv").write_text(text)
                tables[name] = f"{name}.csv"
        path = self.home / "state.yaml"
        path.write_text(json.dumps({"version": 1, "as_of": as_of.isoformat(), "tables": tables, **values}))
        return path

    def run(self, day: int = 0, **asked: Any) -> Night:
        request = NightRequest(str(self.home / "scenario"), self.place, FIRST + timedelta(days=day), **asked)
        return night(request)

    def loads(self, found: Night) -> dict[str, float]:
        with (found.folder / "schedule.csv").open() as file:
            return {row["utc"]: float(row["load_mw"]) for row in csv.DictReader(file) if row["hall"] == "machines"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Night]:
    """After a night with a state. Not to be changed."""
    desk = Desk(tmp_path_factory.mktemp("state"))
    small.write(desk.home / "scenario", small.changed(*owing.CHANGES))
    down = "hall,model,units_down\nmachines,s21,200\n"
    outages = (
        "site,hall,begins,ends,lost_mw,reason\n"
        "site,machines,2027-06-01T04:00Z,2027-06-01T05:30Z,1.0,transformer\n"
        "site,,2027-06-02T00:00Z,2027-06-02T01:00Z,13.0,line work\n"
        "site,,2027-06-02T01:00Z,2027-06-02T02:00Z,17.0,line work\n"
    )
    return desk, desk.run(state=desk.say(down=down, outages=outages, **BALANCES))


@pytest.fixture
def desk(first: tuple[Desk, Night], tmp_path: Path) -> Desk:
    """A copy of that job, to go on with."""
    return Desk(Path(shutil.copytree(first[0].home, tmp_path / "job", symlinks=True)))


def test_balances_open_the_plan(first: tuple[Desk, Night]) -> None:
    desk, found = first
    assert found.exit_code == ExitCode.WITHIN_GAP
    tables = read_plan(found.folder / "plan").tables
    assert tables["cash"]["opening_usd"].iloc[0] == 2e6
    assert tables["treasury"]["opening_btc"].iloc[0] == 110
    assert (tables["loans"]["opening_usd"].iloc[0], tables["collateral"]["opening_btc"].iloc[0]) == (1.5e6, 60)
    watched = json.loads((found.folder / "watch.json").read_text())
    assert (watched["price"]["usd_per_btc"], watched["loans"][0]["free_btc"]) == (59e3, 50)
    with opened(desk.place) as (store, _):
        assert {"state/state.yaml", "state/outages.csv"} <= store.registry.input_names(found.run)


def test_what_cannot_run_is_not_scheduled(first: tuple[Desk, Night]) -> None:
    """3.5 MW stand; a fifth is down: 2.8. A MW of 3.5 is lost: 2.8 x 2.5 / 3.5 = 2. Six MW of tenants' 5 and machines'
    2.8 may draw 7, then 3: 2 are left for machines, then none, and the tenants' 5 are 2 too many."""
    loads = first[0].loads(first[1])
    assert loads["2027-06-01T03:00:00+00:00"] == pytest.approx(2.8)
    assert loads["2027-06-01T04:00:00+00:00"] == pytest.approx(2.0)
    assert loads["2027-06-01T05:00:00+00:00"] == pytest.approx(2.0)
    assert loads["2027-06-01T06:00:00+00:00"] == pytest.approx(2.8)
    assert loads["2027-06-02T00:00:00+00:00"] == pytest.approx(2.0)
    assert loads["2027-06-02T01:00:00+00:00"] == 0.0
    said = {alert.kind: alert.message for alert in first[1].alerts}
    lost_mwh = 0.7 * 168 + 2 * 0.8 + 0.8 + 2.8
    assert f"{lost_mwh:,.1f} MWh" in said["schedule_limited"]
    assert "2.00 MW more than the meter may take" in said["site_over_limit"]


def test_the_same_state_is_the_same_run_and_another_one_is_not(desk: Desk) -> None:
    state = desk.home / "state.yaml"
    assert desk.run(state=state).repeated
    changed = json.loads(state.read_text())
    state.write_text(json.dumps({**changed, "sites": [{"site": "site", "drawn_mw": 7}]}))
    request = NightRequest(str(desk.home / "scenario"), desk.place, FIRST, state=state)
    with opened(desk.place) as (store, _):
        assert store.registry.run(gather(request, None, None, store.registry).key(request).run) is None


def test_a_state_that_cannot_be_read_leaves_the_one_before(desk: Desk, command: Command) -> None:
    path = desk.say(FIRST + timedelta(days=1), cash_usd="much", outages="site,begins\nsite,now\n")
    found = desk.run(1, state=path)
    (alert,) = [alert for alert in found.alerts if alert.kind == "state_refused"]
    assert "cash_usd (line 1): found 'much'; expected a number" in alert.message
    assert "outages.csv: line 1: found no column 'ends'" in alert.message
    assert "that of 2027-06-01T02:00:00+00:00 is used" in alert.message
    tables = read_plan(found.folder / "plan").tables
    assert tables["treasury"]["opening_btc"].iloc[0] == 110
    watched = command(
        "watch", "--store", desk.home / "store", "--price", "40e3", "--as-of", "2027-06-02T03:00Z", "--json"
    )
    assert watched.json["watch"]["balances"] == "the state of 2027-06-01T02:00:00+00:00"
    assert watched.json["watch"]["loans"][0]["owed_usd"] == 1.5e6


def test_a_number_that_jumps_is_set_aside_once_and_then_believed(desk: Desk) -> None:
    found = taken(desk, 1, **{**BALANCES, "cash_usd": 9e6})
    (alert,) = found.alerts
    assert alert.message == "cash_usd 9e+06 jumps by more than 50 % from 2e+06; 2e+06, as known before, is used"
    assert found.actual is not None
    assert (found.actual.values["cash_usd"], found.actual.values["free_btc"]) == (2e6, 50)
    assert taken(desk, 1, **{**BALANCES, "cash_usd": 9e6}).text == found.text
    again = taken(desk, 2, **{**BALANCES, "cash_usd": 9e6})
    assert again.alerts == ()
    assert again.actual is not None
    assert again.actual.values["cash_usd"] == 9e6


def taken(desk: Desk, day: int, after_h: float = 0.0, **values: Any) -> Taken:
    """What a night would take of a state, put on record."""
    as_of = FIRST + timedelta(days=day)
    path = desk.say(as_of, **values)
    with opened(desk.place) as (store, _):
        scenario = load_scenario(desk.home / "scenario").scenario
        found = take(path, scenario, store.registry, as_of + timedelta(hours=after_h))
        found.record(store.registry)
    return found


@pytest.mark.parametrize(("after_h", "said"), [(40, "40.0 h old, more than 36.0 h"), (-2, "2.0 h after the moment")])
def test_a_state_of_another_time_is_refused(desk: Desk, after_h: float, said: str) -> None:
    found = taken(desk, 3, after_h, **BALANCES)
    assert [alert.kind for alert in found.alerts] == ["state_refused"]
    assert said in found.alerts[0].message
    assert found.actual is not None
    assert found.actual.as_of == FIRST


@pytest.fixture(scope="module")
def scenario(first: tuple[Desk, Night]) -> Path:
    return first[0].home / "scenario"


def test_balances_of_a_later_month_than_the_scenarios_first_are_not_taken(scenario: Path) -> None:
    loaded, actual = load_scenario(scenario), Actual(FIRST, {"cash_usd": 1.0})
    same, alerts = derived(loaded, actual, datetime(2027, 7, 2, tzinfo=UTC))
    assert same is loaded
    assert [alert.kind for alert in alerts] == ["balances_not_taken"]


def test_a_scenario_that_cannot_open_so_is_a_fault_of_the_state(scenario: Path) -> None:
    with pytest.raises(ScenarioFaults, match="the state, loan vault: loans"):
        derived(load_scenario(scenario), Actual(FIRST, {"loan/vault/pledged_btc": 500.0}), FIRST)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"loans": [{"name": "vualt", "owed_usd": 1}]}, "did you mean 'vault'?"),
        ({"sites": [{"site": "site", "battery_stored_mwh": 1}]}, "no battery is there"),
        ({"sites": [{"site": "site", "peaks": [{"charge": "x", "peak_mw": 1}]}]}, "a demand charge of the site"),
        ({"sites": [{"site": "site"}, {"site": "site"}]}, "each once"),
        ({"tables": {"outages": "../x.csv"}}, "leaves the folder"),
        ({"as_of": "2027-06-01"}, "a moment with its offset"),
        ({"cahs_usd": 1}, "did you mean 'cash_usd'?"),
    ],
)
def test_faults_name_place_and_fix(scenario: Path, tmp_path: Path, values: dict[str, Any], said: str) -> None:
    path = tmp_path / "state.yaml"
    path.write_text(json.dumps({"version": 1, "as_of": FIRST.isoformat(), **values}))
    with pytest.raises(ScenarioFaults, match=said.replace("?", r"\?").replace("'", ".")):
        load_state(path, load_scenario(scenario).scenario)


def test_rows_of_tables_have_faults_by_line_and_column(desk: Desk) -> None:
    down = "hall,model,units_down\nmachines,s21,-1\nbarn,s12,5\n"
    outages = "site,hall,begins,ends,lost_mw\nsite,tenants,2027-06-02T00:00Z,2027-06-01T00:00Z,1\n"
    path = desk.say(down=down, outages=outages)
    with pytest.raises(ScenarioFaults) as error:
        load_state(path, load_scenario(desk.home / "scenario").scenario)
    said = [str(fault) for fault in error.value.faults]
    assert any(
        one.startswith("units_down.csv: line 2, column units_down: found -1; expected at least 1") for one in said
    )
    desk.say(down=down.replace("-1", "1"), outages=outages)
    with pytest.raises(ScenarioFaults) as error:
        load_state(path, load_scenario(desk.home / "scenario").scenario)
    assert [fault.place for fault in error.value.faults] == [
        "units_down.csv: line 3, column hall",
        "units_down.csv: line 3, column model",
        "outages.csv: line 2, column ends",
    ]


def gate(change: Callable[[Actual], Actual], share: float = 0.5) -> list[str]:
    document = small.changed(*owing.CHANGES)
    good = Actual(FIRST, {"site/site/drawn_mw": 8.0, "site/site/hashrate_ph_per_s": 200.0})
    found = judge(change(good), StateGate(most_jump_share=share), Scenario.model_validate(document), good, None)
    return [f"{one.name} {one.reason}" for one in found.aside]


def test_the_gate_knows_ranges_and_what_may_jump() -> None:
    def draws(mw: float) -> Callable[[Actual], Actual]:
        return lambda good: replace(good, values={**good.values, "site/site/drawn_mw": mw})

    assert gate(draws(20.9)) == []
    assert gate(draws(0.0)) == []
    assert gate(draws(21.1)) == ["site/site/drawn_mw outside 0 to 21"]
    assert gate(lambda good: replace(good, values={"site/site/hashrate_ph_per_s": 90.0})) == [
        "site/site/hashrate_ph_per_s jumps by more than 50 % from 200"
    ]


def test_a_state_as_text_is_the_same_state(desk: Desk) -> None:
    stated = Actual(FIRST, {"cash_usd": 1.0}, (UnitsDown("a", "b", 3),), (Outage("s", "", FIRST, FIRST, 1.0, "why"),))
    assert from_text(as_text(stated)) == stated
    loaded = load_state(desk.say(**BALANCES), load_scenario(desk.home / "scenario").scenario)
    assert actual_of(loaded).of_loan("vault", "owed_usd") == 1.5e6


def test_the_example_of_the_guide_is_a_state() -> None:
    (text,) = blocks(ROOT / "docs" / "how_to" / "state.md", "yaml")
    assert StateFile.model_validate(read_yaml(text.encode(), "state.yaml").data).loans[0].pledged_btc == 262
