"""The registry on a real PostgreSQL server says the same as on SQLite."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from allocator.nightly.store import database
from allocator.nightly.store.database import database_url, migrate, open_database
from allocator.nightly.store.lock import locked
from allocator.nightly.store.registry import Answer, State
from allocator.nightly.store.retention import retain
from allocator.nightly.store.store import opened, place_of
from allocator.nightly.store.tables import Base
from allocator.pipeline.errors import ExitCode, LockHeldError, StoreError
from tests.nightly import nights
from tests.nightly.conftest import PostgresServer


def test_nights_are_published_repaired_and_let_go(postgres: str, tmp_path: Path) -> None:
    place = place_of(postgres, tmp_path)
    with opened(place) as (store, _):
        for number in (1, 2, 3):
            nights.publish(store, number)
        store.registry.tell("warning", "stale", "prices are two days old", nights.run_of(3))
    (tmp_path / "current").unlink()
    with opened(place) as (store, repairs):
        assert [one.kind for one in repairs] == ["pointer_moved_back"]
        rows = store.registry.runs()
        assert [row.state for row in rows] == [State.PUBLISHED] * 3
        assert rows[0].as_of == nights.as_of(3)
        assert [one.severity for one in store.registry.events(nights.run_of(3))] == ["warning"]
        assert retain(store, 1, 1).nights == 2
    assert nights.read(tmp_path) == 3


def test_set_points_are_answered_and_superseded(postgres: str, tmp_path: Path) -> None:
    with opened(place_of(postgres, tmp_path)) as (store, _):
        for number in (11, 12):
            point = {"id": f"point-{number}", "begins": f"2027-06-{number}T02:00Z", "ends": "2027-06-20T00:00Z"}
            nights.publish(store, number, {"setpoints.json": json.dumps({"set_points": [point]})})
        at = nights.as_of(12)
        assert store.registry.answer(
            [Answer("point-12", "accepted", "", "x", at), Answer("none", "x", "", "x", at)]
        ) == ["none"]
        assert store.registry.answer([Answer("point-12", "rejected", "no", "x", at)]) == []
        rows = store.registry.set_points(at)
        assert [(row.set_point, row.answer, row.superseded_at is None) for row in rows] == [
            ("point-11", None, False),
            ("point-12", "rejected", True),
        ]
        store.registry.record_state("a" * 64, at, "said", "taken")
        found = store.registry.last_state(nights.as_of(13))
        assert found is not None
        assert (found.taken, found.as_of) == ("taken", at)


def test_tables_are_those_of_the_code_and_migrating_again_changes_nothing(postgres: str) -> None:
    engine = open_database(database_url(postgres))
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_machines_that_share_a_registry_take_turns(postgres: str, tmp_path: Path) -> None:
    engines = [open_database(database_url(postgres)) for _ in range(2)]
    homes = [tmp_path / name for name in ("one", "other")]
    for home in homes:
        home.mkdir()
    with (
        locked(homes[0], engines[0]),
        pytest.raises(LockHeldError, match="this registry"),
        locked(homes[1], engines[1]),
    ):
        pytest.fail("both hold it")
    with locked(homes[1], engines[1]):
        pass
    for engine in engines:
        engine.dispose()


def test_a_server_that_is_gone_for_a_while_is_waited_for(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "FIRST_WAIT_S", 0.1)
    with opened(place_of(postgres_server.url, tmp_path), patience_s=60.0) as (store, _):
        nights.publish(store, 1)
        postgres_server.stop()
        back = threading.Timer(0.3, postgres_server.start)
        back.start()
        nights.publish(store, 2)
        back.join()
        row = store.registry.run(nights.run_of(2))
        assert store.registry.patience.waited_s > 0.0
        assert row is not None
        assert row.state == State.PUBLISHED
    assert nights.read(tmp_path) == 2


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("guest:s3cret", "found a password that the server refuses; expected the password in the URL"),
        ("guest", "found no password"),
        ("nobody_else", "found a user or machine that the server refuses"),
        ("planner@nowhere", "found a database that the server does not have"),
    ],
)
def test_what_a_server_refuses_is_not_waited_for(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, words: str
) -> None:
    engine = open_database(database_url(postgres))
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN PASSWORD 'another'"))
    engine.dispose()
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    user, _, name = who.partition("@")
    url = postgres.replace("planner@/postgres", f"{user}@/{name or 'postgres'}")
    with pytest.raises(StoreError, match="refuses the connection") as error, opened(place_of(url, tmp_path), 60.0):
        pytest.fail("opened")
    assert words in error.value.details[0]
    assert error.value.exit_code == ExitCode.BAD_INPUT
    assert "s3cret" not in str(error.value.details)


def test_a_registry_that_another_machine_took_meanwhile_is_left_to_it(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with opened(place_of(postgres_server.url, tmp_path / "one"), patience_s=60.0) as (store, _):
        nights.publish(store, 3)
        postgres_server.stop()
        postgres_server.start()
        engine = open_database(database_url(postgres_server.url))
        with locked(other, engine), pytest.raises(LockHeldError, match="while its server was away"):
            nights.publish(store, 4)
        engine.dispose()
        nights.publish(store, 4)
    assert nights.read(tmp_path / "one") == 4


def test_a_server_that_is_gone_is_an_error_in_words(tmp_path: Path) -> None:
    place = place_of(f"postgresql://planner:s3cret@/postgres?host={tmp_path}", tmp_path)
    with pytest.raises(StoreError) as error, opened(place):
        pytest.fail("opened")
    assert "s3cret" not in f"{error.value.message} {error.value.details}"
