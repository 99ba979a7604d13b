"""Where a plan may be written: new folders, empty folders, older plans. Everything else is refused, untouched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.shell import contents

ROOT_USER = os.geteuid() == 0


def refused(command: Command, solved: Path, out: Path, home: Path, *words: str) -> None:
    before = contents(home)
    for arguments in ([], ["--json"]):
        ran = command("solve", solved / "scenario", "--out", out, *arguments)
        assert ran.code == 2
        assert all(word in ran.out + ran.err for word in words), ran
    assert "solving" not in ran.err  # before any work
    assert contents(home) == before


def test_a_parent_that_is_a_file(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").write_text("mine")
    refused(command, solved, tmp_path / "file" / "plan", tmp_path, "cannot be made", "is a file, not a folder")


def test_a_file(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "plan").write_text("mine")
    refused(command, solved, tmp_path / "plan", tmp_path, "is a file", "name a folder")


def test_a_folder_that_is_no_plan(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "thesis.doc").write_text("mine")
    refused(command, solved, tmp_path / "plan", tmp_path, "not a plan", "new or empty folder")


def test_a_plan_with_other_files_beside_it(solved: Path, plan: Path, tmp_path: Path, command: Command) -> None:
    (plan / "notes.txt").write_text("mine")
    refused(command, solved, plan, tmp_path, "notes.txt", "no part of a plan")


def test_the_folder_of_the_scenario_itself(solved: Path, command: Command) -> None:
    refused(command, solved, solved / "scenario", solved, "not a plan")


@pytest.mark.skipif(ROOT_USER, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    refused(command, solved, tmp_path / "locked" / "plan", tmp_path, "may not be written to")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that refuses even root")
def test_a_folder_that_refuses_to_be_written_to_fails_in_words(solved: Path, command: Command) -> None:
    ran = command("solve", solved / "scenario", "--out", "/proc/plan", "--quiet")
    assert ran.code in (1, 2)
    assert "/proc/plan" in ran.err
    assert len(ran.err.splitlines()) <= 2


def test_a_name_too_long_for_the_disk(solved: Path, tmp_path: Path, command: Command) -> None:
    refused(command, solved, tmp_path / ("x" * 300), tmp_path, "not a usable path")


def test_new_folders_empty_ones_and_older_plans_are_fine(solved: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "empty").mkdir()
    new, empty = tmp_path / "deep" / "new", tmp_path / "empty"
    for out in (new, empty, empty):
        assert command("solve", solved / "scenario", "--out", out, "--quiet").code == 0
        assert command("verify", out, "--quiet").code == 0
    assert sorted(path.name for path in tmp_path.rglob(".*")) == []


def test_two_solves_of_the_same_scenario_give_the_same_bytes(solved: Path, tmp_path: Path, command: Command) -> None:
    assert command("solve", solved / "scenario", "--out", tmp_path / "plan").code == 0
    one, other = contents(tmp_path / "plan"), contents(solved / "plan")
    assert {name for name in one if one[name] != other.get(name)} <= {"run.json"}
    assert set(one) == set(other)


@pytest.mark.parametrize("place", ["nowhere", "file", "empty", "folder"])
def test_what_is_no_plan_is_not_verified(place: str, tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "plan.json").write_text("{}")
    ran = command("verify", tmp_path / place)
    assert ran.code == 2
    assert "is not a plan folder" in ran.err
    assert command("verify", tmp_path / place, "--json").json["exit_code"] == 2


DAMAGES = {
    "a table is gone": ("tables/halls.parquet", None, 6),
    "a table is cut short": ("tables/cash_flow.parquet", 100, 6),
    "an hourly table is gone": ("dispatch/site/hours.parquet", None, 6),
    "an hourly table is cut short": ("dispatch/site/segments.parquet", 50, 6),
    "the head is cut short": ("plan.json", 40, 2),
    "the head is gone": ("plan.json", None, 2),
    "the certificate is cut short": ("certificate.json", 10, 6),
    "the scenario is gone": ("scenario/scenario.yaml", None, 2),
    "a series is gone": ("scenario/days.csv", None, 2),
    "a series is cut short": ("scenario/days.csv", 200, 2),
}


@pytest.mark.parametrize(("name", "kept", "code"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_plan_is_told_in_words(name: str, kept: int | None, code: int, plan: Path, command: Command) -> None:
    file = plan / name
    if not file.exists():
        pytest.skip(f"this plan has no {name}")
    content = file.read_bytes()
    file.unlink()
    if kept is not None:
        file.write_bytes(content[:kept])
    ran = command("verify", plan)
    assert ran.code == code
    assert file.name in ran.err or file.stem in ran.err
    assert "internal error" not in ran.err
    assert command("verify", plan, "--json").json["exit_code"] == code
