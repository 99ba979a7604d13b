"""How a sweep went on this machine, apart from its results: seconds by point, workers, machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.pipeline.machine import machine
from allocator.plan.files import written_whole
from allocator.studies.sweep.points import Finished

RUN_JSON = "run.json"


@dataclass(frozen=True)
class Record:
    """Seconds of the last run, what did the work, how many points it found finished, and seconds of every point."""

    seconds: float
    workers: str
    found_finished: int
    points: Mapping[int, Finished]


def write_record(record: Record, folder: Path) -> None:
    """Write run.json; OSError where it cannot be written."""
    points = [
        {"point": number, "cpu_s": found.cpu_s, "seconds": found.seconds}
        for number, found in sorted(record.points.items())
    ]
    data = {
        "seconds": record.seconds,
        "workers": record.workers,
        "found_finished": record.found_finished,
        "machine": machine(),
        "cpu_s": sum(found.cpu_s for found in record.points.values()),
        "points": points,
    }
    with written_whole(folder / RUN_JSON) as path:
        path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="ascii")
