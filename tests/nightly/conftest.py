"""A real PostgreSQL server of its own, for as long as the tests need it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database on a server that listens on a socket only."""
    initdb, server, control = (program("postgres", name) for name in ("initdb", "postgres", "pg_ctl"))
    become = _unprivileged()
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    home.chmod(0o777)
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run(command, preexec_fn=become, cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=120)

    try:
        run(
            initdb, "--pgdata", str(data), "--username", "planner", "--auth", "trust", "--no-sync", "--encoding", "UTF8"
        )
        options = f"-k {home} -c listen_addresses='' -c fsync=off"
        run(control, "-p", server, "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
        try:
            yield f"postgresql://planner@/postgres?host={home}"
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
