"""The whole run on a small scenario with files: published, verified, repeatable, and clean when it fails."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import allocator
from allocator.pipeline import solve as solving
from allocator.pipeline.assemble import agreed_bound, relative_gap
from allocator.pipeline.errors import (
    BadInputError,
    EngineError,
    ExitCode,
    InfeasibleError,
    NoPlanError,
    NotVerifiedError,
    PipelineError,
    WriteError,
)
from allocator.pipeline.method import METHODS, Answer, SolveRequest, suited
from allocator.pipeline.progress import Event, PhaseStarted
from allocator.plan.reader import read_plan
from allocator.plan.schema import CERTIFICATE_JSON, PLAN_JSON, RUN_JSON, SCENARIO_FOLDER, TABLES
from allocator.verify import VerificationReport, Violation
from solvers.result import Limit, Reason
from tests.instance.scenario_files import document, write
from tests.plan.factory import pivot_instance

THIN = SolveRequest(hours="3")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("scenario"))


@pytest.fixture(scope="module")
def outcome(scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> solving.Outcome:
    return allocator.solve(scenario, tmp_path_factory.mktemp("out") / "plan", THIN)


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    copy = document()
    change(copy)
    return write(folder, copy)


def must_accept(copy: dict[str, Any]) -> None:
    copy["contracts"][0]["must_accept"] = True


def test_a_plan_is_published_whole_and_verified(outcome: solving.Outcome) -> None:
    folder = outcome.folder
    assert folder is not None
    assert outcome.exit_code is ExitCode.WITHIN_GAP
    assert sorted(os.listdir(folder)) == sorted(
        [PLAN_JSON, RUN_JSON, CERTIFICATE_JSON, "tables", "csv", "dispatch", SCENARIO_FOLDER]
    )
    head = json.loads((folder / PLAN_JSON).read_text())
    assert head["verified"] is True
    assert head["stop_reason"] == "optimal"
    assert head["objective_usd"] <= head["bound_usd"]
    assert head["relative_gap"] <= head["requested_gap"]
    assert set(head["versions"]) >= {"allocator", "highs", "numpy", "pandas", "pyarrow"}
    assert os.listdir(folder.parent) == ["plan"]


def test_the_run_says_how_long_each_phase_took_and_names_no_machine(outcome: solving.Outcome) -> None:
    run = json.loads((outcome.folder / RUN_JSON).read_text()) if outcome.folder else {}
    assert {"compile", "solve", "settle", "price", "extract", "write", "verify"} <= set(run["seconds"])
    assert run["peak_memory_mb"] > 0
    assert os.uname().nodename not in json.dumps(run)


def test_a_published_plan_verifies_alone(outcome: solving.Outcome, tmp_path: Path) -> None:
    assert outcome.folder is not None
    moved = shutil.copytree(outcome.folder, tmp_path / "elsewhere")
    assert allocator.verify(moved).passed


def test_a_plan_that_was_changed_afterwards_does_not_verify(outcome: solving.Outcome, tmp_path: Path) -> None:
    assert outcome.folder is not None
    moved = shutil.copytree(outcome.folder, tmp_path / "spoiled")
    head = json.loads((moved / PLAN_JSON).read_text())
    (moved / PLAN_JSON).write_text(json.dumps({**head, "objective_usd": head["objective_usd"] + 1000.0}))
    assert not allocator.verify(moved).passed


def test_the_plan_in_memory_is_the_one_on_disk(outcome: solving.Outcome, scenario: Path) -> None:
    kept = allocator.solve(scenario, request=THIN)
    assert kept.folder is None
    assert kept.meta == outcome.meta
    for name in TABLES:
        pd.testing.assert_frame_equal(kept.plan.tables[name], outcome.plan.tables[name], check_exact=True)


def test_solving_again_gives_the_same_bytes_but_for_the_timings(
    outcome: solving.Outcome, scenario: Path, tmp_path: Path
) -> None:
    again = allocator.solve(scenario, tmp_path / "again", THIN)
    assert outcome.folder is not None
    assert again.folder is not None
    files = [path.relative_to(outcome.folder) for path in outcome.folder.rglob("*") if path.is_file()]
    differ = [str(name) for name in files if (outcome.folder / name).read_bytes() != (again.folder / name).read_bytes()]
    assert set(differ) <= {RUN_JSON}


def test_every_method_proves_the_same_objective(scenario: Path) -> None:
    tight = dataclasses.replace(THIN, relative_gap=1e-6)
    found = [allocator.solve(scenario, request=dataclasses.replace(tight, method=name)).meta for name in METHODS]
    assert [meta.method for meta in found] == list(METHODS)
    assert found[0].objective_usd == pytest.approx(found[1].objective_usd, rel=2e-6)


def test_representative_days_state_their_error_over_every_hour(outcome: solving.Outcome) -> None:
    hours = outcome.meta.hours
    assert (hours.full, hours.choice) == (False, "3")
    assert hours.full_hours_objective_usd is not None
    assert hours.error_usd == pytest.approx(hours.full_hours_objective_usd - outcome.meta.objective_usd, abs=0.01)
    assert hours.error_share is not None
    assert abs(hours.error_share) < 0.05


def test_the_scenarios_own_hours_are_kept_where_nothing_else_is_asked(scenario: Path, tmp_path: Path) -> None:
    hours = allocator.solve(scenario, tmp_path / "plan").meta.hours
    assert (hours.full, hours.choice, hours.error_usd) == (True, "full", None)
    assert allocator.verify(tmp_path / "plan").passed


def test_events_name_the_phases_in_order(scenario: Path) -> None:
    events: list[Event] = []
    allocator.solve(scenario, request=THIN, on_progress=events.append)
    phases = [event.phase for event in events if isinstance(event, PhaseStarted)]
    assert phases[0] == "compile"
    assert phases[-5:] == ["settle", "price", "extract", "full_hours", "verify"]


@pytest.mark.parametrize(
    "request_",
    [
        SolveRequest(method="magic"),
        SolveRequest(backend="magic"),
        SolveRequest(backend="pulp:MAGIC"),
        SolveRequest(backend="cp_sat"),
        SolveRequest(backend="glop"),
        SolveRequest(relative_gap=-1.0),
        SolveRequest(relative_gap=float("nan")),
        SolveRequest(time_limit_s=-5.0),
        SolveRequest(threads=0),
        SolveRequest(hours="2"),
        SolveRequest(hours="some"),
        SolveRequest(method="decomposed", backend="cbc"),
    ],
    ids=lambda request: str(request),
)
def test_options_that_make_no_sense_are_bad_input(scenario: Path, tmp_path: Path, request_: SolveRequest) -> None:
    with pytest.raises(BadInputError):
        allocator.solve(scenario, tmp_path / "plan", request_)
    assert os.listdir(tmp_path) == []


def test_a_place_that_cannot_hold_a_plan_is_refused_before_anything_is_compiled(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(solving, "compile_instance", lambda loaded: pytest.fail("compiled"))
    with pytest.raises(BadInputError, match="is a file"):
        allocator.solve(scenario, tmp_path / "file" / "plan")


def test_faults_of_a_scenario_are_bad_input_all_at_once(tmp_path: Path) -> None:
    folder = changed(tmp_path, lambda copy: copy["sites"][0].update(power_limit_mw=-1, colour="red"))
    with pytest.raises(BadInputError) as caught:
        allocator.solve(folder)
    assert len(caught.value.details) == 2
    assert caught.value.exit_code == 2


def test_missing_hours_are_bad_input_and_nothing_is_written(tmp_path: Path) -> None:
    folder = write(tmp_path)
    table = pd.read_csv(folder / "hours.csv").drop(index=range(100, 110))
    table.to_csv(folder / "hours.csv", index=False)
    with pytest.raises(BadInputError) as caught:
        allocator.solve(folder, tmp_path / "plan")
    assert caught.value.details
    assert not (tmp_path / "plan").exists()


def test_an_infeasible_scenario_names_the_conflict_and_the_repair(tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError) as caught:
        allocator.solve(changed(tmp_path, must_accept), tmp_path / "plan", THIN)
    details = caught.value.details
    assert any("contract tenant (scenario.yaml: contracts[0], 4 MW) must be accepted" in line for line in details)
    assert any("cash may not fall below $0" in line for line in details)
    assert any(line.startswith("to restore: raise opening_cash_usd") for line in details)
    assert caught.value.exit_code == 3
    assert not (tmp_path / "plan").exists()


def _answer_of(reason: Reason, limit: Limit | None) -> Callable[..., Answer]:
    def answer(*_: object) -> Answer:
        return dataclasses.replace(TEMPLATE, reason=reason, limit=limit)

    return answer


TEMPLATE = Answer(
    planning=None,  # type: ignore[arg-type]
    x=None,
    objective_usd=None,
    bound_usd=float("inf"),
    reason=Reason.NO_POINT,
    limit=Limit.TIME,
    method="monolithic",
    engine="highs",
    engine_version="",
    statistics={},
)


@pytest.mark.parametrize(
    ("reason", "limit", "error"),
    [(Reason.NO_POINT, Limit.TIME, NoPlanError), (Reason.UNBOUNDED, None, EngineError)],
)
def test_an_engine_without_a_plan_is_said_so(
    scenario: Path, monkeypatch: pytest.MonkeyPatch, reason: Reason, limit: Limit | None, error: type[PipelineError]
) -> None:
    monkeypatch.setattr(solving, "solve_by", _answer_of(reason, limit))
    with pytest.raises(error):
        allocator.solve(scenario)


def test_a_gap_that_was_not_reached_is_a_plan_with_its_own_exit_code(outcome: solving.Outcome) -> None:
    wide = dataclasses.replace(outcome.meta, relative_gap=0.5)
    plan = dataclasses.replace(outcome.plan, meta=wide)
    assert dataclasses.replace(outcome, plan=plan).exit_code is ExitCode.GAP_NOT_REACHED
    unknown = dataclasses.replace(outcome.plan, meta=dataclasses.replace(wide, relative_gap=None, bound_usd=None))
    assert dataclasses.replace(outcome, plan=unknown).exit_code is ExitCode.GAP_NOT_REACHED


def test_a_plan_that_does_not_verify_is_not_published(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allocator.solve(scenario, tmp_path / "plan", THIN)
    before = (tmp_path / "plan" / PLAN_JSON).read_bytes()
    broken = Violation("POWER.site", {"site": "west"}, 1.0, "MW", "too much")
    monkeypatch.setattr(solving, "verify_tables", lambda *_: VerificationReport((broken,), {}))
    with pytest.raises(NotVerifiedError) as caught:
        allocator.solve(scenario, tmp_path / "plan", THIN)
    assert caught.value.exit_code == 6
    assert caught.value.details == ("POWER.site [site west]: too much",)
    assert (tmp_path / "plan" / PLAN_JSON).read_bytes() == before
    assert os.listdir(tmp_path) == ["plan"]


def test_a_full_disk_is_an_error_and_the_last_good_plan_stands(scenario: Path, tmp_path: Path) -> None:
    allocator.solve(scenario, tmp_path / "plan", THIN)
    before = (tmp_path / "plan" / PLAN_JSON).read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(WriteError) as caught:
            allocator.solve(scenario, tmp_path / "plan", THIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.exit_code == 1
    assert (tmp_path / "plan" / PLAN_JSON).read_bytes() == before
    assert os.listdir(tmp_path) == ["plan"]


def test_inputs_that_change_while_solving_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path)
    original = solving.solve_by

    def meddle(*arguments: Any) -> Any:
        with (folder / "hours.csv").open("a") as file:
            file.write("\n")
        return original(*arguments)

    monkeypatch.setattr(solving, "solve_by", meddle)
    with pytest.raises(BadInputError, match="changed while it was being solved"):
        allocator.solve(folder, tmp_path / "plan", THIN)
    assert not (tmp_path / "plan").exists()


def test_a_folder_that_is_no_plan_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is not a plan folder"):
        allocator.verify(tmp_path)


def test_a_plan_without_its_scenario_cannot_be_verified(outcome: solving.Outcome, tmp_path: Path) -> None:
    assert outcome.folder is not None
    moved = shutil.copytree(outcome.folder, tmp_path / "plan")
    shutil.rmtree(moved / SCENARIO_FOLDER)
    with pytest.raises(BadInputError, match="the scenario inside"):
        allocator.verify(moved)


def test_a_published_plan_is_read_back_as_the_outcome(outcome: solving.Outcome) -> None:
    assert outcome.folder is not None
    assert read_plan(outcome.folder).meta == outcome.meta


def claimed(objective: float | None, bound: float) -> Answer:
    return dataclasses.replace(TEMPLATE, objective_usd=objective, bound_usd=bound)


def test_the_plan_must_reach_what_the_engine_claims_and_stay_within_its_bound() -> None:
    assert agreed_bound(claimed(100.0, 110.0), 105.0, 1000.0) == 110.0
    assert agreed_bound(claimed(100.0, float("inf")), 105.0, 1000.0) is None
    assert agreed_bound(claimed(100.0, 110.0), 110.0005, 1000.0) == 110.0005
    with pytest.raises(EngineError, match="does not agree"):
        agreed_bound(claimed(100.0, 110.0), 99.0, 1000.0)
    with pytest.raises(EngineError, match="does not agree"):
        agreed_bound(claimed(100.0, 110.0), 111.0, 1000.0)


def test_a_gap_is_relative_to_the_objective_and_never_negative() -> None:
    assert relative_gap(-200.0, -100.0) == 0.5
    assert relative_gap(100.0, 100.0) == 0.0
    assert relative_gap(0.0, 0.5) == 0.5
    assert relative_gap(100.0, None) is None


def test_small_instances_and_other_engines_take_one_model() -> None:
    assert suited(pivot_instance(), "highs") == "monolithic"
    assert suited(pivot_instance(), "cbc") == "monolithic"


def test_importing_the_package_loads_no_engine_and_no_tables() -> None:
    import subprocess
    import sys

    code = "import sys, allocator; print([m for m in ('pandas', 'highspy', 'pydantic', 'pyarrow') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_name_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        allocator.nothing  # noqa: B018
