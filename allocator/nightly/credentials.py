"""Secrets, read when they are sent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from allocator.scenario.credentials import Credential

LONGEST = 4096


class CredentialError(Exception):
    """A secret that cannot be had; the message says where it should be, never what it is."""


def secret_of(asked: Credential, home: Path) -> str:
    """The secret that a credential names; files stand beside `home` unless their path is absolute.

    Raises:
        CredentialError: there is none, or a file that others may read.
    """
    if asked.environment is not None:
        value = os.environ.get(asked.environment, "")
        if not value:
            raise CredentialError(f"the environment variable {asked.environment} is not set")
    else:
        assert asked.file is not None
        value = _in_file(home / asked.file, asked.file)
    if not value.isprintable():
        raise CredentialError("a secret with control characters")
    return value


def _in_file(place: Path, name: str) -> str:
    try:
        with place.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & (stat.S_IROTH | stat.S_IWOTH):
                raise CredentialError(f"{name} may be read by everybody; chmod o-rw it")
            value = file.readline(LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise CredentialError(f"{name} cannot be read: {why}") from None
    if not value:
        raise CredentialError(f"{name} is empty")
    return value
