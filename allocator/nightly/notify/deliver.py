"""After a night or a watch: every channel is told what it is owed, and nothing that fails here fails them."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
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
    """Whom a night or a watch tells; without a file nobody.

    Raises:
        ScenarioFaults: the file has faults.
    """

    def __init__(self, file: Path | None, log: OnLog, sleep: Sleep = time.sleep) -> None:
        self.asked: Notify | None = None if file is None else load_notify(file)
        self.home = Path() if file is None else file.absolute().parent
        self.log, self.sleep = log, sleep

    def tell(
        self, registry: Registry | None, headline: Headline, alerts: Sequence[Alert], looked_for: Container[str]
    ) -> None:  # fmt: skip
        """Tell every channel what is new, and what is gone of the kinds that were looked for.

        Without a registry, nothing is known of what was told before: all of them are told.
        """
        for channel in self._channels():
            try:
                self._tell(channel, registry, headline, alerts, looked_for)
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
        self,
        channel: Channel,
        registry: Registry | None,
        headline: Headline,
        alerts: Sequence[Alert],
        looked_for: Container[str],
    ) -> None:
        least = _ORDER.index(Severity(channel.least_severity))
        wanted = {one.identity: one for one in alerts if _ORDER.index(one.severity) >= least}
        owed = self._due(channel, registry, headline, wanted, looked_for)
        if registry is None or owed is None:
            new = tuple(Told(one.severity, one.kind, one.message) for one in wanted.values())
            self._send(channel, Message(headline, new, ()))
            return
        try:
            self._send(channel, _message(headline, owed))
        except UndeliveredError as error:
            undelivered(registry, owed, str(error))
            raise
        delivered(registry, owed)

    def _due(
        self,
        channel: Channel,
        registry: Registry | None,
        headline: Headline,
        wanted: Mapping[str, Alert],
        looked_for: Container[str],
    ) -> Due | None:
        """What a channel is owed; None where there is no registry to say so."""
        if registry is None:
            return None
        try:
            return due(registry, channel.name, wanted, headline.run, looked_for)
        except StoreError as error:
            self.log("not_on_record", error="; ".join((error.message, *error.details)))
            return None

    def _send(self, channel: Channel, message: Message) -> None:
        if not message.new and not message.resolved:
            return
        said = channel.send(message)
        self.log("delivered", channel=channel.name, new=len(message.new), resolved=len(message.resolved))
        if said:
            self.log("alert", **_undelivered(channel.name, said).as_dict())

    def _failed(self, channel: str, why: str, registry: Registry | None, run: str) -> None:
        alert = _undelivered(channel, f"{why}; it is told the next time")
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
