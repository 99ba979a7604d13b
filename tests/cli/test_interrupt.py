"""Ctrl-C, a polite kill and a hang-up end a solve with nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import small
from tests.cli.shell import SECONDS, contents, environment


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("reading and compiling", "SIGINT"),
        ("verifying", "SIGINT"),
        pytest.param("writing", "SIGTERM", marks=pytest.mark.slow),
        pytest.param("deriving", "SIGHUP", marks=pytest.mark.slow),
    ],
)
def test_a_signal_leaves_the_earlier_plan(moment: str, name: str, plan: Path, tmp_path: Path) -> None:
    small.write(tmp_path / "scenario")
    before = contents(tmp_path)
    code, said = _signalled(tmp_path, moment, getattr(signal, name))
    if code == 0:
        pytest.skip("it was over before the signal came")
    assert code == 1
    assert "interrupted; nothing was published" in said
    assert "Traceback" not in said
    assert contents(tmp_path) == before


def _signalled(home: Path, moment: str, number: int) -> tuple[int, str]:
    """Solve, and send a signal when the error stream tells of the moment."""
    command = [sys.executable, "-m", "allocator", "solve", "scenario", "--out", "plan"]
    with subprocess.Popen(
        command, cwd=home, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith(moment):
                os.kill(process.pid, number)
                break
        rest = process.communicate(timeout=SECONDS)[1]
        return process.returncode, "".join(lines) + rest
