"""Sweeps of a small scenario: the table, whoever solves it and however often it was stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.plan.reader import read_plan
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.studies.sweep import results
from allocator.studies.sweep.axes import parsed
from allocator.studies.sweep.design import design
from allocator.studies.sweep.run import Progress, Swept, sweep
from allocator.work.executors import here, processes
from tests.cli import small
from tests.cli.shell import ROOT, environment
from tests.studies.conftest import Command
from tests.work.stand_in import deadly
from tests.work.test_executors import until

RENT, CASH = "contracts[0].rent_usd_per_kw_month", "finance.minimum_cash_usd"
REQUEST = SolveRequest()
DESIGN = design(parsed([f"{RENT}=-5,150", f"{CASH}=0,1e9"]), "grid", 0)
"""A negative rent is a fault; a billion is more than this company will ever have."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedScenario:
    return load_scenario(small.write(tmp_path_factory.mktemp("swept") / "scenario"))


@pytest.fixture(scope="module")
def swept(loaded: LoadedScenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Swept]:
    """The sweep in this process; not to be changed."""
    folder = tmp_path_factory.mktemp("here") / "sweep"
    return folder, sweep(loaded, DESIGN, REQUEST, folder, here)


def table(folder: Path) -> bytes:
    return (folder / "results.parquet").read_bytes()


def test_every_point_is_a_row_with_its_plan_or_with_why_there_is_none(swept: tuple[Path, Swept]) -> None:
    frame = results.read(swept[0])
    assert frame["status"].tolist() == ["bad_input", "bad_input", "within_gap", "infeasible"]
    assert frame["npv_usd"].notna().tolist() == [False, False, True, False]
    assert RENT in frame["message"][0]
    assert f"--set {CASH}=1000000000.0 names the conflict" in frame["message"][3]
    assert frame[f"input.{CASH}"].tolist() == [0, 1e9] * 2


def test_figures_are_those_of_the_plan_solved_alone(loaded: LoadedScenario, swept: tuple[Path, Swept]) -> None:
    contract = loaded.scenario.contracts[0].model_copy(update={"rent_usd_per_kw_month": 150.0})
    scenario = loaded.scenario.model_copy(update={"contracts": (contract, *loaded.scenario.contracts[1:])})
    alone = solve_scenario(replace(loaded, scenario=scenario)).plan
    row = results.read(swept[0]).iloc[2]
    assert row["npv_usd"] == pytest.approx(alone.meta.objective_usd, rel=1e-9)
    assert row["contracts"] == "big"
    assert row["ai_colocation_mw"] == pytest.approx(4.0)
    assert row["mining_mw"] == pytest.approx(3.5)
    assert row["ai_share"] == pytest.approx(4.0 / 7.5)


def test_a_killed_sweep_goes_on_in_two_processes_to_the_table_of_one(
    loaded: LoadedScenario, swept: tuple[Path, Swept], tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    asked = ["--vary", f"{RENT}=-5,150", "--vary", f"{CASH}=0,1e9", "--out", folder, "--workers", "1", "--quiet"]
    line = [sys.executable, "-m", "allocator", "sweep", loaded.folder, *asked]
    with subprocess.Popen(line, cwd=ROOT, env=environment()) as client:
        until(lambda: any((folder / "points").glob("*.json")))
        client.kill()
    finished = {path: path.stat().st_mtime_ns for path in (folder / "points").glob("[0-9]*.json")}
    assert finished
    sweep(loaded, DESIGN, REQUEST, folder, processes(2))
    assert table(folder) == table(swept[0])
    assert all(path.stat().st_mtime_ns == before for path, before in finished.items())


def test_a_point_that_kills_those_who_solve_it_is_a_row(loaded: LoadedScenario, tmp_path: Path) -> None:
    one = design(parsed([f"{CASH}=0"]), "grid", 0)
    found = sweep(loaded, one, REQUEST, tmp_path / "sweep", deadly)
    assert found.finished[0].status == "failed"
    assert "died 3 times" in found.finished[0].message


class StoppedError(Exception):
    """Stands for a kill."""


def stop_after(count: int) -> Callable[[Progress], None]:
    def tell(now: Progress) -> None:
        if now.done == count:
            raise StoppedError

    return tell


def test_a_stopped_sweep_goes_on_and_repeats_nothing(
    loaded: LoadedScenario, swept: tuple[Path, Swept], tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    with pytest.raises(StoppedError):
        sweep(loaded, DESIGN, REQUEST, folder, here, on_progress=stop_after(3))
    kept = {path: path.stat().st_mtime_ns for path in sorted((folder / "points").iterdir())}
    assert [path.name for path in kept] == [f"{k:06d}.json" for k in range(3)]
    torn = folder / "points" / "000002.json"
    torn.write_text("{")
    sweep(loaded, DESIGN, REQUEST, folder, here)
    assert table(folder) == table(swept[0])
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items() if path != torn)
    assert json.loads((folder / "run.json").read_text())["found_finished"] == 2


def test_a_folder_is_continued_only_by_the_same_sweep(loaded: LoadedScenario, swept: tuple[Path, Swept]) -> None:
    other = design(DESIGN.axes, "lhs:3", 0)
    with pytest.raises(BadInputError, match="another sweep"):
        sweep(loaded, other, REQUEST, swept[0], here)
    with pytest.raises(BadInputError, match="another sweep"):
        sweep(loaded, DESIGN, replace(REQUEST, relative_gap=0.5), swept[0], here)


def test_strangers_are_left_alone(loaded: LoadedScenario, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(BadInputError, match="no sweep"):
        sweep(loaded, DESIGN, REQUEST, tmp_path, here)


@pytest.mark.parametrize(
    ("name", "words"), [("sites[0].nothing.here", "nothing"), ("horizon", "number"), ("knob", "knob")]
)
def test_what_is_no_input_is_refused_before_anything_is_solved(
    loaded: LoadedScenario, tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(ScenarioFaults, match=words):
        sweep(loaded, design(parsed([f"{name}=1,2"]), "grid", 0), REQUEST, tmp_path / "sweep", here)
    assert not (tmp_path / "sweep").exists()


def test_the_command_prints_a_page_and_leaves_the_plan_as_it_stands(
    loaded: LoadedScenario, tmp_path: Path, command: Command
) -> None:
    asked = ["sweep", loaded.folder, "--vary", f"{CASH}=0,1e9", "--out", tmp_path / "sweep", "--workers", "0"]
    ran = command(*asked)
    assert ran.code == 0, ran.err
    assert "2 points: 1 infeasible, 1 within gap" in ran.out
    assert "2 of 2 points, 1 without a plan" in ran.err
    assert read_plan(tmp_path / "sweep" / "base").meta.verified
    assert "pictures" in ran.out
    assert command(*asked, "--json").json["statuses"] == {"infeasible": 1, "within_gap": 1}
