"""The registry's database: SQLite, or PostgreSQL by URL, at the newest version of its tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from allocator.nightly.store.refusals import refusal_of, shown, store_error
from allocator.pipeline.errors import BadInputError

FILE = "registry.db"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
BUSY_S = 30.0
"""Longest wait for a lock that another process holds on SQLite, seconds."""
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
T = TypeVar("T")
CONNECT_S = 15
_SCRIPTS = Path(__file__).parent / "migrations"


def database_url(store: str) -> URL:
    """The URL that names a registry: a URL as it is, a folder as the SQLite file inside it.

    Raises:
        BadInputError: another kind of database, or an in-memory one. No message holds a password.
    """
    if "://" not in store:
        return URL.create(SQLITE, database=str(Path(store) / FILE))
    try:
        url = make_url(store)
    except (ArgumentError, ValueError):
        raise BadInputError("the store's URL cannot be read", [_FORMS]) from None
    kind = url.get_backend_name()
    if kind == POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if kind != SQLITE or not url.database or url.database == ":memory:":
        raise BadInputError(f"the store's URL is of kind {kind!r} and names no file or server", [_FORMS])
    return url


_FORMS = "write a folder, sqlite:///PATH/registry.db or postgresql://USER@HOST/DATABASE"


@dataclass
class Patience:
    """How long a database that is gone or locked is waited for each time, and for how long it was in all, seconds."""

    most_s: float = 0.0
    waited_s: float = 0.0


def open_database(url: URL, patience: Patience | None = None) -> Engine:
    """Connect, and bring the tables to the newest version; a database that is gone is waited for.

    Raises:
        StoreError: no connection, or tables that are none of ours.
    """
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args=_arguments(url))
        if url.get_backend_name() == SQLITE:
            _prepare_sqlite(engine)
        patiently(lambda: migrate(engine), patience or Patience())
    except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
        raise store_error(f"the registry {shown(url)} cannot be used", error, url) from None
    return engine


def patiently(act: Callable[[], T], patience: Patience) -> T:
    """What an act gives; where the database is gone or locked it is tried again, with growing waits, that long.

    What it refuses for good is not.
    """
    begun, wait_s = time.monotonic(), FIRST_WAIT_S
    end, failed = begun + patience.most_s, False
    while True:
        try:
            found = act()
            patience.waited_s += time.monotonic() - begun if failed else 0.0
            return found
        except OperationalError as error:
            if refusal_of(error) is not None or time.monotonic() + wait_s > end:
                raise
        failed = True
        time.sleep(wait_s)
        wait_s = min(2.0 * wait_s, LONGEST_WAIT_S)


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest version, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _arguments(url: URL) -> dict[str, Any]:
    return {"timeout": BUSY_S} if url.get_backend_name() == SQLITE else {"connect_timeout": CONNECT_S}


def _prepare_sqlite(engine: Engine) -> None:
    """Write-ahead log, every commit on disk, references checked, and transactions that begin where we say.

    The driver's own transactions leave out statements that change tables; a killed migration would stay half done.
    """

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begins(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
