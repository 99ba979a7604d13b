"""An older plan to start from helps or is refused in words; it never changes what is proven."""

from __future__ import annotations

from pathlib import Path

from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import contents


def test_what_is_no_plan_is_refused_before_any_work(solved: Path, plan: Path, tmp_path: Path, command: Command) -> None:
    (plan / "tables" / "halls.parquet").write_bytes(b"no table")
    before = contents(tmp_path)
    for start in (tmp_path / "nowhere", solved / "scenario", plan):
        ran = command("solve", solved / "scenario", "--out", tmp_path / "new", "--start-from", start)
        assert ran.code == 2
        assert "no plan to start from" in ran.err
        assert "solving" not in ran.err
    assert contents(tmp_path) == before


def test_the_plan_of_another_scenario_does_no_harm(solved: Path, tmp_path: Path, command: Command) -> None:
    other = small.changed(("contracts", [small.offer("new", 2, 130)]), ("sites.0.halls.0.name", "renamed"))
    small.write(tmp_path / "scenario", other)
    for method in ("monolithic", "decomposed"):
        start = ("--start-from", solved / "plan", "--method", method, "--json", "--quiet")
        with_start = command("solve", tmp_path / "scenario", "--out", tmp_path / method, *start).json
        assert with_start["exit_code"] == 0
        assert with_start["plan"]["objective_usd"] > 0


def test_a_plan_may_start_from_itself_and_be_replaced(solved: Path, plan: Path, command: Command) -> None:
    ran = command("solve", solved / "scenario", "--out", plan, "--start-from", plan, "--method", "decomposed", "--json")
    assert ran.json["exit_code"] == 0
    assert command("verify", plan).code == 0
