"""A connection that a database refuses for good: waiting helps where a server is away, not where it says no.

A server tells why it refuses a connection in words alone, without a code, so they are looked for in its own (English).
What it says in others is waited for like a server that is away, and told then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from allocator.pipeline.errors import ExitCode, StoreError
from allocator.scenario.faults import Fault


class RegistryRefusedError(StoreError):
    """The registry's database answers, and takes no connection such as this."""

    exit_code = ExitCode.BAD_INPUT


@dataclass(frozen=True)
class Refusal:
    """What stands where something else should."""

    found: str
    expected: str
    fix: str


_PASSWORD = "the password in the URL, in PGPASSWORD or in the file that PGPASSFILE names"
_REFUSALS = (
    ("password authentication failed", Refusal("a password that the server refuses", _PASSWORD, "correct it")),
    ("no password supplied", Refusal("no password", _PASSWORD, "state it")),
    (
        "authentication failed for user|no pg_hba.conf entry|pg_hba.conf rejects",
        Refusal("a user or machine that the server refuses", "one that pg_hba.conf lets in", "have it let in"),
    ),
    (
        'role "[^"]*" (does not exist|is not permitted to log in)',
        Refusal("a user that may not log in", "a role with LOGIN", "correct the user, or create the role"),
    ),
    (
        'database "[^"]*" does not exist',
        Refusal("a database that the server does not have", "one that exists", "correct its name, or create it"),
    ),
    (
        "permission denied for database",
        Refusal("a user without the right to connect", "a user who may use the database", "grant it CONNECT"),
    ),
    (
        "certificate verify failed|does not support SSL",
        Refusal("a server that the URL does not trust", "TLS as sslmode says", "correct sslmode or sslrootcert"),
    ),
    (
        "readonly database",
        Refusal("a file that may not be written", "a file and folder of this user", "correct their owner or mode"),
    ),
)


def refusal_of(error: DBAPIError) -> Refusal | None:
    """Why a database refuses for good; None where it is away, starting, full or locked, which may pass."""
    said = str(error.orig)
    return next((refusal for words, refusal in _REFUSALS if re.search(words, said)), None)


def store_error(message: str, error: BaseException, url: URL) -> StoreError:
    """What is raised for a database that fails: place, found, expected and fix where it refuses for good."""
    refusal = refusal_of(error) if isinstance(error, DBAPIError) else None
    if refusal is None:
        return StoreError(message, [first_line(error)])
    fault = Fault(f"the registry {shown(url)}", refusal.found, refusal.expected, refusal.fix)
    return RegistryRefusedError("the registry refuses the connection", [str(fault), first_line(error)])


def shown(url: URL) -> str:
    """The URL without its password."""
    return url.render_as_string(hide_password=True)


def first_line(error: BaseException) -> str:
    """What a driver says, without statements and values."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
