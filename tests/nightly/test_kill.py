"""A kill at any instant leaves the last published plan readable, and the next run goes on from there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, environment


@pytest.mark.parametrize("trials", [20, pytest.param(250, marks=pytest.mark.slow)])
def test_a_kill_at_any_instant_leaves_the_last_plan(tmp_path: Path, trials: int) -> None:
    command = [sys.executable, "-m", "tests.nightly.killing", str(tmp_path / "store"), str(trials), "7"]
    longest_s = 300 + 10 * trials
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=longest_s)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["trials"] == trials
    assert said["midway"] >= trials // 2, "most kills must hit a publication under way"
    assert said["last"] > 0
