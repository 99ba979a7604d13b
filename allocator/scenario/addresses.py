"""Addresses that may be asked: https, on a host that the file lists, without credentials in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from allocator.scenario.faults import Fault
from allocator.scenario.places import Places, Quoted
from allocator.scenario.yaml_reader import Path

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be spoken to without TLS: nobody listens in between."""


def address_faults(url: str, hosts: Collection[str], here: Path, places: Places) -> Iterator[Fault]:
    """What is wrong with an address; of path and query nothing is quoted, since keys stand there too."""
    for wrong in wrong_with(url, hosts):
        yield places.fault(here, Quoted(wrong.found), wrong.expected, wrong.fix)


def host_faults(host: str, hosts: Collection[str], here: Path, places: Places) -> Iterator[Fault]:
    """Where a host is not listed."""
    for wrong in _unlisted(host, hosts):
        yield places.fault(here, Quoted(wrong.found), wrong.expected, wrong.fix)


@dataclass(frozen=True)
class Wrong:
    """What a fault says, without its place."""

    found: str
    expected: str
    fix: str


def wrong_with(url: str, hosts: Collection[str]) -> Iterator[Wrong]:
    """What is wrong with an address, wherever it stood; `found` holds scheme and host alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        yield Wrong("no address", "an address", "correct it")
        return
    if parts.username or parts.password:
        yield Wrong("a password", "no credentials in the file", "use secret")
        return
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        yield Wrong(f"{parts.scheme or 'no scheme'}://{host}", "an https address", "write https://")
    yield from _unlisted(host, hosts)


def _unlisted(host: str, hosts: Collection[str]) -> Iterator[Wrong]:
    if host not in hosts:
        yield Wrong(host or "no host", "a host listed in hosts", f"add {host} to hosts")
