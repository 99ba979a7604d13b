"""How long a store keeps: the newest nights, the plan that is current, and what waits for approval."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.nightly.store.registry import UNFINISHED, State
from allocator.nightly.store.store import Store


@dataclass(frozen=True)
class Removed:
    """How much was let go."""

    nights: int
    plans: int
    inputs: int


def retain(store: Store, nights: int) -> Removed:
    """Remove the files of all but the newest `nights` runs; runs, commitments and events stay on record."""
    shelf, registry = store.shelf, store.registry
    rows, current = registry.runs(), shelf.current()
    kept = {row.run for row in rows[:nights]}
    kept |= {row.run for row in rows if row.state in (*UNFINISHED, State.AWAITING)}
    kept |= {current.run} if current else set()
    gone = [run for run in shelf.nights() if run not in kept]
    for run in gone:
        shelf.remove(run)
    used_plans = {row.plan for row in rows if row.run in kept} | ({current.plan} if current else set())
    plans = [plan for plan in shelf.plans() if plan not in used_plans]
    for plan in plans:
        shelf.remove_plan(plan)
    inputs = _inputs(store, kept)
    registry.forget([row.run for row in rows if row.run not in kept], plans, inputs)
    return Removed(len(gone), len(plans), len(inputs))


def _inputs(store: Store, kept: set[str]) -> list[str]:
    """Remove the bytes that only forgotten runs read; returns their names."""
    by_run = store.registry.inputs()
    used = {name for run, names in by_run.items() if run in kept for name in names}
    unused = sorted({name for names in by_run.values() for name in names} - used)
    for name in unused:
        store.shelf.remove_input(name)
    return unused
