"""Each exit code, from a real process, and what it leaves on disk."""

from __future__ import annotations

import json
import random
import resource
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import allocator, contents


def packing(halls: int, load: float, **terms: Any) -> dict[str, Any]:
    """Sixty odd-sized tenants for a few halls: choosing the best, or even placing all, is hard to prove."""
    draw = random.Random(5)
    sizes = [round(draw.uniform(1, 4), 3) for _ in range(60)]
    limit = round(sum(sizes) / halls / load, 3)
    return small.changed(
        ("fleets", []),
        ("equipment", {}),
        ("sites.0.power_limit_mw", 1000),
        ("sites.0.halls", [small.hall(f"h{k}", "gpu_hall", limit * (1 + 0.01 * k)) for k in range(halls)]),
        ("contracts", [small.offer(f"c{k}", mw, 100 + draw.uniform(-3, 3), **terms) for k, mw in enumerate(sizes)]),
    )


CROWDED = packing(halls=6, load=1 / 0.55)
FULL = packing(halls=20, load=1 / 1.02, must_accept=True)
IMPOSSIBLE = small.changed(("contracts.0.must_accept", True), ("contracts.1.must_accept", True))


def test_0_a_plan_within_the_gap(tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario")
    done = allocator("solve", "scenario", "--out", "plan", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "small: net present value $727,200")
    assert "verifying every rule and every dollar" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "scenario"]
    again = command("verify", tmp_path / "plan")
    assert again.code == 0
    assert again.out.endswith("derived again: every one holds\n")


def test_1_a_disk_that_is_full_leaves_the_earlier_plan_as_it_was(plan: Path, tmp_path: Path) -> None:
    small.write(tmp_path / "scenario")
    before = contents(tmp_path)
    done = allocator("solve", "scenario", "--out", "plan", cwd=tmp_path, before=files_up_to(2_000))
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "what stood there before still stands" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(tmp_path) == before


def files_up_to(size: int) -> Any:
    """To be run in a child: no file of its may grow beyond `size` bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.slow
def test_1_a_disk_too_full_to_keep_compiled_code_is_no_error_before_the_plan_is_written(tmp_path: Path) -> None:
    small.write(tmp_path / "scenario")
    done = allocator(
        "solve", "scenario", "--out", "plan", cwd=tmp_path, before=files_up_to(200),
        env={"NUMBA_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 1
    assert "plan was not written" in done.stderr
    assert not (tmp_path / "plan").exists()


def test_2_bad_input(tmp_path: Path) -> None:
    small.write(tmp_path / "scenario", small.changed(("sites.0.power_limit_mw", -5)))
    before = contents(tmp_path)
    done = allocator("solve", "scenario", "--out", "plan", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "scenario.yaml: sites[0].power_limit_mw (line " in done.stderr
    assert "found -5; expected" in done.stderr
    assert contents(tmp_path) == before


def test_3_infeasible_names_the_conflict_and_what_would_restore_it(plan: Path, tmp_path: Path) -> None:
    small.write(tmp_path / "scenario", IMPOSSIBLE)
    before = contents(tmp_path)
    done = allocator("solve", "scenario", "--out", "plan", "--json", cwd=tmp_path)
    assert done.returncode == 3
    said = json.loads(done.stdout)
    assert said["exit_code"] == 3
    assert said["error"] == "no plan meets every requirement"
    assert any("contract big" in line and "must be accepted" in line for line in said["details"])
    assert any("5 MW of critical IT" in line for line in said["details"])
    ways = [line for line in said["details"] if line.startswith(("to restore: ", "or instead: "))]
    assert ways[0].endswith("(the cheapest)")
    assert any(" raise it_limit_mw" in line for line in ways)
    assert contents(tmp_path) == before


def test_4_a_limit_before_any_plan(tmp_path: Path) -> None:
    small.write(tmp_path / "scenario", FULL)
    done = allocator("solve", "scenario", "--out", "plan", "--time-limit", "0.01", cwd=tmp_path)
    assert done.returncode == 4
    assert "the time limit was reached before any plan was found" in done.stderr
    assert "allow more time" in done.stderr
    assert not (tmp_path / "plan").exists()


def test_5_a_plan_whose_gap_is_not_reached_is_written_and_says_so(tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario", CROWDED)
    done = allocator("solve", "scenario", "--out", "plan", "--gap", "0", "--time-limit", "2", cwd=tmp_path)
    assert done.returncode == 5
    assert "GAP NOT REACHED: stopped at the time limit" in done.stdout
    meta = json.loads((tmp_path / "plan" / "plan.json").read_text())
    assert meta["verified"]
    assert meta["relative_gap"] > 0
    assert command("verify", tmp_path / "plan").code == 0


def test_6_a_plan_that_was_tampered_with(plan: Path, tmp_path: Path) -> None:
    head = plan / "plan.json"
    head.write_text(head.read_text().replace('"objective_usd": ', '"objective_usd": 1'))
    done = allocator("verify", "plan", cwd=tmp_path)
    assert done.returncode == 6
    assert "objective" in done.stderr
    assert "1 violation" in done.stdout or "violations" in done.stdout


def test_6_a_plan_that_fails_verification_is_not_published(
    plan: Path, solved: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allocator.pipeline import solve
    from allocator.verify import VerificationReport, Violation

    violation = Violation("POWER.site", {"site": "site"}, 1.0, "MW", "draws 1 MW too many")
    monkeypatch.setattr(solve, "verify_tables", lambda *_: VerificationReport((violation,), {"POWER.site": 1}))
    before = contents(tmp_path)
    ran = command("solve", solved / "scenario", "--out", plan, "--json")
    assert ran.code == 6
    assert ran.json["details"] == ["POWER.site [site site]: draws 1 MW too many"]
    assert contents(tmp_path) == before
    shutil.rmtree(plan)
    assert command("solve", solved / "scenario", "--out", plan).code == 6
    assert list(tmp_path.iterdir()) == []
