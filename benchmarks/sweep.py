"""A sweep of 13 prices of Bitcoin by 12 rents over `scenarios/texas_pivot`, every hour of 36 months at every point.

Usage, from the root of the repository:

    python -m benchmarks.sweep FOLDER [--out benchmarks/results/sweep_13x12.json]

The points are written into FOLDER, as `allocator sweep` does it. Where a run has ended there already, what it took is
read from it and nothing is solved.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, tell, versions

SCENARIO = Path(__file__).parents[1] / "scenarios" / "texas_pivot"
KNOBS = ("btc_price=0.5:2:13", "colo_rate=0.6:1.4:12")


def sweep(folder: Path) -> None:
    """Run the sweep as a user would, unless it has been."""
    if (folder / "run.json").exists():
        return
    vary = [word for knob in KNOBS for word in ("--vary", knob)]
    subprocess.run([sys.executable, "-m", "allocator", "sweep", str(SCENARIO), *vary, "--out", str(folder)], check=True)


def summary(run: dict[str, Any]) -> dict[str, object]:
    """Seconds of the whole, and of a point, as least, median and most."""
    points = run["points"]
    return {
        "machine": machine(),
        "versions": versions("highspy", "numba", "numpy", "pandas"),
        "points": len(points),
        "found_finished": run["found_finished"],
        "workers": run["workers"],
        "seconds": round(run["seconds"], 1),
        "processor_seconds": round(run["cpu_s"], 1),
        "a_point_s": _spread([point["seconds"]["whole"] for point in points]),
        "its_solve_s": _spread([point["seconds"]["solve"] for point in points]),
    }


def _spread(seconds: Sequence[float]) -> list[float]:
    return [round(pick(seconds), 2) for pick in (min, statistics.median, max)]


def main() -> None:
    """Run or go on, then say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    sweep(asked.folder)
    found = summary(json.loads((asked.folder / "run.json").read_text(encoding="utf-8")))
    tell(found, asked.out)


if __name__ == "__main__":
    main()
