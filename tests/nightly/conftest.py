"""A real PostgreSQL server of its own, for as long as the tests need it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import command as command
from tests.installed import absent, program


def _unprivileged() -> Callable[[], None] | None:
    """What a child does first: become a user that initdb accepts, which is anyone but root."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        absent("postgres", "initdb refuses root, and there is no user nobody")

    def become() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return become


@dataclass(frozen=True)
class PostgresServer:
    """A server that listens on a socket only; `url` is of an empty database.

    It lets in the user planner, and one named guest with a password, where a test makes that role.
    """

    home: Path
    url: str
    run: Callable[..., None]

    def start(self) -> None:
        """Have it answer."""
        options = f"-k {self.home} -c listen_addresses='' -c fsync=off"
        server, log = program("postgres", "postgres"), str(self.home / "log")
        self.run("-p", server, "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        """Have it end, whoever is connected."""
        self.run("-m", "immediate", "-w", "stop")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """It runs where a test finds it, and is to run where the test leaves it."""
    initdb, control = (program("postgres", name) for name in ("initdb", "pg_ctl"))
    become = _unprivileged()
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    home.chmod(0o777)
    data = str(home / "data")

    def run(*command: str) -> None:
        subprocess.run(command, preexec_fn=become, cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=120)

    url = f"postgresql://planner@/postgres?host={home}"
    found = PostgresServer(home, url, lambda *words: run(control, "-D", data, *words))
    try:
        run(initdb, "--pgdata", data, "--username", "planner", "--auth", "trust", "--no-sync", "--encoding", "UTF8")
        (home / "data" / "pg_hba.conf").write_text("local all guest scram-sha-256\nlocal all planner trust\n")
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """URL of a database on a server that runs."""
    return postgres_server.url
