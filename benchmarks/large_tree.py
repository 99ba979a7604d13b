"""`scenarios/cango_2026` on a tree of a thousand nodes: every hour of six sites in each, solved, written and verified.

Usage, from the root of the repository:

    python -m benchmarks.large_tree [--gap 0.005] [--out benchmarks/results/cango_1000_nodes.json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.machine import machine, tell, versions

SCENARIO = Path(__file__).parents[1] / "scenarios" / "cango_2026"
BRANCHING = ((1, 4), (2, 3), (3, 3), (6, 3), (12, 2))
"""Month at which every node gets children, and how many."""
MOST_NODES = 1000


def write_variant(folder: Path) -> None:
    """The scenario with a wider tree, in a new folder."""
    shutil.copytree(SCENARIO, folder)
    yaml, file = YAML(), folder / "scenario.yaml"
    document = yaml.load(file)
    branching = [{"month": month, "children": children} for month, children in BRANCHING]
    document["uncertainty"] |= {"branching": branching, "max_nodes": MOST_NODES}
    yaml.dump(document, file)


def measured(gap: float) -> dict[str, object]:
    """Seconds of the whole command and of its phases, and the gap that it proved."""
    with tempfile.TemporaryDirectory() as room:
        scenario, plan = Path(room, "wide"), Path(room, "plan")
        write_variant(scenario)
        started = time.perf_counter()
        words = [sys.executable, "-m", "allocator", "solve", str(scenario), "--gap", str(gap), "--out", str(plan)]
        subprocess.run(words, check=True)
        seconds = time.perf_counter() - started
        meta, run = (json.loads((plan / name).read_text(encoding="utf-8")) for name in ("plan.json", "run.json"))
    return {
        "machine": machine(),
        "versions": versions("highspy", "numba", "numpy", "pandas"),
        "whole_command_s": round(seconds, 1),
        "phases_s": {phase: round(value, 1) for phase, value in run["seconds"].items()},
        "peak_memory_mb": run["peak_memory_mb"],
        "relative_gap": meta["relative_gap"],
        "gap_asked": gap,
        "site_nodes": sum(meta["dispatch"].values()),
        "verified": meta["verified"],
    }


def main() -> None:
    """Solve, then say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = measured(asked.gap)
    tell(found, asked.out)


if __name__ == "__main__":
    main()
