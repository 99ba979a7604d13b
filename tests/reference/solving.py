"""The reference problem, solved in another process."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from allocator.instance.types import Instance

ROOT = Path(__file__).parents[2]
SECONDS = 300.0


@dataclass(frozen=True)
class Reference:
    """What CBC says: status "optimal" or "infeasible", MUSD, and the members of every row family."""

    status: str
    objective_musd: float | None
    rows: dict[str, set[tuple[int, ...]]]


def solve_by_reference(instances: Sequence[Instance]) -> list[Reference]:
    """Solve instances one after the other in one process; raises with its last words if it fails."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "instances.pickle"
        file.write_bytes(pickle.dumps(list(instances)))
        command = [sys.executable, "-m", "tests.reference.run", str(file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"the reference process failed: {done.stderr[-2000:]}")
    return [_read(outcome) for outcome in json.loads(done.stdout)]


def _read(outcome: dict) -> Reference:
    rows = {family: {tuple(member) for member in members} for family, members in outcome["rows"].items()}
    return Reference(outcome["status"], outcome["objective_musd"], rows)
