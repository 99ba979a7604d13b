"""Every command: what it prints for people and for programs, and what it never does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from allocator.cli import main as entry
from allocator.cli.main import COMMANDS, cli, run
from allocator.pipeline.errors import ExitCode
from allocator.verify import VerificationReport, Violation
from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import ROOT, allocator, contents, environment


def test_help_lists_every_command_and_each_has_help_of_its_own(command: Command) -> None:
    assert all(name in command("--help").out for name in COMMANDS)
    for name in COMMANDS:
        ran = command(name, "--help")
        assert ran.code == 0
        assert f"allocator {name}" in ran.out


def test_every_command_that_computes_offers_json() -> None:
    for name in set(COMMANDS) - {"schema"}:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert any("--json" in option.opts for option in command.params)


def test_no_command_is_a_wrong_call(command: Command) -> None:
    assert command().code == 2
    assert command("slove").code == 2
    assert command("solve", "--json").json["exit_code"] == 2
    assert command("solve", "--json").json["error"].startswith("Missing")


def test_help_and_version_load_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from allocator.cli.main import run; run(['--version']); run(['--help'])\n"
        "print([name for name in ('numpy', 'pandas', 'pydantic', 'highspy', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[0].startswith("allocator, version ")
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_plan_is_the_same_whatever_the_number_of_workers(solved: Path, command: Command, tmp_path: Path) -> None:
    for workers in (1, 3):
        place = tmp_path / str(workers)
        ran = command(
            "solve", solved / "scenario", "--method", "decomposed", "--workers", str(workers), "--out", place, "--quiet"
        )
        assert ran.code == 0
    one, three = (contents(tmp_path / str(workers)) for workers in (1, 3))
    assert {name for name in one if one[name] != three[name]} == {"run.json"}


def test_metrics_prints_the_figures_of_a_plan_and_refuses_a_folder_that_is_none(solved: Path, command: Command) -> None:
    printed = command("metrics", solved / "plan")
    assert printed.code == 0
    assert "EBITDA" in printed.out
    assert "payback" in printed.out
    figures = command("metrics", solved / "plan", "--json").json["metrics"]
    assert figures["years"][0]["ebitda_usd"] < figures["years"][0]["revenue_usd"]
    assert command("metrics", solved / "scenario").code == 2


def test_treasury_prints_what_is_held_and_owed_and_refuses_a_folder_that_is_none(
    solved: Path, tmp_path: Path, command: Command
) -> None:
    assert "change in cash" in command("treasury", solved / "plan").out  # neither Bitcoin nor debt
    assert command("solve", ROOT / "scenarios" / "hand" / "forced_sale", "--out", tmp_path / "plan").code == 0
    page = command("treasury", tmp_path / "plan", "--target-ltv", "0.5").out
    for words in (
        "after the first period",
        "!!150.0 %",
        "$40,500",
        "P(margin call)",
        "paid back",
        "owed at the end of the year",
    ):
        assert words in page
    told = command("treasury", tmp_path / "plan", "--json", "--weekly-csv", tmp_path / "weeks.csv").json
    assert (tmp_path / "weeks.csv").read_text("utf-8").startswith("week,first_day,last_day,mining_usd,")
    assert told["weekly"]["weeks"][0]["first_day"] == "2027-04-01"
    assert told["loans"][1]["call_usd_per_btc"] == pytest.approx(40_500)
    assert [month["call_probability"] for month in told["months"]] == [1.0, 0.0]
    assert command("treasury", tmp_path / "plan", "--target-ltv", "0").code == 2
    assert command("treasury", solved / "scenario").code == 2


def test_init_writes_a_scenario_that_checks_and_says_what_is_next(tmp_path: Path, command: Command) -> None:
    ran = command("init", tmp_path / "mine")
    assert ran.code == 0
    assert f"allocator solve {tmp_path / 'mine'} --out" in ran.out
    assert command("check", tmp_path / "mine").code == 0
    before = contents(tmp_path)
    again = command("init", tmp_path / "mine", "--json")
    assert (again.code, again.json["exit_code"]) == (2, 2)
    assert "not empty" in again.json["error"]
    assert contents(tmp_path) == before


def test_init_lists_its_files_for_programs(tmp_path: Path, command: Command) -> None:
    files = command("init", tmp_path / "mine", "--json").json["files"]
    assert files == ["ambient.csv", "prices.csv", "scenario.schema.json", "scenario.yaml"]


def test_init_refuses_files_and_what_lies_beneath_them(tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").write_text("mine")
    for place in ("file", "file/folder"):
        assert command("init", tmp_path / place).code == 2
    assert contents(tmp_path).keys() == {"file"}


def test_schema_prints_the_schema_that_init_writes(tmp_path: Path, command: Command) -> None:
    command("init", tmp_path / "mine")
    assert command("schema").json == json.loads((tmp_path / "mine" / "scenario.schema.json").read_text())


def test_check_tells_sizes_catalogue_and_remarks(tmp_path: Path, command: Command) -> None:
    gappy = small.changed(("series.price.gaps", {"repair": "interpolate", "max_hours": 24}))
    small.write(tmp_path / "scenario", gappy, small.days().replace("2027-06-14,40,25", "2027-06-14,,25"))
    ran = command("check", tmp_path / "scenario")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "small: no faults"
    assert lines[1] == "  1 site, 2 halls, 1 model, 3 contracts, 1 node, 720 hours"
    assert any("Antminer S21" in line and "price_usd" in line for line in lines)
    remarks = lines[lines.index("Remarks") + 1 :]
    assert any("price" in remark for remark in remarks)
    said = command("check", tmp_path / "scenario", "--json").json
    assert (said["sites"], said["hours"], said["faults"]) == (1, 720, [])
    assert said["equipment"][0]["catalogue"] == "Antminer S21"
    assert len(said["remarks"]) == len(remarks)
    assert command("check", tmp_path / "scenario", "--quiet").out == ""


def test_solve_for_programs_is_one_object_that_agrees_with_the_plan(
    solved: Path, tmp_path: Path, command: Command
) -> None:
    ran = command("solve", solved / "scenario", "--out", tmp_path / "plan", "--json", "--quiet")
    assert ran.err == ""
    assert ran.out.count("\n") == 1
    assert ran.json["exit_code"] == 0
    assert ran.json["folder"] == str(tmp_path / "plan")
    assert ran.json["plan"] == json.loads((tmp_path / "plan" / "plan.json").read_text())
    assert ran.json["run"] == json.loads((tmp_path / "plan" / "run.json").read_text())


def test_progress_goes_to_the_error_stream_and_quiet_ends_it(solved: Path, tmp_path: Path, command: Command) -> None:
    loud = command("solve", solved / "scenario", "--out", tmp_path / "plan", "--json")
    assert loud.json["exit_code"] == 0
    assert "solving ..." in loud.err
    quiet = command("solve", solved / "scenario", "--out", tmp_path / "plan", "--quiet")
    assert (quiet.out, quiet.err) == ("", "")


def test_verify_counts_what_it_looked_at(plan: Path, command: Command) -> None:
    said = command("verify", plan, "--json").json
    assert (said["passed"], said["violations"]) == (True, [])
    assert sum(said["checked"].values()) > 1000
    assert command("verify", plan, "--quiet").out == ""


def test_violations_without_an_amount_are_still_json(
    plan: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = Violation("TABLES.form", {"table": "halls"}, float("nan"), "", "cannot be evaluated")
    report = VerificationReport((nameless,) * 60, {"TABLES.form": 60})
    monkeypatch.setattr("allocator.cli.verify.verify_folder", lambda _: report)
    said = command("verify", plan, "--json").json
    assert (said["exit_code"], said["passed"], len(said["violations"])) == (6, False, 60)
    assert said["violations"][0]["amount"] is None
    ran = command("verify", plan)
    assert ran.err.splitlines()[0] == "TABLES.form [table halls]: cannot be evaluated"
    assert ran.err.splitlines()[-1] == "... and 10 more; --json lists all"
    assert ran.out == "60 facts under 1 rule derived again: 60 violations\n"


def test_an_error_nobody_foresaw_is_one_line_and_a_file(
    solved: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise ZeroDivisionError("half\nof nothing")

    monkeypatch.setattr("allocator.cli.solve.load_scenario", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = command("solve", solved / "scenario", "--out", tmp_path / "plan")
    assert ran.code == 1
    first, second, *_ = ran.err.splitlines()
    assert first == "internal error: ZeroDivisionError: half of nothing"
    (kept,) = tmp_path.iterdir()
    assert second == f"  the traceback is in {kept}"
    assert "ZeroDivisionError: half\nof nothing" in kept.read_text()
    assert command("solve", solved / "scenario", "--out", tmp_path / "plan", "--json").json["exit_code"] == 1


def test_an_error_that_cannot_be_saved_still_says_where(
    solved: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allocator.cli.solve.load_scenario", lambda _: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    ran = command("solve", solved / "scenario", "--out", tmp_path / "plan")
    assert ran.code == 1
    assert "could not be saved" in ran.err
    assert "ZeroDivisionError" in ran.err


def test_too_little_memory_is_told_with_a_way_out(
    solved: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise MemoryError

    monkeypatch.setattr("allocator.cli.solve.load_scenario", fail)
    ran = command("solve", solved / "scenario", "--out", tmp_path / "plan")
    assert (ran.code, ran.err.splitlines()[0]) == (1, "out of memory")
    assert "--hours" in ran.err


def test_exit_codes_are_those_of_the_help(command: Command) -> None:
    names = "solve", "nightly", "watch"
    solve, nightly, watch = (" ".join(command(name, "--help").out.split()) for name in names)
    for code in ExitCode:
        of_a_night = watch if code in (ExitCode.MARGIN_CALLED, ExitCode.MARGIN_NEAR) else nightly
        assert f" {int(code)} " in (solve if code <= ExitCode.NOT_VERIFIED else of_a_night)


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m allocator schema | head -c 10"
    done = subprocess.run(shell, shell=True, env=environment(), capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == ""
    assert len(done.stdout) == 10


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_an_error_in_words(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m allocator schema > /dev/full"
    done = subprocess.run(shell, shell=True, env=environment(), capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("standard output cannot be written: No space left on device\n")
    assert "internal error" not in done.stderr


def test_a_terminal_without_the_letters_gets_escapes(tmp_path: Path) -> None:
    small.write(tmp_path / "scenario", small.changed(("name", "数据中心")))
    done = allocator("check", "scenario", cwd=tmp_path, env={"PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    assert done.stdout.startswith("\\u6570")


def test_stop_signals_that_are_ignored_stay_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[object] = []
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_IGN)
    monkeypatch.setattr(signal, "signal", lambda *pair: set_to.append(pair))
    entry._end_like_ctrl_c("SIGTERM", "SIGHUP", "SIGNOTHING")
    assert set_to == []


def test_run_never_exits(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("allocator, version ")
