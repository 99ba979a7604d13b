"""How long a store keeps: files of the newest nights, of the current one and of what waits; the record for longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allocator.nightly.store.forgetting import forget_before, forget_set_points
from allocator.nightly.store.registry import UNFINISHED, State
from allocator.nightly.store.shelf import Publication
from allocator.nightly.store.store import Store
from allocator.nightly.store.tables import RunRow

KEEP_NIGHTS = 60
KEEP_RECORDS = 1000


@dataclass(frozen=True)
class Removed:
    """How much was let go; `runs` from the record."""

    nights: int
    plans: int
    inputs: int
    runs: int


def retain(store: Store, nights: int, records: int) -> Removed:
    """Remove the files and set-points of all but the newest `nights` runs, and the rest of the record of all but the
    newest `records`; commitments stay, and the runs that made them."""
    shelf, registry = store.shelf, store.registry
    rows, current = registry.runs(), shelf.current()
    kept = _kept(rows, nights, current)
    gone = [run for run in shelf.nights() if run not in kept]
    for run in gone:
        shelf.remove(run)
    used_plans = {row.plan for row in rows if row.run in kept} | ({current.plan} if current else set())
    plans = [plan for plan in shelf.plans() if plan not in used_plans]
    for plan in plans:
        shelf.remove_plan(plan)
    inputs = _inputs(store, kept)
    bare = [row.run for row in rows if row.run not in kept]
    registry.forget(bare, plans, inputs)
    if bare:
        forget_set_points(registry, bare, min(row.as_of for row in rows[:nights]))
    return Removed(len(gone), len(plans), len(inputs), _records(store, rows, max(nights, records), kept))


def _kept(rows: Sequence[RunRow], nights: int, current: Publication | None) -> set[str]:
    """Runs whose files stay. What waits or was cut off before the moment of the current one can never be published."""
    kept = {row.run for row in rows[:nights]} | ({current.run} if current else set())
    since = None if current is None else datetime.fromisoformat(current.as_of)
    waiting = [row for row in rows if row.state in (*UNFINISHED, State.AWAITING)]
    return kept | {row.run for row in waiting if since is None or row.as_of >= since}


def _records(store: Store, rows: Sequence[RunRow], records: int, kept: set[str]) -> int:
    """Forget the record of all but the newest runs; returns how many are let go."""
    old, new = [row.run for row in rows[records:] if row.run not in kept], rows[:records]
    if not old:
        return 0
    return forget_before(store.registry, old, min(row.as_of for row in new), min(row.started_at for row in new))


def _inputs(store: Store, kept: set[str]) -> list[str]:
    """Remove the bytes that only forgotten runs read; returns their names."""
    by_run = store.registry.inputs()
    used = {name for run, names in by_run.items() if run in kept for name in names}
    unused = sorted({name for names in by_run.values() for name in names} - used)
    for name in unused:
        store.shelf.remove_input(name)
    return unused
