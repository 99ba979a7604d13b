"""A disk that is full at any write of a night: what was published stays readable, and the next night goes on."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly import night
from allocator.nightly.store.registry import State
from allocator.nightly.store.shelf import Shelf
from allocator.pipeline.errors import ExitCode, NightKeptError
from tests.nightly.full_disk import full_from, largest_file
from tests.nightly.test_night import Job

SHARES = (0.97, pytest.param(0.3, marks=pytest.mark.slow))
"""Places among all writes of a night; the slow test takes each."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that cannot grow is waited for as one that is gone."""
    monkeypatch.setattr(night, "PATIENCE_S", 0.5)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after its first night. Not to be changed."""
    job = Job(tmp_path_factory.mktemp("published"))
    job.change()
    job.run()
    return job.home


def copied(published: Path, home: Path) -> Job:
    return Job(Path(shutil.copytree(published, home, symlinks=True)))


@pytest.fixture(scope="module")
def writes(published: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How often a night writes in its store."""
    job = copied(published, tmp_path_factory.mktemp("counted") / "job")
    with full_from(job.home / "store", None) as disk:
        job.run(1)
    assert disk.sites > 40
    return disk.sites


def survives(job: Job, full: AbstractContextManager[Any]) -> None:
    """A night on a full disk publishes whole or not at all."""
    before = job.current.readlink()
    with full:
        try:
            found = job.run(1)
            ended, published = found.exit_code, found.state == State.PUBLISHED
        except NightKeptError as error:
            ended, published = error.exit_code, False
    assert published == (job.current.readlink() != before)
    assert ended == (ExitCode.WITHIN_GAP if published else ExitCode.KEPT)
    shelf = Shelf(job.home / "store")
    current = shelf.current()
    assert current is not None
    assert shelf.holds_plan(current.plan)


@pytest.mark.parametrize("share", SHARES)
def test_a_disk_that_is_full_from_some_write_on(published: Path, writes: int, tmp_path: Path, share: float) -> None:
    job = copied(published, tmp_path / "job")
    survives(job, full_from(job.home / "store", int(share * writes)))
    assert job.run(2).exit_code == ExitCode.WITHIN_GAP


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_write(published: Path, writes: int, tmp_path: Path) -> None:
    for left in range(writes):
        job = copied(published, tmp_path / str(left))
        survives(job, full_from(job.home / "store", left))
        shutil.rmtree(job.home)


@pytest.mark.slow
@pytest.mark.parametrize("size_bytes", [0, 500, 5_000, 40_000])
def test_files_that_may_not_grow(published: Path, tmp_path: Path, size_bytes: int) -> None:
    job = copied(published, tmp_path / "job")
    survives(job, largest_file(size_bytes))
    assert job.run(2).exit_code == ExitCode.WITHIN_GAP
