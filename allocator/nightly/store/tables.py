"""Tables of the registry. The migrations make them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """A moment, in UTC whatever the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


HASH = String(64)


class Base(DeclarativeBase):
    """Of all tables."""


class PlanRow(Base):
    """A plan that was verified, and how good it is."""

    __tablename__ = "plans"

    plan: Mapped[str] = mapped_column(HASH, primary_key=True)
    scenario: Mapped[str] = mapped_column(Text)
    objective_usd: Mapped[float] = mapped_column(Float)
    bound_usd: Mapped[float | None] = mapped_column(Float)
    relative_gap: Mapped[float | None] = mapped_column(Float)
    made_at: Mapped[datetime] = mapped_column(Utc)
    removed_at: Mapped[datetime | None] = mapped_column(Utc)


class RunRow(Base):
    """A night: what it was asked, how far it came, how it ended."""

    __tablename__ = "runs"

    run: Mapped[str] = mapped_column(HASH, primary_key=True)
    scenario: Mapped[str] = mapped_column(Text)
    input_hash: Mapped[str] = mapped_column(HASH)
    as_of: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Utc)
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    published_at: Mapped[datetime | None] = mapped_column(Utc)
    plan: Mapped[str | None] = mapped_column(ForeignKey("plans.plan"))
    rung: Mapped[str | None] = mapped_column(String(16))
    exit_code: Mapped[int | None] = mapped_column(Integer)


class InputRow(Base):
    """Bytes that runs read, once however many read them."""

    __tablename__ = "inputs"

    input: Mapped[str] = mapped_column(HASH, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    first_seen_at: Mapped[datetime] = mapped_column(Utc)


class RunInputRow(Base):
    """Which file of a run had which bytes."""

    __tablename__ = "run_inputs"

    run: Mapped[str] = mapped_column(ForeignKey("runs.run"), primary_key=True)
    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    input: Mapped[str] = mapped_column(ForeignKey("inputs.input"))


class CommitmentRow(Base):
    """What a published plan decided at a time that has come, and what holds until it is released."""

    __tablename__ = "commitments"
    __table_args__ = (UniqueConstraint("kind", "subject", "node"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(700))
    node: Mapped[str] = mapped_column(String(200))
    value: Mapped[float] = mapped_column(Float)
    run: Mapped[str] = mapped_column(ForeignKey("runs.run"))
    committed_at: Mapped[datetime] = mapped_column(Utc)
    released_at: Mapped[datetime | None] = mapped_column(Utc)


class SetPointRow(Base):
    """What a tier of machines was told to do, and what came back; later nights supersede what has not ended."""

    __tablename__ = "set_points"

    set_point: Mapped[str] = mapped_column(String(20), primary_key=True)
    run: Mapped[str] = mapped_column(ForeignKey("runs.run"))
    begins: Mapped[datetime] = mapped_column(Utc)
    ends: Mapped[datetime] = mapped_column(Utc)
    said: Mapped[str] = mapped_column(Text)
    superseded_at: Mapped[datetime | None] = mapped_column(Utc)
    answer: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)


class StateRow(Base):
    """How things stood at a moment: what was said, and what was taken of it, both as canonical JSON."""

    __tablename__ = "states"

    state: Mapped[str] = mapped_column(HASH, primary_key=True)
    as_of: Mapped[datetime] = mapped_column(Utc)
    said: Mapped[str] = mapped_column(Text)
    taken: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Utc)


class EventRow(Base):
    """What happened: alerts of runs, repairs of the store."""

    __tablename__ = "events"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    run: Mapped[str | None] = mapped_column(HASH)
    at: Mapped[datetime] = mapped_column(Utc)
    severity: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text)


class DeliveryRow(Base):
    """An alert on its way to a channel: raised, told, gone, and told to be gone."""

    __tablename__ = "deliveries"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    channel: Mapped[str] = mapped_column(String(80), index=True)
    alert: Mapped[str] = mapped_column(HASH)
    severity: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text)
    run: Mapped[str | None] = mapped_column(HASH)
    raised_at: Mapped[datetime] = mapped_column(Utc)
    told_at: Mapped[datetime | None] = mapped_column(Utc)
    resolved_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    failures: Mapped[int] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)
