"""Runs migrations over the connection that `database.migrate` hands in, one process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

_ONE_AT_A_TIME = 7_201_150_343
"""Any number, as long as it is always the same: key of an advisory lock."""

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
