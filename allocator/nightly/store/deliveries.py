"""Which alerts a channel has been told, kept in the registry, so that each is told once."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from allocator.nightly.alerts import Alert
from allocator.nightly.store.registry import Registry, now
from allocator.nightly.store.tables import DeliveryRow


class _Every(Container[str]):
    def __contains__(self, _: object) -> bool:
        return True


EVERY_KIND: Container[str] = _Every()
NO_KIND: Container[str] = frozenset()


@dataclass(frozen=True)
class Due:
    """What a channel is owed: alerts it was not told, alerts that are gone, and those it knows that still hold."""

    new: Sequence[DeliveryRow]
    resolved: Sequence[DeliveryRow]
    holding: Sequence[DeliveryRow]


def due(
    registry: Registry, channel: str, alerts: Mapping[str, Alert], run: str, looked_for: Container[str]
) -> Due:  # fmt: skip
    """Put alerts, by identity, on a channel's record; says what it is owed.

    `looked_for`: an alert of these kinds that is not among them is gone. A night that failed half-way does not know
    that of any.
    """
    with registry.transaction() as session:
        chosen = select(DeliveryRow).where(DeliveryRow.channel == channel, DeliveryRow.closed_at.is_(None))
        rows = list(session.scalars(chosen.order_by(DeliveryRow.number)))
        holding = {row.alert: row for row in rows if row.resolved_at is None}
        for identity, row in holding.items():
            if row.kind in looked_for and identity not in alerts:
                row.resolved_at = now()
        added = [_row(channel, one, run) for identity, one in alerts.items() if identity not in holding]
        session.add_all(added)
        rows += added
        return Due(
            new=[row for row in rows if row.resolved_at is None and row.told_at is None],
            resolved=[row for row in rows if row.resolved_at is not None],
            holding=[row for row in rows if row.resolved_at is None and row.told_at is not None],
        )


def delivered(registry: Registry, owed: Due) -> None:
    """The channel knows all that it was owed."""
    at = now()
    with registry.transaction() as session:
        for rows, values in ((owed.new, {"told_at": at}), (owed.resolved, {"closed_at": at})):
            numbers = [row.number for row in rows]
            session.execute(update(DeliveryRow).where(DeliveryRow.number.in_(numbers)).values(failure=None, **values))


def undelivered(registry: Registry, owed: Due, why: str) -> None:
    """The channel was not reached; it is owed the same the next time."""
    numbers = [row.number for row in (*owed.new, *owed.resolved)]
    with registry.transaction() as session:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.number.in_(numbers))
            .values(failure=why, failures=DeliveryRow.failures + 1)
        )


def _row(channel: str, alert: Alert, run: str) -> DeliveryRow:
    return DeliveryRow(
        channel=channel,
        alert=alert.identity,
        severity=str(alert.severity),
        kind=alert.kind,
        message=alert.message,
        run=run or None,
        raised_at=now(),
        failures=0,
    )
