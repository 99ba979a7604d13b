"""Instructions bind the hours, set-points carry them out of the store, and answers come back into the next night."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly.handoff.answered import acknowledge
from allocator.nightly.night import Night, NightRequest, night
from allocator.nightly.store.database import FILE
from allocator.nightly.store.store import opened, place_of
from allocator.pipeline.errors import ExitCode
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.instructions import Instructions, load_instructions
from allocator.scenario.load import load_scenario
from allocator.scenario.yaml_reader import read_yaml
from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import ROOT
from tests.cli.test_docs import blocks

FIRST = datetime(2027, 6, 1, 2, tzinfo=UTC)
TIER = {"hall": "machines", "model": "s21"}


def order(name: str, kind: str, begins: str, ends: str, **more: Any) -> dict[str, Any]:
    """An instruction of June."""
    window = {"begins": f"2027-06-{begins}:00Z", "ends": f"2027-06-{ends}:00Z"}
    return {"id": name, "kind": kind, **window, "author": "shift lead", "reason": "as told", **more}


ORDERS = [
    order("cap", "cap_hall", "01T04", "01T06", hall="machines", most_mw=1.0),
    order("hold", "hold_tier", "01T06", "01T07", **TIER),
    order("grid", "emergency", "01T08", "01T09", site="site", most_mw=6.0),
    order("shed", "emergency", "07T08", "07T09", site="site", most_mw=5.0),
    order("test", "run_tier", "03T05", "03T06", **TIER, most_mw=1.5),
    order("old", "utility_call", "01T00", "01T01", site="site", most_mw=1.0),
]


class Desk:
    """A job of which the third day is too dear to mine."""

    def __init__(self, home: Path) -> None:
        self.home, self.place = home, place_of(str(home / "store"))

    def order(self, *orders: dict[str, Any]) -> Path:
        path = self.home / "instructions.yaml"
        path.write_text(json.dumps({"version": 1, "instructions": list(orders)}))
        return path

    def run(self, day: int = 0, **asked: Any) -> Night:
        return night(NightRequest(str(self.home / "scenario"), self.place, FIRST + timedelta(days=day), **asked))

    def answer(self, *lines: str) -> Path:
        path = self.home / "answers.csv"
        path.write_text("\n".join(["id,answer,reason,by,at", *lines]) + "\n")
        return path


def loads(found: Night) -> dict[str, float]:
    with (found.folder / "schedule.csv").open() as file:
        return {row["utc"][8:13]: float(row["load_mw"]) for row in csv.DictReader(file) if row["hall"] == "machines"}


def points(found: Night) -> list[dict[str, str]]:
    with (found.folder / "setpoints.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Night]:
    """After a night with instructions. Not to be changed."""
    desk = Desk(tmp_path_factory.mktemp("handoff"))
    rows = small.days().splitlines()
    rows[3] = rows[3].replace(",40,", ",120,")
    small.write(desk.home / "scenario", small.changed(), "\n".join(rows) + "\n")
    return desk, desk.run(instructions=desk.order(*ORDERS))


@pytest.fixture
def desk(first: tuple[Desk, Night], tmp_path: Path) -> Desk:
    """A copy of that job, to go on with."""
    return Desk(Path(shutil.copytree(first[0].home, tmp_path / "job", symlinks=True)))


def test_the_schedule_does_what_is_ordered(first: tuple[Desk, Night]) -> None:
    """3.5 MW of machines beside 5 MW of tenants; at 120 USD/MWh none would run."""
    found = loads(first[1])
    said = ("01T03", "01T04", "01T05", "01T06", "01T07", "01T08", "01T09", "03T04", "03T05", "03T06")
    assert [found[hour] for hour in said] == pytest.approx([3.5, 1.0, 1.0, 0.0, 3.5, 1.0, 3.5, 0.0, 1.5, 0.0])
    kinds = {alert.kind: alert.message for alert in first[1].alerts}
    assert kinds["instruction_expired"] == "old of shift lead ended at 2027-06-01T01:00:00+00:00"
    assert "site_over_limit" not in kinds


def test_set_points_say_the_same_and_by_whom(first: tuple[Desk, Night]) -> None:
    desk, found = first
    rows = points(found)
    assert [(row["begins"][5:13], row["target_mw"], row["mode"], row["reason"][:4]) for row in rows] == [
        ("06-01T02", "3.5", "run", "pric"),
        ("06-01T04", "1", "run", "cap "),
        ("06-01T06", "0", "off", "hold"),
        ("06-01T07", "3.5", "run", "pric"),
        ("06-01T08", "1", "run", "grid"),
        ("06-01T09", "3.5", "run", "pric"),
        ("06-03T00", "0", "off", "pric"),
        ("06-03T05", "1.5", "run", "test"),
        ("06-03T06", "0", "off", "pric"),
        ("06-04T00", "3.5", "run", "pric"),
        ("06-07T08", "0", "off", "shed"),
        ("06-07T09", "3.5", "run", "pric"),
    ]
    assert all(a["ends"] == b["begins"] for a, b in pairwise(rows))
    assert {float(row["stop_above_usd_per_mwh"]) for row in rows} == {114.29}
    assert len({row["id"] for row in rows}) == len(rows)
    said = json.loads((found.folder / "setpoints.json").read_text())
    assert (said["format"], said["run"], len(said["set_points"])) == ("setpoints/2", found.run, len(rows))
    with opened(desk.place) as (store, _):
        assert {row.set_point for row in store.registry.set_points(FIRST)} == {row["id"] for row in rows}


def test_answers_come_back_and_bind_the_next_night(desk: Desk, first: tuple[Desk, Night], command: Command) -> None:
    """Machines refuse to run until the third, and to stop until five on the third; one answer is missing."""
    by_start = {row["begins"][5:13]: row["id"] for row in points(first[1])}
    answers = desk.answer(
        f"{by_start['06-01T02']},accepted,,controller,2027-06-01T02:01Z",
        f"{by_start['06-01T09']},rejected,breaker open,controller,2027-06-01T09:01Z",
        f"{by_start['06-03T00']},accepted,,controller,2027-06-01T02:01Z",
        f"{by_start['06-03T00']},rejected,firmware,controller,2027-06-01T10:00Z",
    )
    kept = command("acknowledge", answers, "--store", desk.home / "store", "--json")
    assert (kept.code, kept.json["accepted"], kept.json["rejected"]) == (0, 1, 2)
    second = desk.run(1)
    found = loads(second)
    assert [found[hour] for hour in ("02T02", "02T23", "03T00", "03T04", "03T05")] == [0.0, 0.0, 3.5, 3.5, 0.0]
    said = [(alert.kind, alert.message) for alert in second.alerts]
    assert ("set_points_unanswered", "site: 4 set-points of the last day began without an answer") in said
    refused = [words for kind, words in said if kind == "set_point_rejected"]
    assert "refuses to run" in refused[0]
    assert refused[0].endswith("breaker open (controller)")
    assert "refuses to stop" in refused[1]
    assert points(second)[0]["reason"].startswith("set-point")
    orders = json.loads((second.folder / "orders.json").read_text())
    assert [one["runs"] for one in orders] == [False, True]


def test_answers_are_kept_all_or_none(desk: Desk, first: tuple[Desk, Night], command: Command) -> None:
    name = points(first[1])[0]["id"]
    good, at = f"{name},accepted,,controller", "2027-06-01T02:01Z"
    for bad, said in (
        (f"nobody,accepted,,controller,{at}", "line 3, column id: found 'nobody'"),
        (f"{name},rejected,,controller,{at}", "line 3, column reason: found none"),
        (f"{name},maybe,,controller,{at}", "line 3, column answer: found 'maybe'"),
    ):
        refused = command("acknowledge", desk.answer(f"{good},{at}", bad), "--store", desk.home / "store")
        assert refused.code == 2
        assert said in refused.err
    with opened(desk.place) as (store, _):
        assert {row.answer for row in store.registry.set_points(FIRST)} == {None}


def test_a_lost_registry_has_the_set_points_again(desk: Desk, first: tuple[Desk, Night]) -> None:
    for file in (desk.home / "store").glob(f"{FILE}*"):
        file.unlink()
    with opened(desk.place) as (store, _):
        assert len(store.registry.set_points(FIRST)) == len(points(first[1]))
        acknowledge(desk.answer(f"{points(first[1])[0]['id']},accepted,,x,2027-06-01T02:01Z"), store.registry)


def test_a_conflict_keeps_the_plan(desk: Desk) -> None:
    orders = (order("a", "run_tier", "02T04", "02T06", **TIER), order("b", "hold_tier", "02T05", "02T07", **TIER))
    found = desk.run(1, instructions=desk.order(*orders))
    assert found.exit_code == ExitCode.KEPT
    said = [alert.message for alert in found.alerts if alert.kind == "scenario_faults"]
    assert "a runs, b holds off the same machines at the same time" in said[0]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([order("a", "hold_tier", "01T04", "01T03", **TIER)], "a beginning before the end"),
        ([order("a", "hold_tier", "01T04", "01T05", hall="machine", model="s21")], "did you mean 'machines'"),
        ([order("a", "hold", "01T04", "01T05", **TIER)], "kind: hold_tier or run_tier"),
        ([ORDERS[0], ORDERS[0]], "each id once"),
        (
            [ORDERS[0], order("a", "run_tier", "01T05", "01T07", **TIER, most_mw=1.5)],
            "cap caps 1 MW, a run 1.5 MW at 2027-06-01T05",
        ),
        ([ORDERS[2], order("a", "run_tier", "01T08", "01T09", **TIER)], "a run without a figure"),
    ],
)
def test_faults_of_instructions(
    first: tuple[Desk, Night], tmp_path: Path, orders: list[dict[str, Any]], said: str
) -> None:
    scenario = load_scenario(first[0].home / "scenario").scenario
    path = tmp_path / "instructions.yaml"
    path.write_text(json.dumps({"version": 1, "instructions": orders}))
    with pytest.raises(ScenarioFaults, match=said):
        load_instructions(path, scenario, FIRST)


def test_what_has_ended_is_in_nobodys_way(first: tuple[Desk, Night], tmp_path: Path) -> None:
    path = tmp_path / "instructions.yaml"
    orders = [order("a", "run_tier", "01T04", "01T06", **TIER), order("b", "hold_tier", "01T05", "01T07", **TIER)]
    path.write_text(json.dumps({"version": 1, "instructions": orders}))
    scenario = load_scenario(first[0].home / "scenario").scenario
    found = load_instructions(path, scenario, FIRST + timedelta(hours=4))
    assert ([one.id for one in found.live], [one.id for one in found.expired]) == (["b"], ["a"])


def test_the_example_of_the_guide_is_a_file_of_instructions() -> None:
    (text,) = blocks(ROOT / "docs" / "how_to" / "hand_off.md", "yaml")
    assert len(Instructions.model_validate(read_yaml(text.encode(), "instructions.yaml").data).instructions) == 5


def test_a_battery_has_set_points_and_one_that_refused_stands_idle(tmp_path: Path, command: Command) -> None:
    """It fills where energy is cheap and gives on the dear third; on the day after it refused to give."""
    desk = Desk(tmp_path)
    rows = small.days().splitlines()
    rows[3] = rows[3].replace(",40,", ",110,")
    battery = {"power_mw": 1, "energy_mwh": 4, "charge_efficiency_share": 1, "discharge_efficiency_share": 1,
               "opening_stored_share": 0, "wear_usd_per_mwh": 1, "capture_share": 1}  # fmt: skip
    small.write(tmp_path / "scenario", small.changed(("sites.0.battery", battery)), "\n".join(rows) + "\n")
    own = [row for row in points(desk.run()) if row["device"] == "battery"]
    given = next(row for row in own if row["mode"] == "discharge")
    assert given["begins"][5:10] == "06-03"
    assert {row["mode"] for row in own} == {"charge", "discharge", "idle"}
    assert own[-1]["stored_mwh"] == "0"
    refused = desk.answer(f"{given['id']},rejected,inverter,controller,2027-06-01T03:00Z")
    assert command("acknowledge", refused, "--store", tmp_path / "store").code == 0
    second = desk.run(1)
    again = [row for row in points(second) if row["device"] == "battery"]
    held = [row for row in again if row["reason"].startswith("set-point")]
    assert {row["mode"] for row in held} == {"idle"}
    assert (held[0]["begins"], held[-1]["ends"]) == (given["begins"], given["ends"])
    words = [alert.message for alert in second.alerts if alert.kind == "set_point_rejected"]
    assert words[0].startswith("site: the battery refuses to discharge from 2027-06-03T")
