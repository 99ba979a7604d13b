"""A series file of millions of rows is checked in memory that follows the horizon, not the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli import small
from tests.cli.shell import environment

LARGE = small.changed(("series.price.file", "minutes.csv"))


def minutes(path: Path, first: str, rows: int) -> None:
    """One row a minute from a day on."""
    with path.open("w", encoding="utf-8") as file:
        file.write("day,price_usd_per_mwh,note\n")
        for start in range(0, rows, 1_000_000):
            steps = np.arange(start, min(start + 1_000_000, rows)) * np.timedelta64(60, "s")
            times = np.datetime_as_string(np.datetime64(first, "s") + steps)
            file.writelines(f"{time},40,some words\n" for time in times)


def checked(home: Path, scenario: Path) -> tuple[int, float, str]:
    """Exit code, peak memory in MB and error stream of a check."""
    command = [sys.executable, "-m", "allocator", "check", str(scenario)]
    with (home / "stderr").open("w+") as stderr:
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=stderr)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        return process.returncode, used.ru_maxrss / 1024, stderr.read()


@pytest.mark.parametrize(
    ("first", "rows"), [("2026-01-01", 1_000_000), pytest.param("2010-01-01", 10_000_000, marks=pytest.mark.slow)]
)
def test_memory_follows_the_horizon(first: str, rows: int, tmp_path: Path) -> None:
    code, little, _ = checked(tmp_path, small.write(tmp_path / "small"))
    assert code == 0
    minutes(small.write(tmp_path / "large", LARGE) / "minutes.csv", first, rows)
    code, much, said = checked(tmp_path, tmp_path / "large")
    assert (code, said) == (0, "")
    assert much - little < 200


def test_a_large_file_that_ends_too_early_is_a_fault(tmp_path: Path) -> None:
    minutes(small.write(tmp_path / "large", LARGE) / "minutes.csv", "2026-01-01", 500_000)
    code, _, said = checked(tmp_path, tmp_path / "large")
    assert code == 2
    assert "minutes.csv" in said
    assert "2026-12-14" in said
    assert "covers them" in said
