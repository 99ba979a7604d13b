"""A plan folder read back is the plan; equal plans are equal bytes; text never becomes a formula."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from allocator.plan.csv_view import escape
from allocator.plan.csv_view import write as write_csv
from allocator.plan.frames import frame
from allocator.plan.meta import RunMeta, load_run_meta
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_plan
from allocator.plan.schema import CSV_FOLDER, HOURLY, PLAN_JSON, RUN_JSON, TABLES, TABLES_FOLDER
from allocator.plan.writer import write_plan, write_run
from tests.plan.factory import pivot, plan_of


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("plan")
    write_plan(plan, home)
    return home


def test_a_plan_read_back_is_the_plan(plan: Plan, folder: Path) -> None:
    back = read_plan(folder)
    assert back.meta == plan.meta
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table, check_exact=True)
    assert list(back.dispatch) == list(plan.dispatch)
    for pair, frames in plan.dispatch.items():
        for name, table in frames.items():
            pd.testing.assert_frame_equal(back.dispatch[pair][name], table, check_exact=True)


def test_the_folder_holds_every_table_twice_and_the_hours_once(plan: Plan, folder: Path) -> None:
    assert {path.stem for path in (folder / TABLES_FOLDER).iterdir()} == set(TABLES)
    assert {path.stem for path in (folder / CSV_FOLDER).iterdir()} == set(TABLES)
    sites = {site for site, _ in plan.dispatch}
    hourly = list(folder.glob("dispatch/*/*.parquet"))
    assert len(hourly) == len(sites) * len(HOURLY)


def test_one_file_holds_the_hours_of_all_nodes_of_a_site(plan: Plan, folder: Path) -> None:
    whole = pd.read_parquet(folder / "dispatch/site0/hours.parquet")
    for (_, node), frames in plan.dispatch.items():
        own = whole[whole["node"] == node].drop(columns="node").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, frames["hours"], check_exact=True)


def test_equal_runs_write_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write_plan(plan_of(pivot()), tmp_path)
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert len(files) == len([path for path in tmp_path.rglob("*") if path.is_file()])
    assert [name for name in files if (folder / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_the_head_has_no_timings_and_no_infinity(folder: Path) -> None:
    head = json.loads((folder / PLAN_JSON).read_text())
    assert head["schema_version"] == 1
    assert not [name for name in head if "second" in name or "time" in name]


def test_timings_stand_in_the_file_of_the_run(tmp_path: Path) -> None:
    run = RunMeta({"solve": 1.5}, 120.0, {"cores": "2"}, {"nodes": 3.0})
    write_run(run, tmp_path)
    assert load_run_meta((tmp_path / RUN_JSON).read_text()) == run


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda home: (home / PLAN_JSON).unlink(), "is not a plan folder"),
        (lambda home: (home / PLAN_JSON).write_text("{"), "not JSON"),
        (lambda home: (home / PLAN_JSON).write_text('{"schema_version": 99}'), "schema_version 99"),
        (lambda home: (home / "tables/power.parquet").unlink(), "power.parquet"),
        (lambda home: (home / "tables/power.parquet").write_bytes(b"PAR1"), "power.parquet"),
        (lambda home: shutil.copy(home / "tables/cash.parquet", home / "tables/power.parquet"), "missing"),
    ],
)
def test_a_damaged_folder_is_refused_by_the_name_of_the_file(
    plan: Plan, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    write_plan(plan, tmp_path)
    damage(tmp_path)
    with pytest.raises(PlanReadError, match=words):
        read_plan(tmp_path)


def test_a_damaged_hourly_file_is_refused_when_it_is_asked_for(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    path = tmp_path / "dispatch/site0/bays.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    back = read_plan(tmp_path)
    with pytest.raises(PlanReadError, match=r"site0/bays\.parquet"):
        back.dispatch["site0", "2027-03"]


def test_rows_that_do_not_name_their_node_are_refused(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    path = tmp_path / "dispatch/site0/bays.parquet"
    pq.write_table(pq.read_table(path).drop_columns("node"), path)
    with pytest.raises(PlanReadError, match="does not say which node"):
        read_plan(tmp_path).dispatch["site0", "2027-03"]


def test_a_pair_the_plan_does_not_know_is_a_key_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        read_plan(folder).dispatch["nowhere", "2027-01"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_a_spreadsheet_could_run_gets_an_apostrophe(start: str) -> None:
    assert escape(start + "cmd|' /C calc'!A0") == "'" + start + "cmd|' /C calc'!A0"


def test_text_that_is_harmless_stays_as_it_is() -> None:
    assert [escape(text) for text in ("hall A", "", "a=b", "NO")] == ["hall A", "", "a=b", "NO"]


def test_numbers_keep_their_sign_and_names_with_commas_quotes_and_lines_stay_one_cell(tmp_path: Path) -> None:
    name = 'a,"b"\r\nc'
    columns: dict[str, list[object]] = {column: [0] for column in TABLES["trades"].columns}
    table = frame(TABLES["trades"], {**columns, "node": ["n"], "model": [name], "price_usd_per_unit": [-1.25]})
    write_csv(TABLES["trades"], table, tmp_path / "trades.csv")
    with (tmp_path / "trades.csv").open(newline="", encoding="utf-8") as file:
        header, row = list(csv.reader(file))
    assert header == list(TABLES["trades"].columns)
    assert row[header.index("model")] == name
    assert row[header.index("price_usd_per_unit")] == "-1.25"


def test_names_of_sites_become_folders_that_cannot_escape(plan: Plan, tmp_path: Path) -> None:
    evil = "../../etc"
    frames = plan.dispatch["site0", "2027-01"]
    write_plan(dataclasses.replace(plan, dispatch={(evil, ".."): frames}), tmp_path)
    written = list(tmp_path.rglob("hours.parquet"))
    assert [path.parent.parent.name for path in written] == ["dispatch"]
