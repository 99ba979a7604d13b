"""One run at a time on a store: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from allocator.pipeline.errors import LockHeldError

FILE = "lock"
_KEY = 7_201_150_344
"""Of the advisory lock, beside that of the migrations."""
ADVICE = "it is left to finish; run again when it has"


@contextmanager
def locked(home: Path, engine: Engine) -> Iterator[None]:
    """Hold the store: its folder, and on PostgreSQL the registry too, which several machines may share.

    Raises:
        LockHeldError: another run holds it.
    """
    with _folder(home), _registry(engine):
        yield


@contextmanager
def _folder(home: Path) -> Iterator[None]:
    handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeldError(f"another run (process {_holder(handle)}) works on this store", [ADVICE]) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    return os.pread(handle, 20, 0).decode("ascii", "replace") or "unknown"


@contextmanager
def _registry(engine: Engine) -> Iterator[None]:
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
            raise LockHeldError("another run works on this registry", [ADVICE])
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
