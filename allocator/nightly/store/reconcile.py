"""Folder and registry brought together at the start of a run: where they differ, the folder is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from allocator.nightly.store.registry import Commitment, HandedOut, Registry, State
from allocator.nightly.store.shelf import Publication, Shelf
from allocator.nightly.store.tables import RunRow
from allocator.plan.schema import PLAN_JSON

HandedOutBy = Callable[[Shelf, str], list[HandedOut]]
CommittedBy = Callable[[Shelf, str], list[Commitment]]


@dataclass(frozen=True)
class Repair:
    """Something that was not as it should be, in words; `grave` where readers may have been hit."""

    kind: str
    message: str
    grave: bool = False


def reconcile(
    shelf: Shelf, registry: Registry, committed_by: CommittedBy, handed_out_by: HandedOutBy
) -> tuple[Repair, ...]:  # fmt: skip
    """Lead the pointer to a whole plan, and make the registry say what the folder says."""
    return (*_pointed(shelf, registry), *_registered(shelf, registry, committed_by, handed_out_by))


def _pointed(shelf: Shelf, registry: Registry) -> Iterator[Repair]:
    """Where the current plan is damaged or gone, back to the newest one that is whole."""
    current = shelf.current()
    if current is not None and shelf.holds_plan(current.plan):
        return
    lost = f"the plan of run {shelf.pointed()[:12]} was damaged" if shelf.pointed() else "the pointer was gone"
    runs = (row.run for row in registry.runs() if row.state == State.PUBLISHED)
    older = [*shelf.history(), *(found for found in map(shelf.publication, runs) if found)]
    whole = next((one for one in older if shelf.holds_plan(one.plan)), None)
    for one in older:
        if one == whole:
            break
        if registry.run(one.run) is not None:
            registry.advance(one.run, State.FAILED)  # so that it may run again
    if whole is not None:
        shelf.point(whole.run)
        yield Repair("pointer_moved_back", f"{lost}; back to the plan of {whole.as_of}", grave=True)
    elif older:
        yield Repair("no_whole_plan", "no published plan is whole any more", grave=True)


def _registered(
    shelf: Shelf, registry: Registry, committed_by: CommittedBy, handed_out_by: HandedOutBy
) -> Iterator[Repair]:  # fmt: skip
    """What the registry lacks. Every night repeats what is committed and still held: the newest one says it all, and
    what was released before it is not committed again."""
    current = shelf.current()
    for row in registry.runs():
        if row.state == State.PUBLISHING and (current is None or current.run != row.run):
            registry.advance(row.run, State.SOLVED)
            yield Repair("publication_unfinished", f"run {row.run[:12]} ended before its plan was published")
    for publication in reversed(list(shelf.history())):
        known = registry.run(publication.run)
        if known is None or known.plan is None:
            adopted(shelf, registry, publication)
            yield Repair("run_adopted", f"the registry did not know run {publication.run[:12]}, which is published")
        if known is None or known.state != State.PUBLISHED:
            at = datetime.fromisoformat(publication.published_at)
            newest = current is not None and publication.run == current.run
            own = (committed_by(shelf, publication.run), handed_out_by(shelf, publication.run)) if newest else ([], [])
            registry.published(publication.run, at, *own)


def adopted(shelf: Shelf, registry: Registry, publication: Publication) -> None:
    """Put a publication of the folder into the registry."""
    facts = facts_of(shelf.plan(publication.plan))
    registry.record_plan(publication.plan, facts)
    at = datetime.fromisoformat(publication.published_at)
    registry.adopt(
        RunRow(
            run=publication.run,
            scenario=facts["scenario"],
            input_hash="",
            as_of=datetime.fromisoformat(publication.as_of),
            state=State.PUBLISHING,
            attempts=1,
            started_at=at,
            finished_at=at,
            published_at=at,
            plan=publication.plan,
            rung=publication.rung,
            exit_code=None,
        )
    )


def facts_of(folder: Path) -> dict[str, Any]:
    """What the registry keeps of a plan, from its head; unknown where that cannot be read."""
    try:
        head = json.loads((folder / PLAN_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        head = {}
    return {
        "scenario": str(head.get("scenario", "")),
        "objective_usd": float(head.get("objective_usd", 0.0)),
        "bound_usd": head.get("bound_usd"),
        "relative_gap": head.get("relative_gap"),
    }
