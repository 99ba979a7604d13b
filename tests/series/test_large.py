"""Long files: memory follows the window, not the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

READ = """
import resource, sys
from pathlib import Path
import numpy as np
from allocator.scenario.faults import ScenarioFaults
from allocator.series.reader import read_series
from allocator.series.specs import FileSpec

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

window = None if sys.argv[2] == "all" else tuple(np.datetime64(day, "s") for day in sys.argv[2].split(","))
before = peak_mb()
try:
    print("rows", len(read_series(Path(sys.argv[1]), FileSpec("price", "USD/MWh", "time"), window).utc))
except ScenarioFaults as faults:
    print("faults", faults.faults[0])
print("grown_mb", round(peak_mb() - before))
"""


def minutes_file(path: Path, rows: int) -> Path:
    """One row a minute from the year 2000 on, with a column that nobody asks for."""
    with path.open("w", encoding="utf-8") as file:
        file.write("time,note,price\n")
        for first in range(0, rows, 1_000_000):
            minutes = np.arange(first, min(first + 1_000_000, rows))
            times = np.datetime_as_string(np.datetime64("2000-01-01", "s") + minutes * np.timedelta64(60, "s"))
            file.writelines(
                f"{time}Z,some words,{minute % 1000}.25\n" for time, minute in zip(times, minutes, strict=True)
            )
    return path


def read(path: Path, window: str) -> tuple[str, int]:
    done = subprocess.run([sys.executable, "-c", READ, str(path), window], capture_output=True, text=True, check=True)
    outcome, grown = done.stdout.splitlines()
    return outcome, int(grown.split()[1])


def test_a_million_rows_cost_little_more_memory_than_the_window(tmp_path: Path) -> None:
    outcome, grown_mb = read(minutes_file(tmp_path / "prices.csv", 1_000_000), "2001-01-01,2001-04-01")
    assert outcome == "rows 129600"
    assert grown_mb < 150


@pytest.mark.slow
def test_ten_million_rows_are_read_within_the_window_or_refused(tmp_path: Path) -> None:
    path = minutes_file(tmp_path / "prices.csv", 10_000_000)
    outcome, grown_mb = read(path, "2010-01-01,2011-01-01")
    assert outcome == "rows 525600"
    assert grown_mb < 200
    outcome, grown_mb = read(path, "all")
    assert "more than 4000000 rows" in outcome
    assert grown_mb < 400
