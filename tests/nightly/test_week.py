"""The hours that a night publishes: decided with restarts and today's prices, checked, and never missing."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.nightly import week
from allocator.nightly.alerts import Alert
from allocator.nightly.before import Before, read_before
from allocator.nightly.hours import hours_files
from allocator.nightly.night import Night
from allocator.nightly.schedule import Schedule, schedule
from allocator.pipeline.solve import instance_in
from allocator.plan.reader import read_plan
from allocator.scenario.load import load_scenario
from allocator.week.check.told import Broken
from allocator.week.interface import Opening
from allocator.week.verified import CheckedWeek, checked_week
from tests.cli import small
from tests.nightly.test_night import FIRST, Job
from tests.week.sites import Fleet, site

SLOW = (
    ("equipment.s21.restart_minutes", 15),
    ("equipment.s21.least_off_hours", 24),
    ("equipment.s21.restart_usd_per_mw", 20),
    ("operations", {"spread_usd_per_mwh": 25, "spread_persistence_share": 0.6, "day_ahead_share": 0.5}),
    ("sites.0.day_ahead", {"series": "ahead"}),
    ("series.ahead", {**small.SERIES, "file": "ahead.csv", "column": "usd_per_mwh", "unit": "USD/MWh"}),
)


class Nights(Job):
    """Nights of slow machines in a month with a dear day, the third one; the prices of one day are known ahead."""

    def change(self, *changes: tuple[str, Any], series: str | None = None) -> None:
        rows = small.days().splitlines()
        rows[3] = rows[3].replace(",40,", ",150,")
        super().change(*SLOW, *changes, series="\n".join(rows) + "\n")
        known = "day,usd_per_mwh\n2027-06-01,35\n2027-06-02,45\n"
        (self.home / "scenario" / "ahead.csv").write_text(known)

    def rows(self) -> list[dict[str, str]]:
        with (self.current / "schedule.csv").open() as file:
            return list(csv.DictReader(file))

    def said(self) -> Any:
        return json.loads((self.current / "schedule.json").read_text())


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nights, Night]:
    """The first of them. Not to be changed."""
    job = Nights(tmp_path_factory.mktemp("week"))
    job.change()
    return job, job.run()


def test_machines_run_by_two_prices_and_stand_still_over_the_dear_day(night: tuple[Nights, Night]) -> None:
    job, found = night
    assert [alert.kind for alert in found.alerts if alert.severity != "info"] == []
    machines = [row for row in job.rows() if row["hall"] == "machines"]
    assert len(machines) == 7 * 24
    dear = [row for row in machines if row["utc"].startswith("2027-06-03")]
    assert {(row["state"], float(row["load_mw"])) for row in dear} == {("off", 0.0)}
    after = next(row for row in machines if row["utc"] > dear[-1]["utc"])
    assert (after["state"], float(after["load_mw"])) == ("restarting", 3.5)
    plain = 48 / 24 / 17.5 * 1000
    for row in machines:
        assert float(row["strike_on_usd_per_mwh"]) <= float(row["strike_off_usd_per_mwh"])
    assert float(machines[0]["strike_off_usd_per_mwh"]) > plain + 0.25 * plain + 20


def test_half_of_what_is_used_is_bid_for_and_a_day_whose_bids_are_closed_is_left(night: tuple[Nights, Night]) -> None:
    job, _ = night
    bought = {row["utc"]: (float(row["site_day_ahead_mw"]), float(row["site_grid_mw"])) for row in job.rows()}
    for utc, (ahead, grid) in bought.items():
        assert ahead == pytest.approx(0.0 if utc.startswith("2027-06-01") else 0.5 * grid)
    (summary,) = job.said()["sites"]
    assert summary["day_ahead_gain_usd"] == pytest.approx(0.0)
    assert summary["restarts_usd"] == pytest.approx(3.5 * (20 + 0.25 * 48 / 24 / 17.5 * 1000))
    assert summary["bound_usd"] == pytest.approx(summary["value_usd"])


def test_bids_fall_in_price_and_rise_in_megawatts(night: tuple[Nights, Night]) -> None:
    job, _ = night
    with (job.current / "bids.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["utc"] for row in rows}) == 7 * 24
    assert {row["bids_until"] for row in rows if row["utc"].startswith("2027-06-02")} == {"2027-06-01T10:00:00+00:00"}
    for one, other in pairwise(rows):
        if one["utc"] == other["utc"]:
            assert float(other["price_usd_per_mwh"]) <= float(one["price_usd_per_mwh"])
            assert float(other["mw"]) > float(one["mw"])


def test_the_next_night_opens_with_what_the_last_one_has_running(night: tuple[Nights, Night]) -> None:
    job, _ = night
    before = read_before(job.current / "schedule.json")
    made = site([Fleet((10.0,), (60.0,))], 3)
    key = ("hall0", "barn", "miner", 0)
    stamps = [f"2027-05-31T{hour}:00:00+00:00" for hour in (20, 21, 22, 23)]
    told = Before({("site", stamp): {key: mw} for stamp, mw in zip(stamps, (10.0, 10.0, 0.0, 0.0), strict=True)})
    opening = told.opening(made, Opening())
    assert opening.running_mw is not None
    assert opening.off_h is not None
    assert (opening.running_mw.tolist(), opening.off_h.tolist()) == ([0.0], [2.0])
    assert opening.scheduled_mw is None
    assert told.opening(made, Opening(running_mw=np.array([7.0]))).running_mw == pytest.approx([7.0])
    assert len(before.loads) == 7 * 24
    told = Before(bought_mw={("site", "2027-06-01T01:00:00+00:00"): 4.0})
    assert told.bought(made, np.array([True, True, False])) == pytest.approx([0.0, 4.0, np.nan], nan_ok=True)
    assert read_before(Path("/nowhere")).loads == {}


def hours_of(folder: Path, before: Before, **operations: Any) -> tuple[dict[str, str], list[Alert], Schedule]:
    """Files of the hours of a plan at the first night, with some operations changed; its own hours too."""
    plan = read_plan(folder)
    instance, loaded = instance_in(folder, plan.meta), load_scenario(folder / "scenario")
    stated = loaded.scenario.operations
    assert stated is not None
    scenario = loaded.scenario.model_copy(update={"operations": stated.model_copy(update=operations)})
    planned = schedule(instance, plan, FIRST)
    changed = replace(loaded, scenario=scenario)
    return *hours_files(planned, instance, plan, changed, FIRST, {}, before), planned


def test_steps_may_be_quarters_of_an_hour(night: tuple[Nights, Night]) -> None:
    files, alerts, _ = hours_of(night[0].current / "plan", Before(), step_minutes=15)
    assert alerts == []
    rows = [row for row in json.loads(files["schedule.json"])["rows"] if row["hall"] == "machines"]
    assert (len(rows), {row["hours"] for row in rows}) == (7 * 24 * 4, {0.25})
    assert rows[1]["utc"] == "2027-06-01T02:15:00+00:00"
    dear = [row for row in rows if row["utc"].startswith("2027-06-03")]
    assert {row["load_mw"] for row in dear} == {0.0}
    after = [row["state"] for row in rows if row["utc"].startswith("2027-06-04")]
    assert after[:2] == ["restarting", "on"]


@pytest.mark.parametrize("fails", ["crash", "check"])
def test_a_week_that_is_not_to_be_had_leaves_the_hours_of_the_plan(
    night: tuple[Nights, Night], monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def broken(*asked: Any) -> CheckedWeek:
        if fails == "crash":
            raise ValueError("the engine stopped")
        found = checked_week(*asked)
        return CheckedWeek(found.plan, found.tables, (Broken("POWER.site", "the meter", 1.0, "MW", "too much"),))

    monkeypatch.setattr(week, "checked_week", broken)
    before = Before(bought_mw={("site", "2027-06-01T05:00:00+00:00"): 2.0})
    files, alerts, planned = hours_of(night[0].current / "plan", before)
    assert [alert.kind for alert in alerts] == ["week_failed"]
    assert ("the engine stopped" if fails == "crash" else "POWER.site") in alerts[0].message
    said = json.loads(files["schedule.json"])
    assert said["sites"] == []
    assert [row["load_mw"] for row in said["rows"]] == [row.load_mw for row in planned.rows]
    bought = {row["site_day_ahead_mw"] for row in said["rows"] if row["utc"] == "2027-06-01T05:00:00+00:00"}
    assert bought == {2.0}


def test_machines_at_one_price_a_month_have_hours_on_every_night(tmp_path: Path) -> None:
    """The host gives no power in the last 200 of June's 720 hours: from the 22nd, 16:00 on."""
    host = {"name": "ridge", "cooling": "air", "capacity_mw": 1, "first_month": "2027-06", "last_month": "2027-06"}
    price = {"kind": "all_in", "usd_per_mwh": 60}
    job = Job(tmp_path)
    job.change(
        ("hosting", [{**host, "price": price, "curtailed_h_per_month": 200, "removal_usd_per_unit": 1e5}]),
        ("fleets.1", {"equipment": "s21", "hall": "ridge", "units": 200}),
    )
    assert [alert for alert in job.run(19).alerts if alert.severity != "info"] == []
    with (job.current / "schedule.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["site"] == "ridge"]
    assert len(rows) == 7 * 24
    assert {row["hours"] for row in rows} == {"1"}
    given = [row for row in rows if row["utc"] < "2027-06-22T16"]
    assert {row["load_mw"] for row in given} == {"0.7"}
    assert {row["load_mw"] for row in rows[len(given) :]} == {"0"}
