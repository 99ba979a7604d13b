"""`allocator week`: the hours of a plan again, at prices that somebody states."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from allocator.cli.main import run
from tests.cli import small
from tests.cli.conftest import Command

MOMENT = "2027-06-01T02:00Z"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a solved plan of every hour. Not to be changed."""
    home = tmp_path_factory.mktemp("week")
    small.write(home / "scenario", small.changed(("equipment.s21.restart_usd_per_mw", 20)))
    assert run(["solve", str(home / "scenario"), "--hours", "full", "--out", str(home / "plan"), "--quiet"]) == 0
    return home / "plan"


def test_hours_follow_the_prices_that_are_stated(plan: Path, tmp_path: Path, command: Command) -> None:
    rows = [f"2027-06-01T{hour:02d}:00+00:00,site,400" for hour in (5, 6, 7)]
    (tmp_path / "noon.csv").write_text("\n".join(["time,site,usd_per_mwh", *rows]) + "\n")
    again = ["week", plan, "--as-of", MOMENT, "--out", tmp_path / "out", "--json"]
    done = command(*again, "--prices", tmp_path / "noon.csv")
    assert done.code == 0, done.err
    assert done.json["sites"][0]["restarts_usd"] == pytest.approx(3.5 * 20)
    with (tmp_path / "out" / "schedule.csv").open() as file:
        load = {row["utc"]: float(row["load_mw"]) for row in csv.DictReader(file) if row["hall"] == "machines"}
    still = sorted(utc for utc, mw in load.items() if mw == 0.0)
    assert still == [f"2027-06-01T{hour:02d}:00:00+00:00" for hour in (5, 6, 7)]
    assert (tmp_path / "out" / "bids.csv").is_file()


def test_every_fault_of_the_prices_is_told_at_once_and_nothing_is_written(
    plan: Path, tmp_path: Path, command: Command
) -> None:
    rows = ["2027-06-01T05:30Z,site,40", "2027-06-01T05:00Z,nowhere,40", "2027-06-01T05:00Z,site,dear"]
    (tmp_path / "noon.csv").write_text("\n".join(["time,site,usd_per_mwh", *rows]) + "\n")
    out = tmp_path / "out"
    done = command("week", plan, "--as-of", MOMENT, "--out", out, "--prices", tmp_path / "noon.csv")
    assert done.code == 2
    for words in ("line 2", "the start of an hour", "line 3", "'nowhere'", "line 4", "'dear'"):
        assert words in done.err
    assert not out.exists()


def test_a_moment_beyond_the_plan_and_a_file_that_is_no_schedule_are_refused(
    plan: Path, tmp_path: Path, command: Command
) -> None:
    later = command("week", plan, "--as-of", "2027-08-01T00:00Z", "--out", tmp_path / "out")
    assert (later.code, "no hour from" in later.err) == (2, True)
    (tmp_path / "no.json").write_text("{}")
    asked = ["week", plan, "--as-of", MOMENT, "--out", tmp_path / "out"]
    done = command(*asked, "--schedule", tmp_path / "no.json")
    assert (done.code, "no schedule of a night" in done.err) == (2, True)


def test_machines_down_and_orders_bind_the_hours_and_go_on_from_one_week_to_the_next(
    plan: Path, tmp_path: Path, command: Command
) -> None:
    """A fifth of 3.5 MW is down; the utility takes 20 MW down to the 5 MW of tenants and 1.5 more."""
    (tmp_path / "down.csv").write_text("hall,model,units_down\nmachines,s21,200\n")
    state = {"version": 1, "as_of": "2027-06-01T01:00Z", "tables": {"units_down": "down.csv"}}
    (tmp_path / "state.yaml").write_text(json.dumps(state))
    call = {"id": "c", "kind": "utility_call", "site": "site", "most_mw": 6.5, "author": "grid", "reason": "call",
            "begins": "2027-06-01T05:00Z", "ends": "2027-06-01T06:00Z"}  # fmt: skip
    (tmp_path / "orders.yaml").write_text(json.dumps({"version": 1, "instructions": [call]}))
    again = ("week", plan, "--as-of", MOMENT, "--json")
    told = ("--state", tmp_path / "state.yaml", "--instructions", tmp_path / "orders.yaml")
    done = command(*again, *told, "--out", tmp_path / "first")
    assert (done.code, done.json["folder"]) == (0, str(tmp_path / "first"))
    assert command(*again, "--schedule", tmp_path / "first/schedule.json", "--out", tmp_path / "second").code == 0
    for folder in ("first", "second"):
        with (tmp_path / folder / "setpoints.csv").open() as file:
            said = [(row["target_mw"], row["reason"]) for row in csv.DictReader(file)]
        assert said[:2] == [("2.8", "machines down or out"), ("1.5", "c (grid: call)")]
    (tmp_path / "state.yaml").write_text(json.dumps({**state, "as_of": "2027-05-01T01:00Z"}))
    late = command(*again, *told, "--out", tmp_path / "third")
    assert (late.code, "h old, more than 36.0 h" in str(late.json)) == (2, True)
