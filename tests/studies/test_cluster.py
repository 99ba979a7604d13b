"""Two local workers of a Dask cluster: the table of the serial run, whoever dies meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import IN_PARTS, SolveRequest
from allocator.pipeline.progress import Event, Solving
from allocator.pipeline.solve import solve_scenario
from allocator.pipeline.staff import cluster_at
from allocator.scenario.load import load_scenario
from allocator.studies.sweep.axes import parsed
from allocator.studies.sweep.design import design
from allocator.studies.sweep.run import Progress, sweep
from allocator.work.executors import here
from tests.cli import small
from tests.cli.shell import ROOT, environment
from tests.studies.conftest import Command
from tests.work.stand_in import FATAL, FATAL_ONCE, Fatal, FatalToHold
from tests.work.test_executors import scheduled, until

dask = pytest.importorskip("dask", reason="needs the extra cluster")
distributed = pytest.importorskip("distributed", reason="needs the extra cluster: two local workers of Dask")
VARIED = "contracts[*].rent_usd_per_kw_month=50:150:5"
DESIGN = design(parsed([VARIED]), "grid", 0)
REQUEST = SolveRequest()


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Any]:
    """A scheduler that gives a task up at the first death of its worker, and two workers that come back."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=True
        ) as workers,
    ):
        yield workers


def test_a_killed_client_and_a_killed_worker_leave_the_table_of_the_serial_run(
    two_workers: Any, tmp_path: Path
) -> None:
    """The client dies by kill -9 midway and goes on; then a worker dies, comes back, and its point is solved again."""
    loaded, killed = load_scenario(small.write(tmp_path / "scenario")), list[int]()
    folder, address = tmp_path / "two", two_workers.scheduler_address
    asked = ["--vary", VARIED, "--out", folder, "--scheduler", address, "--quiet"]
    with subprocess.Popen(
        [sys.executable, "-m", "allocator", "sweep", loaded.folder, *asked], cwd=ROOT, env=environment()
    ) as client:
        until(lambda: any((folder / "points").glob("*.json")))
        client.kill()
    finished = {path: path.stat().st_mtime_ns for path in (folder / "points").glob("[0-9]*.json")}
    assert 0 < len(finished) < len(DESIGN.values)

    def kill_one(now: Progress) -> None:
        if now.done > len(finished) and not killed:
            killed.append(next(iter(two_workers.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    sweep(loaded, DESIGN, REQUEST, folder, cluster_at(address), on_progress=kill_one)
    sweep(loaded, DESIGN, REQUEST, tmp_path / "one", here)
    assert killed
    one, two = ((tmp_path / name / "results.parquet").read_bytes() for name in ("one", "two"))
    assert one == two
    assert all(path.stat().st_mtime_ns == before for path, before in finished.items())
    assert json.loads((folder / "run.json").read_text())["found_finished"] == len(finished)
    until(lambda: len(two_workers.scheduler_info["workers"]) == 2)


@pytest.mark.slow  # each death costs a worker its start; the quick one is that of processes, in test_executors.py
def test_the_point_that_kills_its_worker_fails_and_no_other_one_does(two_workers: Any, tmp_path: Path) -> None:
    with cluster_at(two_workers.scheduler_address)(Fatal(tmp_path)) as workers:
        found = scheduled(workers, [1.0, FATAL, FATAL_ONCE, 2.0])
    assert found == {0: 1, 1: None, 2: 289, 3: 4}


def test_a_worker_that_dies_of_what_all_points_share_fails_none_of_them(two_workers: Any, tmp_path: Path) -> None:
    with cluster_at(two_workers.scheduler_address)(FatalToHold(tmp_path)) as workers:
        found = scheduled(workers, [1.0, 2.0, 3.0])
    assert (tmp_path / "died").exists()
    assert found == {0: 1, 1: 2, 2: 3}


def test_the_hours_of_one_solve_give_the_plan_of_one_process(two_workers: Any, tmp_path: Path) -> None:
    """A worker dies midway, and comes back."""
    loaded, killed = load_scenario(small.write(tmp_path / "scenario")), list[int]()
    request = SolveRequest(method=IN_PARTS)

    def kill_one(now: Event) -> None:
        if isinstance(now, Solving) and not killed:
            killed.append(next(iter(two_workers.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    there = cluster_at(two_workers.scheduler_address)
    solve_scenario(loaded, tmp_path / "there", replace(request, staff=there), kill_one)
    solve_scenario(loaded, tmp_path / "one", replace(request, workers=1))
    assert killed
    assert folder_bytes(tmp_path / "there") == folder_bytes(tmp_path / "one")
    until(lambda: len(two_workers.scheduler_info["workers"]) == 2)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a plan but those that tell seconds."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_scheduler_that_does_not_answer_is_bad_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("allocator.work.cluster.CONNECT_S", 0.2)
    with pytest.raises(BadInputError, match="no Dask scheduler"), cluster_at("tcp://127.0.0.1:1")(Fatal(tmp_path)):
        pass


def test_a_cluster_has_workers_of_its_own(tmp_path: Path, command: Command) -> None:
    asked = ["--vary", "a=1,2", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1", "--out", tmp_path / "sweep"]
    ran = command("sweep", small.write(tmp_path / "scenario"), *asked)
    assert ran.code == 2
    assert "exclude each other" in ran.err


def test_one_whole_model_has_no_hours_for_a_cluster(tmp_path: Path, command: Command) -> None:
    asked = ["--method", "monolithic", "--scheduler", "tcp://127.0.0.1:1", "--out", tmp_path / "plan"]
    ran = command("solve", small.write(tmp_path / "scenario"), *asked)
    assert ran.code == 2
    assert "--scheduler is for method decomposed" in ran.err
