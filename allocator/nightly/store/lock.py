"""One run at a time on a store: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from allocator.nightly.store.refusals import store_error
from allocator.pipeline.errors import LockHeldError

FILE = "lock"
_KEY = 7_201_150_344
"""Of the advisory lock, beside that of the migrations."""
ADVICE = "it is left to finish; run again when it has"
LOOKS_S = (0.0, 0.02, 0.1)
"""Waits before the lock is tried: somebody may be looking at it just now, see `held`."""
Renew = Callable[[], None]


@contextmanager
def locked(home: Path, engine: Engine) -> Iterator[Renew]:
    """Hold the store: its folder, and on PostgreSQL the registry too, which several machines may share.

    What is given makes sure of the latter again, after a server that was away; it raises LockHeldError too.

    Raises:
        LockHeldError: another run holds it.
    """
    with _folder(home), _registry(engine) as renew:
        yield renew


def held(home: Path) -> bool:
    """Whether a run works on the folder now; looking takes no lock that a run would have to wait for."""
    try:
        handle = os.open(home / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def _folder(home: Path) -> Iterator[None]:
    handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if not _taken(handle):
            raise LockHeldError(f"another run (process {_holder(handle)}) works on this store", [ADVICE])
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    """Whether the lock is ours; one that somebody only looks at is free within a moment."""
    for wait_s in LOOKS_S:
        time.sleep(wait_s)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _holder(handle: int) -> str:
    return os.pread(handle, 20, 0).decode("ascii", "replace") or "unknown"


@contextmanager
def _registry(engine: Engine) -> Iterator[Renew]:
    if engine.dialect.name != "postgresql":
        yield _nothing
        return
    hold = _Advisory(engine)
    try:
        hold.take("another run works on this registry")
        yield hold.renew
    finally:
        hold.close()


def _nothing() -> None:
    """A lock that cannot be lost."""


class _Advisory:
    """An advisory lock: it ends with its connection, so also with a server that restarts."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.connection: Connection | None = None

    def take(self, refusal: str) -> None:
        try:
            self.connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            ours = self.connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY})
        except SQLAlchemyError as error:
            raise store_error("the registry cannot be held", error, self.engine.url) from None
        if not ours:
            raise LockHeldError(refusal, [ADVICE])

    def renew(self) -> None:
        try:
            assert self.connection is not None
            self.connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.close()
            self.take("another run took this registry while its server was away")

    def close(self) -> None:
        """Let go; a connection that is broken holds nothing."""
        with suppress(SQLAlchemyError):
            if self.connection is not None:
                self.connection.execute(text("SELECT pg_advisory_unlock_all()"))
                self.connection.close()
        self.connection = None
