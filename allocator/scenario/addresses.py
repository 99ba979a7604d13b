"""Addresses that may be asked: https, on a host that the file lists, without credentials in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from allocator.scenario.faults import Fault
from allocator.scenario.places import Places, Quoted
from allocator.scenario.yaml_reader import Path

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be spoken to without TLS: nobody listens in between."""


def address_faults(url: str, hosts: Collection[str], here: Path, places: Places) -> Iterator[Fault]:
    """What is wrong with an address; of path and query nothing is quoted, since keys stand there too."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        yield places.fault(here, Quoted("no address"), "an address", "correct it")
        return
    if parts.username or parts.password:
        yield places.fault(here, Quoted("a password"), "no credentials in the file", "use secret")
        return
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        yield places.fault(
            here, Quoted(f"{parts.scheme or 'no scheme'}://{host}"), "an https address", "write https://"
        )
    yield from host_faults(host, hosts, here, places)


def host_faults(host: str, hosts: Collection[str], here: Path, places: Places) -> Iterator[Fault]:
    """Where a host is not listed."""
    if host not in hosts:
        yield places.fault(here, Quoted(host or "no host"), "a host listed in hosts", f"add {host} to hosts")
