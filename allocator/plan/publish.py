"""Publishes a folder whole: filled beside its place under a hidden name, then swapped in.

Readers see the last good plan until the new one is complete. A failure or a kill at any moment leaves the
last good plan in place; what a killed run left behind is swept by the next one.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allocator.plan.files import sync_folder, sync_tree
from allocator.plan.schema import ENTRIES, PLAN_JSON

_STALE_S = 3600.0
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class TargetError(ValueError):
    """The place asked for cannot hold a plan; the message says what stands there and what to do."""


class PublishError(RuntimeError):
    """Writing failed (full disk, permission); nothing was published and the last good plan stands."""


def check_target(target: Path) -> Path:
    """The folder a plan would be published at, links resolved; nothing is written.

    Raises:
        TargetError: a file stands there or among its parents, the folder holds something other than a
            plan, or it may not be written to.
    """
    try:
        place = target.resolve()
        _check_place(target, place)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, TargetError):
            raise
        raise TargetError(f"{target} is not a usable path: {error}") from error
    return place


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """An empty folder to fill; it takes the place of `target` when the block ends, and goes if it raises.

    Raises:
        TargetError: as `check_target`.
        PublishError: an OSError inside the block or while swapping; the cause says which file.
    """
    place = check_target(target)
    try:
        _sweep(place)
        folder = _new_sibling(place, "tmp")
    except OSError as error:
        raise PublishError(f"{target} cannot be written: {error}") from error
    try:
        yield folder
        sync_tree(folder)
        _swap(folder, place)
    except OSError as error:
        raise PublishError(f"{target} was not written: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_place(target: Path, place: Path) -> None:
    if place.is_dir():
        _check_replaceable(place)
    elif place.exists():
        raise TargetError(f"{target} is a file; name a folder for the plan")
    ancestor = next(parent for parent in place.parents if parent.exists())
    if not ancestor.is_dir():
        raise TargetError(f"{target} cannot be made: {ancestor} is a file, not a folder")
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise TargetError(f"{target} cannot be made: {ancestor} may not be written to")


def _check_replaceable(place: Path) -> None:
    entries = sorted(os.listdir(place))
    if entries and PLAN_JSON not in entries:
        raise TargetError(f"{place} holds files that are not a plan; name a new or empty folder")
    strangers = [name for name in entries if name not in ENTRIES]
    if strangers:
        raise TargetError(f"{place} holds {strangers[0]!r}, which is no part of a plan; move it, or name a new folder")


def _new_sibling(place: Path, role: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = place.parent / f".{place.name}.{role}-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def _swap(folder: Path, place: Path) -> None:
    """Put `folder` at `place`; what stood there ends up where `folder` was, or is gone."""
    if not place.exists():
        folder.rename(place)
    elif not _exchange(folder, place):
        _swap_by_two_renames(folder, place)
    sync_folder(place.parent)


def _swap_by_two_renames(folder: Path, place: Path) -> None:
    old = place.parent / folder.name.replace(".tmp-", ".old-")
    place.rename(old)
    try:
        folder.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _sweep(place: Path) -> None:
    """Restore the last good plan if a kill fell between two renames; remove leftovers of dead runs."""
    if not place.parent.is_dir():
        return
    leftovers = [path for path in place.parent.iterdir() if _is_leftover(path, place.name)]
    kept = sorted(path for path in leftovers if ".old-" in path.name and (path / PLAN_JSON).exists())
    if kept and not place.exists():
        kept[-1].rename(place)
        leftovers.remove(kept[-1])
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True)


def _is_leftover(path: Path, name: str) -> bool:
    role, _, rest = path.name.removeprefix(f".{name}.").partition("-")
    pid = rest.partition("-")[0]
    if not path.name.startswith(f".{name}.") or role not in ("tmp", "old") or not pid.isdigit():
        return False
    return not _alive(int(pid)) and _idle_folder(path)


def _idle_folder(path: Path) -> bool:
    """Old enough that no run on another machine sharing the disk can still be writing it."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (".old-" in path.name or time.time() - found.st_mtime > _STALE_S)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
