"""Folder and registry: what is published, what is kept, what is put right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from allocator.nightly.store.content import ContentError, content_hash
from allocator.nightly.store.database import FILE, database_url, open_database, shown
from allocator.nightly.store.registry import RunKey, State
from allocator.nightly.store.retention import retain
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import opened, place_of
from allocator.nightly.store.tables import Base
from allocator.pipeline.errors import BadInputError, ExitCode, LockHeldError, StoreError
from tests.nightly import nights


def test_the_newest_version_of_the_tables_is_what_the_code_reads(tmp_path: Path) -> None:
    engine = open_database(database_url(str(tmp_path)))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


def test_publishing_moves_the_pointer_and_old_plans_stay(tmp_path: Path) -> None:
    with opened(place_of(str(tmp_path))) as (store, repairs):
        assert repairs == ()
        assert store.shelf.current() is None
        plans = [nights.publish(store, number) for number in (1, 2)]
        assert [one.run for one in store.shelf.history()] == [nights.run_of(2), nights.run_of(1)]
        assert store.shelf.plans() == sorted(plans)
        assert [row.state for row in store.registry.runs()] == [State.PUBLISHED] * 2
        assert [one.subject for one in store.registry.commitments()] == ["contract 1", "contract 2"]
        assert store.registry.release(["sign"], "contract 1") == 1
        assert [one.subject for one in store.registry.commitments()] == ["contract 2"]
    assert nights.read(tmp_path) == 2


def test_a_plan_is_named_by_its_content_and_its_timings_are_none_of_it(tmp_path: Path) -> None:
    first = nights.make_plan(tmp_path / "a", 1)
    (first / "run.json").write_text("{}")
    shelf = Shelf(tmp_path / "store")
    assert shelf.add_plan(first) == shelf.add_plan(nights.make_plan(tmp_path / "b", 1))
    assert len(shelf.plans()) == 1
    shelf.add_plan(nights.make_plan(tmp_path / "c", 2))
    assert len(shelf.plans()) == 2


@pytest.mark.parametrize("change", ["rename", "move a byte", "add", "empty folder aside"])
def test_the_name_hangs_on_every_byte_and_path(tmp_path: Path, change: str) -> None:
    folder = nights.make_plan(tmp_path / "a", 1)
    before = content_hash(folder)
    if change == "rename":
        (folder / "tables" / "0.parquet").rename(folder / "tables" / "x.parquet")
    elif change == "move a byte":
        (folder / "tables" / "0.parquet").write_bytes(b"table 0 of 1")
    elif change == "add":
        (folder / "tables" / "new").write_bytes(b"")
    else:
        (folder / "empty").mkdir()
        assert content_hash(folder) == before
        return
    assert content_hash(folder) != before


def test_links_have_no_content(tmp_path: Path) -> None:
    folder = nights.make_plan(tmp_path / "a", 1)
    (folder / "link").symlink_to(folder / "plan.json")
    with pytest.raises(ContentError, match="link is neither"):
        content_hash(folder)


def test_a_damaged_plan_gives_way_to_the_one_before(tmp_path: Path) -> None:
    with opened(place_of(str(tmp_path))) as (store, _):
        nights.publish(store, 1)
        damaged = store.shelf.plan(nights.publish(store, 2))
    (damaged / "tables" / "0.parquet").write_bytes(b"half")
    with opened(place_of(str(tmp_path))) as (store, repairs):
        assert [(one.kind, one.grave) for one in repairs] == [("pointer_moved_back", True)]
        assert nights.read(tmp_path) == 1
        nights.publish(store, 2)  # made again, it takes the place of the damaged one
    assert nights.read(tmp_path) == 2


def test_a_pointer_that_is_gone_is_found_again_in_the_registry(tmp_path: Path) -> None:
    with opened(place_of(str(tmp_path))) as (store, _):
        for number in (1, 2):
            nights.publish(store, number)
    (tmp_path / "current").unlink()
    with opened(place_of(str(tmp_path))) as (_, repairs):
        assert [one.kind for one in repairs] == ["pointer_moved_back"]
    assert nights.read(tmp_path) == 2


def test_a_lost_registry_is_made_again_from_the_folder(tmp_path: Path) -> None:
    with opened(place_of(str(tmp_path))) as (store, _):
        plans = [nights.publish(store, number) for number in (1, 2)]
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    with opened(place_of(str(tmp_path))) as (store, repairs):
        assert [one.kind for one in repairs] == ["run_adopted"] * 2
        rows = store.registry.runs()
        assert [(row.plan, row.state) for row in rows] == [(plan, State.PUBLISHED) for plan in reversed(plans)]
        newest = [one.subject for one in store.registry.commitments()]
        assert newest == ["contract 2"], "the newest night repeats all that holds; what was released stays so"


def test_what_does_not_finish_is_gone_on_with(tmp_path: Path) -> None:
    key = RunKey(nights.run_of(1), "small", "0" * 64, nights.as_of(1))
    with opened(place_of(str(tmp_path))) as (store, _):
        store.registry.begin(key)
        with store.shelf.working() as beside:
            plan = store.keep_plan(nights.make_plan(beside / "plan", 1))
        store.registry.advance(key.run, State.PUBLISHING, plan=plan, rung="solved")
    with opened(place_of(str(tmp_path))) as (store, repairs):
        assert [one.kind for one in repairs] == ["publication_unfinished"]
        row = store.registry.begin(key)
        assert (row.state, row.plan, row.attempts) == (State.SOLVED, plan, 2)


def test_old_nights_go_and_what_is_current_or_waits_stays(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    with opened(place_of(str(tmp_path / "store"))) as (store, _):
        for number in range(5):
            nights.publish(store, number)
            file.write_text(f"prices {number // 3}")
            name = store.shelf.add_input(file)
            store.registry.record_inputs(nights.run_of(number), {"prices.csv": (name, file.stat().st_size)})
        store.registry.advance(nights.run_of(0), State.AWAITING)
        store.registry.advance(nights.run_of(3), State.AWAITING)
        store.shelf.point(nights.run_of(2))
        removed = retain(store, 1, 9)
        assert (removed.nights, removed.plans, removed.inputs) == (2, 2, 0), "the first waits in vain"
        assert store.shelf.nights() == sorted(nights.run_of(number) for number in (2, 3, 4))
        assert len(store.registry.runs()) == 5
        store.shelf.point(nights.run_of(4))
        assert retain(store, 1, 9).inputs == 1
    assert nights.read(tmp_path / "store") == 4


def test_two_runs_at_once_one_works_and_the_other_says_so(tmp_path: Path) -> None:
    with opened(place_of(str(tmp_path))):
        with (
            pytest.raises(LockHeldError, match=r"another run \(process \d+\)") as error,
            opened(place_of(str(tmp_path))),
        ):
            pytest.fail("both hold it")
        assert error.value.exit_code == ExitCode.LOCK_HELD
    with opened(place_of(str(tmp_path))):
        pass


@pytest.mark.parametrize(
    "store",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/db",
        "postgresql://host/db",
        "://",
        "postgresql://u:s3cret@h:x/d",
    ],
)
def test_stores_that_cannot_be_are_refused_without_their_password(store: str) -> None:
    with pytest.raises(BadInputError) as error:
        place_of(store)
    assert "s3cret" not in " ".join((error.value.message, *error.value.details))


def test_a_file_that_is_no_registry_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 400)
    with pytest.raises(StoreError, match="cannot be used") as error, opened(place_of(str(tmp_path))):
        pytest.fail("opened")
    assert error.value.details == ("file is not a database",)


def test_passwords_are_never_shown() -> None:
    assert "s3cret" not in shown(database_url("postgresql://user:s3cret@host/db"))


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for name in ("..", "../x", "a/b", "", "A" * 40):
        with pytest.raises(ValueError, match="no name"):
            shelf.plan(name)
    shutil.rmtree(tmp_path)
