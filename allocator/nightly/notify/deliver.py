"""After a night: every channel is told what it is owed, and nothing that fails here fails the night."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.notify.channels import Channel, UndeliveredError, channels
from allocator.nightly.notify.message import Headline, Message, Told
from allocator.nightly.store.deliveries import Due, delivered, due, undelivered
from allocator.nightly.store.registry import Registry
from allocator.nightly.store.tables import DeliveryRow
from allocator.nightly.web import Sleep
from allocator.pipeline.errors import StoreError
from allocator.scenario.notify import Notify, load_notify

OnLog = Callable[..., None]
FAILED = "delivery_failed"
_ORDER = tuple(Severity)


class Desk:
    """Whom a night tells; without a file nobody.

    Raises:
        ScenarioFaults: the file has faults.
    """

    def __init__(self, file: Path | None, log: OnLog, sleep: Sleep = time.sleep) -> None:
        self.asked: Notify | None = None if file is None else load_notify(file)
        self.home = Path() if file is None else file.absolute().parent
        self.log, self.sleep = log, sleep

    def tell(self, registry: Registry | None, headline: Headline, alerts: Sequence[Alert], complete: bool) -> None:
        """Tell every channel what is new, and what is gone where the alerts are `complete`.

        Without a registry, nothing is known of what was told before: all of them are told.
        """
        for channel in self._channels():
            try:
                self._tell(channel, registry, headline, alerts, complete)
            except UndeliveredError as error:
                self._failed(channel.name, str(error), registry, headline.run)
            except Exception as error:
                self._failed(channel.name, f"{type(error).__name__}", registry, headline.run)

    def _channels(self) -> Iterable[Channel]:
        if self.asked is None:
            return []
        try:
            return list(channels(self.asked, self.home, self.sleep))
        except OSError as error:
            self.log("alert", **_undelivered("every channel", f"ca_file: {error.strerror}").as_dict())
            return []

    def _tell(
        self, channel: Channel, registry: Registry | None, headline: Headline, alerts: Sequence[Alert], complete: bool
    ) -> None:  # fmt: skip
        least = _ORDER.index(Severity(channel.least_severity))
        wanted = {one.identity: one for one in alerts if _ORDER.index(one.severity) >= least}
        if registry is None:
            new = tuple(Told(one.severity, one.kind, one.message) for one in wanted.values())
            self._send(channel, Message(headline, new, ()))
            return
        owed = due(registry, channel.name, wanted, headline.run, complete)
        try:
            self._send(channel, _message(headline, owed))
        except UndeliveredError as error:
            undelivered(registry, owed, str(error))
            raise
        delivered(registry, owed)

    def _send(self, channel: Channel, message: Message) -> None:
        if not message.new and not message.resolved:
            return
        said = channel.send(message)
        self.log("delivered", channel=channel.name, new=len(message.new), resolved=len(message.resolved))
        if said:
            self.log("alert", **_undelivered(channel.name, said).as_dict())

    def _failed(self, channel: str, why: str, registry: Registry | None, run: str) -> None:
        alert = _undelivered(channel, f"{why}; it is told the next night")
        self.log("alert", **alert.as_dict())
        if registry is not None:
            try:
                registry.tell(alert.severity, alert.kind, alert.message, run or None)
            except StoreError as error:
                self.log("not_on_record", error="; ".join((error.message, *error.details)))


def _undelivered(channel: str, why: str) -> Alert:
    return Alert(Severity.WARNING, FAILED, f"{channel}: {why}")


def _message(headline: Headline, owed: Due) -> Message:
    return Message(headline, *(tuple(map(_told, rows)) for rows in (owed.new, owed.resolved, owed.holding)))


def _told(row: DeliveryRow) -> Told:
    return Told(row.severity, row.kind, row.message)
