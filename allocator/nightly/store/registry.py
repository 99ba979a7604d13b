"""What the database keeps: runs and how far they came, their inputs and plans, commitments and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allocator.nightly.store.database import Patience, patiently
from allocator.nightly.store.refusals import store_error
from allocator.nightly.store.tables import (
    CommitmentRow,
    EventRow,
    InputRow,
    PlanRow,
    RunInputRow,
    RunRow,
    SetPointRow,
    StateRow,
)


class State(StrEnum):
    """How far a run came."""

    WORKING = "working"
    SOLVED = "solved"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    AWAITING = "awaiting"
    SHADOW = "shadow"
    KEPT = "kept"
    FAILED = "failed"


UNFINISHED = (State.WORKING, State.SOLVED, State.PUBLISHING)


@dataclass(frozen=True)
class RunKey:
    """What makes a run the one it is: `run` is a hash of the rest."""

    run: str
    scenario: str
    input_hash: str
    as_of: datetime


@dataclass(frozen=True)
class Commitment:
    """A decision that holds: `value` of a family of decisions at a node. `subject`: names on its axes, tab between."""

    kind: str
    subject: str
    node: str
    value: float


@dataclass(frozen=True)
class Answer:
    """What came back for a set-point: accepted or rejected, why, who says so and when."""

    set_point: str
    answer: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class HandedOut:
    """A set-point: its name, when it holds, and all of it as JSON."""

    set_point: str
    begins: datetime
    ends: datetime
    said: str


class Registry:
    """Transactions on the database, each whole or not at all."""

    def __init__(self, engine: Engine, patience: Patience | None = None) -> None:
        self.engine, self.patience = engine, patience or Patience()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends; a database that is gone is waited for, before it begins.

        Raises:
            StoreError: the database fails, or is gone for longer than patience lasts.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                patiently(session.connection, self.patience)
                yield session
        except SQLAlchemyError as error:
            raise store_error("the registry cannot be written or read", error, self.engine.url) from None

    def run(self, run: str) -> RunRow | None:
        """A run by name."""
        with self.transaction() as session:
            return session.get(RunRow, run)

    def runs(self, most: int | None = None) -> Sequence[RunRow]:
        """Runs, newest as-of first."""
        with self.transaction() as session:
            return session.scalars(select(RunRow).order_by(RunRow.as_of.desc(), RunRow.run).limit(most)).all()

    def latest(self) -> RunRow | None:
        """The run that was tried last; runs of a moment that has not come, begun by a clock that was wrong, aside."""
        with self.transaction() as session:
            chosen = select(RunRow).where(RunRow.started_at <= now()).order_by(RunRow.started_at.desc(), RunRow.run)
            return session.scalars(chosen.limit(1)).first()

    def begin(self, key: RunKey) -> RunRow:
        """Start a run, or go on with one that did not finish; what it has reached stays."""
        with self.transaction() as session:
            row = session.get(RunRow, key.run)
            if row is None:
                row = RunRow(
                    run=key.run,
                    scenario=key.scenario,
                    input_hash=key.input_hash,
                    as_of=key.as_of,
                    state=State.WORKING,
                    attempts=0,
                    started_at=now(),
                )
                session.add(row)
            row.attempts += 1
            row.started_at = now()
            if row.state not in UNFINISHED:
                row.state, row.plan, row.rung = State.WORKING, None, None
            row.finished_at = row.exit_code = None
            return row

    def record_inputs(self, run: str, files: Mapping[str, tuple[str, int]]) -> None:
        """The files of a run: name to (hash, bytes)."""
        with self.transaction() as session:
            for name, (digest, size) in files.items():
                if session.get(InputRow, digest) is None:
                    session.add(InputRow(input=digest, size_bytes=size, first_seen_at=now()))
                    session.flush()
                session.merge(RunInputRow(run=run, name=name, input=digest))

    def record_plan(self, plan: str, facts: Mapping[str, Any]) -> None:
        """A plan that stands in the folder: scenario, objective_usd, bound_usd, relative_gap."""
        with self.transaction() as session:
            row = session.get(PlanRow, plan)
            if row is None:
                session.add(PlanRow(plan=plan, made_at=now(), removed_at=None, **facts))
            else:
                row.removed_at = None

    def advance(self, run: str, state: State, **values: Any) -> None:
        """Say how far a run has come."""
        with self.transaction() as session:
            session.execute(update(RunRow).where(RunRow.run == run).values(state=state, **values))

    def published(
        self, run: str, at: datetime, commitments: Iterable[Commitment], handed_out: Sequence[HandedOut] = ()
    ) -> None:  # fmt: skip
        """A run is current: its state, and what is committed with it, in one transaction."""
        with self.transaction() as session:
            session.execute(update(RunRow).where(RunRow.run == run).values(state=State.PUBLISHED, published_at=at))
            known = {(row.kind, row.subject, row.node) for row in session.scalars(select(CommitmentRow))}
            for one in commitments:
                if (one.kind, one.subject, one.node) not in known:
                    session.add(CommitmentRow(run=run, committed_at=at, released_at=None, **vars(one)))
            _hand_out(session, run, at, handed_out)

    def adopt(self, row: RunRow) -> None:
        """Take a run in that the folder knows and the database does not."""
        with self.transaction() as session:
            session.merge(row)

    def commitments(self) -> list[Commitment]:
        """What holds: committed and not released."""
        with self.transaction() as session:
            rows = session.scalars(
                select(CommitmentRow).where(CommitmentRow.released_at.is_(None)).order_by(CommitmentRow.number)
            )
            return [Commitment(row.kind, row.subject, row.node, row.value) for row in rows]

    def release(self, kinds: Sequence[str], subject: str) -> int:
        """Let go of commitments whose subject is, or begins with, a name; returns how many."""
        with self.transaction() as session:
            rows = session.scalars(
                select(CommitmentRow).where(CommitmentRow.released_at.is_(None), CommitmentRow.kind.in_(kinds))
            ).all()
            chosen = [row for row in rows if row.subject.split("\t")[0] == subject]
            for row in chosen:
                row.released_at = now()
            return len(chosen)

    def set_points(self, since: datetime) -> Sequence[SetPointRow]:
        """Those that end after a moment, in the order of their beginnings."""
        chosen = select(SetPointRow).where(SetPointRow.ends > since).order_by(SetPointRow.begins, SetPointRow.set_point)
        with self.transaction() as session:
            return session.scalars(chosen).all()

    def is_answered(self) -> bool:
        """Whether an answer to a set-point ever came."""
        with self.transaction() as session:
            chosen = select(SetPointRow.set_point).where(SetPointRow.answer.is_not(None)).limit(1)
            return session.scalars(chosen).first() is not None

    def answer(self, answers: Sequence[Answer]) -> list[str]:
        """Keep answers to set-points, all or none; returns the names that are not known, and then keeps none."""
        with self.transaction() as session:
            rows = {one.set_point: session.get(SetPointRow, one.set_point) for one in answers}
            unknown = [name for name, row in rows.items() if row is None]
            for one in answers if not unknown else ():
                row = rows[one.set_point]
                assert row is not None
                row.answer, row.reason, row.answered_by, row.answered_at = one.answer, one.reason, one.by, one.at
            return unknown

    def record_state(self, state: str, as_of: datetime, said: str, taken: str) -> None:
        """Keep a state, once: what it said, and what was taken of it."""
        with self.transaction() as session:
            if session.get(StateRow, state) is None:
                session.add(StateRow(state=state, as_of=as_of, said=said, taken=taken, recorded_at=now()))

    def last_state(self, before: datetime) -> StateRow | None:
        """The newest state of before a moment."""
        chosen = select(StateRow).where(StateRow.as_of < before)
        with self.transaction() as session:
            return session.scalars(chosen.order_by(StateRow.as_of.desc(), StateRow.recorded_at.desc()).limit(1)).first()

    def tell(self, severity: str, kind: str, message: str, run: str | None = None) -> None:
        """Keep an event."""
        with self.transaction() as session:
            session.add(EventRow(run=run, at=now(), severity=severity, kind=kind, message=message))

    def events(self, run: str | None = None) -> Sequence[EventRow]:
        """Events in order, of one run or of all."""
        chosen = select(EventRow).order_by(EventRow.number)
        with self.transaction() as session:
            return session.scalars(chosen if run is None else chosen.where(EventRow.run == run)).all()

    def input_names(self, run: str) -> frozenset[str]:
        """Names of the files of a run."""
        with self.transaction() as session:
            return frozenset(session.scalars(select(RunInputRow.name).where(RunInputRow.run == run)))

    def inputs(self) -> Mapping[str, frozenset[str]]:
        """Hashes of inputs by run."""
        found: dict[str, set[str]] = {}
        with self.transaction() as session:
            for row in session.scalars(select(RunInputRow)):
                found.setdefault(row.run, set()).add(row.input)
        return MappingProxyType({run: frozenset(names) for run, names in found.items()})

    def forget(self, runs: Sequence[str], plans: Sequence[str], inputs: Sequence[str]) -> None:
        """Say that plans are gone, and drop the inputs of runs; the runs themselves stay on record."""
        with self.transaction() as session:
            session.execute(delete(RunInputRow).where(RunInputRow.run.in_(runs)))
            session.execute(delete(InputRow).where(InputRow.input.in_(inputs)))
            session.execute(update(PlanRow).where(PlanRow.plan.in_(plans)).values(removed_at=now()))


def _hand_out(session: Session, run: str, at: datetime, handed_out: Sequence[HandedOut]) -> None:
    """Set-points of a run; those of earlier ones that have not ended give way."""
    if not handed_out:
        return
    first = min(one.begins for one in handed_out)
    older = (SetPointRow.run != run, SetPointRow.ends > first, SetPointRow.superseded_at.is_(None))
    session.execute(update(SetPointRow).where(*older).values(superseded_at=at))
    known = set(session.scalars(select(SetPointRow.set_point).where(SetPointRow.run == run)))
    session.add_all(SetPointRow(run=run, **vars(one)) for one in handed_out if one.set_point not in known)


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
