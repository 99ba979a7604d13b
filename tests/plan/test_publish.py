"""A plan appears whole or not at all, and the last good one is never lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from allocator.plan import publish
from allocator.plan.publish import PublishError, TargetError, check_target, staged
from allocator.plan.schema import CERTIFICATE_JSON, PLAN_JSON

ROOT_USER = os.geteuid() == 0


def put(folder: Path, text: str) -> None:
    with staged(folder) as home:
        (home / PLAN_JSON).write_text(text)
        (home / "tables").mkdir()
        (home / "tables" / "a").write_text(text)


def fail_filling(folder: Path) -> None:
    with staged(folder) as home:
        (home / PLAN_JSON).write_text("2")
        raise ZeroDivisionError


def read(folder: Path) -> str:
    return (folder / PLAN_JSON).read_text() + (folder / "tables" / "a").read_text()


def test_a_plan_is_published_in_a_folder_that_did_not_exist_nor_its_parents(tmp_path: Path) -> None:
    put(tmp_path / "a" / "b" / "plan", "1")
    assert read(tmp_path / "a" / "b" / "plan") == "11"
    assert os.listdir(tmp_path / "a" / "b") == ["plan"]


def test_an_older_plan_is_replaced_and_nothing_else_remains(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    (tmp_path / "plan" / CERTIFICATE_JSON).write_text("old")
    put(tmp_path / "plan", "2")
    assert read(tmp_path / "plan") == "22"
    assert not (tmp_path / "plan" / CERTIFICATE_JSON).exists()
    assert os.listdir(tmp_path) == ["plan"]


def test_a_plan_beside_which_someone_keeps_other_files_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    (tmp_path / "plan" / "notes.txt").write_text("mine")
    with pytest.raises(TargetError, match=r"notes\.txt.*no part of a plan"):
        put(tmp_path / "plan", "2")
    assert read(tmp_path / "plan") == "11"
    assert (tmp_path / "plan" / "notes.txt").read_text() == "mine"


def test_without_an_exchange_of_names_two_renames_do_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    put(tmp_path / "plan", "1")
    put(tmp_path / "plan", "2")
    assert read(tmp_path / "plan") == "22"
    assert os.listdir(tmp_path) == ["plan"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    put(tmp_path / "plan", "1")
    assert read(tmp_path / "plan") == "11"


def test_a_link_keeps_pointing_at_the_folder_that_is_replaced(tmp_path: Path) -> None:
    put(tmp_path / "real", "1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put(tmp_path / "link", "2")
    assert (tmp_path / "link").is_symlink()
    assert read(tmp_path / "real") == "22"


def test_the_folder_has_the_permissions_of_a_folder_made_by_hand(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    (tmp_path / "by_hand").mkdir()
    assert (tmp_path / "plan").stat().st_mode == (tmp_path / "by_hand").stat().st_mode


def _file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("mine")
    return tmp_path / "file"


def _below_file(tmp_path: Path) -> Path:
    return _file(tmp_path) / "plan"


def _foreign(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("mine")
    return tmp_path / "photos"


def _loop(tmp_path: Path) -> Path:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return tmp_path / "loop" / "plan"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_file, "is a file; name a folder"),
        (_below_file, "is a file, not a folder"),
        (_foreign, "holds files that are not a plan"),
        (_loop, "loop"),
        (lambda tmp_path: tmp_path / ("x" * 300), "name"),
        (lambda tmp_path: Path(f"{tmp_path}/a\0b"), "not a usable path"),
    ],
)
def test_a_place_that_cannot_hold_a_plan_is_refused_and_untouched(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    target = make(tmp_path)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises((TargetError, PublishError), match=words):
        put(target, "1")
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.skipif(ROOT_USER, reason="the superuser may write everywhere")
def test_a_parent_that_may_not_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(TargetError, match="may not be written"):
        check_target(tmp_path / "plan")


def test_an_error_while_filling_leaves_the_last_good_plan_and_no_leftover(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    with pytest.raises(ZeroDivisionError):
        fail_filling(tmp_path / "plan")
    assert read(tmp_path / "plan") == "11"
    assert os.listdir(tmp_path) == ["plan"]


def test_a_full_disk_leaves_the_last_good_plan_and_no_leftover(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(PublishError, match="was not written"):
            put(tmp_path / "plan", "2" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read(tmp_path / "plan") == "11"
    assert os.listdir(tmp_path) == ["plan"]


def test_a_swap_that_fails_halfway_puts_the_last_good_plan_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "plan", "1")
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    rename = Path.rename

    def fails_in(self: Path, target: Path) -> Path:
        if ".tmp-" in self.name and target.name == "plan":
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_in)
    with pytest.raises(PublishError):
        put(tmp_path / "plan", "2")
    monkeypatch.undo()
    assert read(tmp_path / "plan") == "11"
    assert os.listdir(tmp_path) == ["plan"]


KILLED = """
import os, sys, signal
from pathlib import Path
from allocator.plan import publish
from allocator.plan.schema import CERTIFICATE_JSON, PLAN_JSON
where, target = sys.argv[1], Path(sys.argv[2])
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if where == "before_swap":
    publish._swap = kill
if where == "between_renames":
    publish._exchange = lambda one, other: False
    rename = Path.rename
    Path.rename = lambda self, to: kill() if ".tmp-" in self.name else rename(self, to)
with publish.staged(target) as home:
    (home / PLAN_JSON).write_text("2")
    (home / "tables").mkdir()
    if where == "filling":
        kill()
    (home / "tables" / "a").write_text("2")
"""


@pytest.mark.parametrize("where", ["filling", "before_swap"])
def test_a_killed_run_leaves_the_last_good_plan(tmp_path: Path, where: str) -> None:
    put(tmp_path / "plan", "1")
    assert _killed(where, tmp_path / "plan") == -signal.SIGKILL
    assert read(tmp_path / "plan") == "11"


def test_the_next_run_finds_the_plan_a_kill_between_two_renames_put_aside(tmp_path: Path) -> None:
    put(tmp_path / "plan", "1")
    assert _killed("between_renames", tmp_path / "plan") == -signal.SIGKILL
    assert not (tmp_path / "plan").exists()
    with pytest.raises(ZeroDivisionError):
        fail_filling(tmp_path / "plan")
    assert read(tmp_path / "plan") == "11"


def test_leftovers_of_a_dead_run_are_swept_once_they_are_old(tmp_path: Path) -> None:
    _killed("filling", tmp_path / "plan")
    (left,) = tmp_path.iterdir()
    put(tmp_path / "plan", "1")
    assert left.exists()
    old = time.time() - 7200
    os.utime(left, (old, old))
    put(tmp_path / "plan", "2")
    assert os.listdir(tmp_path) == ["plan"]


def test_folders_that_only_look_alike_are_left_alone(tmp_path: Path) -> None:
    for name in (".plan.tmp-mine", ".plan.tmp-1-abc", ".planet.tmp-99999999-ab"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    put(tmp_path / "plan", "1")
    assert len(os.listdir(tmp_path)) == 4


def _killed(where: str, target: Path) -> int:
    return subprocess.run([sys.executable, "-c", KILLED, where, str(target)], check=False, timeout=60).returncode
