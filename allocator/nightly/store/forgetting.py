"""Rows that a registry lets go: every table that grows with nights has an end, and what is still asked for stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select

from allocator.nightly.store.registry import Registry
from allocator.nightly.store.tables import (
    CommitmentRow,
    DeliveryRow,
    EventRow,
    PlanRow,
    RunInputRow,
    RunRow,
    SetPointRow,
    StateRow,
)


def forget_set_points(registry: Registry, runs: Collection[str], ended_by: datetime) -> None:
    """Drop set-points of runs that ended by a moment; the last answer stays, which says that answers come at all."""
    answered = select(SetPointRow.set_point).where(SetPointRow.answered_at.is_not(None))
    with registry.transaction() as session:
        last = session.scalar(answered.order_by(SetPointRow.answered_at.desc(), SetPointRow.set_point).limit(1))
        gone = (SetPointRow.run.in_(runs), SetPointRow.ends <= ended_by, SetPointRow.set_point != (last or ""))
        session.execute(delete(SetPointRow).where(*gone))


def forget_before(registry: Registry, runs: Collection[str], as_of: datetime, at: datetime) -> int:
    """Drop runs, but not those that committed what stands on record, and all that is older than the others; returns
    how many runs went.

    Args:
        as_of: states of before go, but the newest. at: events of before go, and alerts that were gone before.
    """
    held = select(CommitmentRow.run).union(select(SetPointRow.run), select(RunInputRow.run))
    with registry.transaction() as session:
        newest = select(StateRow.state).order_by(StateRow.as_of.desc(), StateRow.recorded_at.desc()).limit(1)
        last = session.scalar(newest) or ""
        session.execute(delete(StateRow).where(StateRow.as_of < as_of, StateRow.state != last))
        session.execute(delete(EventRow).where(EventRow.at < at))
        session.execute(delete(DeliveryRow).where(DeliveryRow.resolved_at < at))
        dropped = delete(RunRow).where(RunRow.run.in_(runs), RunRow.run.not_in(held)).returning(RunRow.run)
        count = len(session.scalars(dropped).all())
        used = select(RunRow.plan).where(RunRow.plan.is_not(None))
        session.execute(delete(PlanRow).where(PlanRow.removed_at.is_not(None), PlanRow.plan.not_in(used)))
        return count
