"""Whom `allocator nightly --notify` tells what, and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path as FilePath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from allocator.scenario.addresses import LOOPBACK, address_faults, host_faults
from allocator.scenario.credentials import Credential, Secret, Text, credential_faults
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import Places, Quoted
from allocator.scenario.record import Name, Positive, Record
from allocator.scenario.record_file import load_record

Severity = Literal["info", "warning", "critical"]
Tries = Annotated[int, Field(strict=True, ge=1, le=10)]
Seconds = Annotated[Positive, Field(le=120.0)]


def _check_mailbox(text: str) -> str:
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        address = None
    if address is None or not text.isascii() or not text.isprintable() or not address.domain:
        raise ValueError("an address such as desk@example.org")
    return text


Mailbox = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(_check_mailbox)]


class Webhook(Record):
    """A program that takes alerts as JSON by HTTP POST."""

    name: Name
    """Name of the channel; under it the store remembers what was told."""
    url: Annotated[str, Field(min_length=8, max_length=2000)] | None = None
    """Address, https; http only to this machine; null: secret_url says where it is."""
    secret_url: Credential | None = None
    """Where the address is to be read that is a secret itself, as chat programs hand out; its host is listed in
    hosts all the same. null: url holds it."""
    secret: Secret | None = None
    """Credential; null: none."""
    least_severity: Severity = "warning"
    """Least urgent alerts that are told."""
    timeout_s: Seconds = 10.0
    """Longest wait for an answer, seconds."""
    tries: Tries = 3
    """Attempts a night; between them the wait doubles from one second, or is what the server asks for up to a
    minute."""


class Mail(Record):
    """People who take alerts by e-mail."""

    name: Name
    """Name of the channel; under it the store remembers what was told."""
    host: Annotated[str, Field(min_length=1, max_length=253)]
    """Server that takes mail."""
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 587
    """Its port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """starttls: TLS is asked for and demanded before anything else is said; tls: from the first byte, as on port 465;
    none: only to this machine."""
    user: Text | None = None
    """Name to log in with; null: no login."""
    password: Credential | None = None
    """Password of that name."""
    sender: Mailbox
    """Address that mail is from."""
    recipients: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=50)]
    """Addresses that mail goes to."""
    least_severity: Severity = "critical"
    """Least urgent alerts that are told."""
    timeout_s: Seconds = 20.0
    """Longest wait for an answer, seconds."""
    tries: Tries = 3
    """Attempts a night; between them the wait doubles from one second."""


class Notify(Record):
    """Everybody who is told."""

    version: Literal[1]
    """Version of this format."""
    hosts: tuple[Annotated[str, Field(max_length=253)], ...] = ()
    """Hosts that may be reached; every other one is refused."""
    ca_file: Text | None = None
    """File of certificates to trust besides the public ones, for servers of the company's own; beside this one unless
    the path is absolute."""
    webhooks: tuple[Webhook, ...] = ()
    """Programs that are told."""
    mails: tuple[Mail, ...] = ()
    """People who are told."""


def load_notify(path: FilePath) -> Notify:
    """Read a file of channels; raises ScenarioFaults with every fault of it."""
    asked, places = load_record(path, Notify, "a file that says whom to tell")
    faults = [
        *(fault for k, hook in enumerate(asked.webhooks) for fault in _webhook(asked, hook, ("webhooks", k), places)),
        *(fault for k, mail in enumerate(asked.mails) for fault in _mail(asked, mail, ("mails", k), places)),
        *_named(asked, places),
    ]
    if faults:
        raise ScenarioFaults(faults)
    return asked


def _webhook(asked: Notify, hook: Webhook, here: tuple[str | int, ...], places: Places) -> Iterator[Fault]:
    if (hook.url is None) == (hook.secret_url is None):
        yield places.fault(here, Quoted("both or neither"), "url or secret_url", "keep one of them")
    if hook.url is not None:
        yield from address_faults(hook.url, asked.hosts, (*here, "url"), places)
    if hook.secret_url is not None:
        yield from credential_faults(hook.secret_url, (*here, "secret_url"), places)
    if hook.secret is not None:
        yield from credential_faults(hook.secret, (*here, "secret"), places)


def _mail(asked: Notify, mail: Mail, here: tuple[str | int, ...], places: Places) -> Iterator[Fault]:
    yield from host_faults(mail.host, asked.hosts, (*here, "host"), places)
    if mail.security == "none" and mail.host not in LOOPBACK:
        yield places.fault((*here, "security"), mail.security, "starttls or tls", "encrypt what leaves this machine")
    if (mail.user is None) != (mail.password is None):
        yield places.fault(here, Quoted("one of user and password"), "both or neither", "state the other one too")
    if mail.password is not None:
        yield from credential_faults(mail.password, (*here, "password"), places)


def _named(asked: Notify, places: Places) -> Iterator[Fault]:
    seen: set[str] = set()
    hooks = [(("webhooks", position, "name"), hook.name) for position, hook in enumerate(asked.webhooks)]
    for where, name in (*hooks, *((("mails", k, "name"), mail.name) for k, mail in enumerate(asked.mails))):
        if name in seen:
            yield places.fault(where, name, "another name for each channel", "rename one")
        seen.add(name)
    if not seen:
        yield places.fault((), Quoted("nobody to tell"), "webhooks or mails", "name at least one")
