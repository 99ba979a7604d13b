"""What a sweep has finished so far, on disk: a kill at any moment loses no more than the points being solved.

`sweep.json` says what the folder is the sweep of; a folder is only ever continued by the same sweep. Each finished
point is a file of its own under `points`, written whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from allocator.pipeline.errors import BadInputError, WriteError
from allocator.plan.files import written_whole
from allocator.studies.sweep.points import Finished

SWEEP_JSON, POINTS, BASE = "sweep.json", "points", "base"


@dataclass(frozen=True)
class Checkpoints:
    """The finished points of a sweep's folder."""

    folder: Path

    def finished(self) -> dict[int, Finished]:
        """What is finished, by number of the point; a file that cannot be read counts as nothing."""
        found = (_read(path) for path in sorted((self.folder / POINTS).glob("*.json")))
        return {one.number: one for one in found if one is not None}

    def keep(self, found: Finished) -> None:
        """Keep a finished point; WriteError where it cannot be written."""
        _write(self.folder / POINTS / f"{found.number:06d}.json", asdict(found))


def opened(folder: Path, identity: Mapping[str, object]) -> Checkpoints:
    """The checkpoints in a folder that is new, empty or of the same sweep.

    `identity` is all that results depend on, as plain data.

    Raises:
        BadInputError: something else stands there. WriteError: it cannot be written to.
    """
    marker = folder / SWEEP_JSON
    if not marker.exists():
        _check_empty(folder)
        _make(folder)
        _write(marker, identity)
    elif unlike := _unlike(_plain(marker), json.loads(json.dumps(identity))):
        raise BadInputError(f"{folder} holds another sweep, with other {unlike}", ["name another folder"])
    _make(folder / POINTS)
    return Checkpoints(folder)


def _unlike(stands: object, asked: Mapping[str, object]) -> str:
    """What two sweeps differ in, "" for nothing."""
    there = stands if isinstance(stands, dict) else {}
    return ", ".join(name.replace("_", " ") for name in asked if there.get(name) != asked[name])


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder} is a file; name a folder for the sweep")
    if folder.is_dir() and not all(name.startswith(f".{SWEEP_JSON}.") for name in os.listdir(folder)):
        raise BadInputError(f"{folder} holds files that are no sweep; name a new or empty folder")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be made: {error}") from error


def _write(path: Path, data: Mapping[str, object]) -> None:
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, indent=1) + "\n"
    try:
        with written_whole(path) as beside:
            beside.write_text(text, encoding="ascii")
    except OSError as error:
        raise WriteError(f"{path} was not written: {error}") from error


def _plain(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _read(path: Path) -> Finished | None:
    data = _plain(path)
    try:
        return Finished(**data) if isinstance(data, dict) else None
    except TypeError:
        return None
