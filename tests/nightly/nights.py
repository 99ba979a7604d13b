"""Folders that look like plans to a store, numbered, and what a whole store looks like from outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from allocator.nightly.store.content import content_hash
from allocator.nightly.store.registry import RunKey
from allocator.nightly.store.shelf import LEFT_OUT
from allocator.nightly.store.store import Store

FIRST_NIGHT = datetime(2027, 6, 1, 2, tzinfo=UTC)
FILES = 4


def run_of(number: int) -> str:
    """Name of the run of a night."""
    return hashlib.sha256(f"night {number}".encode()).hexdigest()


def as_of(number: int) -> datetime:
    return FIRST_NIGHT + timedelta(days=number)


def make_plan(folder: Path, number: int) -> Path:
    """A folder with a head and tables, different for each number."""
    (folder / "tables").mkdir(parents=True)
    (folder / "plan.json").write_text(json.dumps({"scenario": "small", "objective_usd": float(number)}))
    for k in range(FILES):
        (folder / "tables" / f"{k}.parquet").write_bytes(f"table {k} of {number} ".encode() * 200)
    return folder


def publish(store: Store, number: int, more: Mapping[str, str] | None = None) -> str:
    """One whole night; returns the name of its plan."""
    run = run_of(number)
    store.registry.begin(RunKey(run, "small", "0" * 64, as_of(number)))
    with store.shelf.working() as beside:
        plan = store.keep_plan(make_plan(beside / "plan", number))
    committed = [{"kind": "sign", "subject": f"contract {number}", "node": "2027-06", "value": 1.0}]
    files = {"changes.md": f"night {number}\n", "commitments.json": json.dumps(committed), **(more or {})}
    store.publish(run, as_of(number), plan, "solved", files)
    return plan


def read(home: Path) -> int:
    """The number of the plan that a reader finds who knows only the folder; fails where anything is not whole."""
    current = home / "current"
    head = json.loads((current / "plan" / "plan.json").read_text())
    number = int(head["objective_usd"])
    assert (current / "changes.md").read_text() == f"night {number}\n"
    said = json.loads((current / "publication.json").read_text())
    assert said["run"] == run_of(number)
    assert content_hash((current / "plan").resolve(), LEFT_OUT) == said["plan"]
    return number
