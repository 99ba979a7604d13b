"""A plan that waits, published by somebody's word."""

from __future__ import annotations

from datetime import datetime

from allocator.nightly.alerts import Severity
from allocator.nightly.store.registry import State, now
from allocator.nightly.store.shelf import Publication
from allocator.nightly.store.store import Place, Store, opened
from allocator.nightly.store.tables import RunRow
from allocator.pipeline.errors import BadInputError, ExitCode, NotVerifiedError
from allocator.pipeline.solve import verify_folder


def approve(place: Place, run: str = "") -> Publication:
    """Publish the run whose name begins so, or the only one that waits.

    Raises:
        BadInputError: none waits, or several and it is not said which, or a later plan is published already.
        NotVerifiedError: the plan does not hold any more.
    """
    with opened(place) as (store, _):
        row = _waiting(store, run)
        current = store.shelf.current()
        if current is not None and row.as_of < datetime.fromisoformat(current.as_of):
            raise BadInputError(f"run {row.run[:12]} is older than the plan that is published, of {current.as_of}")
        assert row.plan is not None
        if not store.shelf.holds_plan(row.plan) or not verify_folder(store.shelf.plan(row.plan)).passed:
            raise NotVerifiedError(f"the plan of run {row.run[:12]} does not hold any more; run the night again")
        files = store.shelf.files(row.run)
        found = store.publish(row.run, row.as_of, row.plan, row.rung or "", files)
        store.registry.advance(row.run, State.PUBLISHED, exit_code=int(ExitCode.WITHIN_GAP), finished_at=now())
        store.registry.tell(Severity.INFO, "approved", "published on approval", row.run)
        return found


def _waiting(store: Store, run: str) -> RunRow:
    """The run whose name begins so; those that a later one was published over are meant only where they are named."""
    current = store.shelf.current()
    rows = [row for row in store.registry.runs() if row.state == State.AWAITING]
    late = [] if current is None else [row for row in rows if row.as_of < datetime.fromisoformat(current.as_of)]
    rows = [row for row in rows if row not in late]
    chosen = [row for row in (rows + late if run else rows) if row.run.startswith(run)]
    if len(chosen) == 1:
        return chosen[0]
    listed = [f"{row.run[:12]}  {row.scenario}, as of {row.as_of.isoformat()}" for row in rows]
    if not chosen:
        raise BadInputError("no such run waits for approval", listed or ["none waits at all"])
    raise BadInputError("several runs wait for approval; say which", listed)
