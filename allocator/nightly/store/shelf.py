"""The folder of a store, which readers trust: plans named by their content, publications, and one pointer.

    plans/<hash>/           a plan as `solve` writes it, never changed once it stands there
    nights/<run>/           publication.json, the files of a night, and `plan`, a link to its plan
    inputs/<hash>           bytes of a file that runs read
    current                 a link to the night last published: moving it publishes the plan and its files at once

What stands under its final name is whole: folders are filled under a hidden name, synced to disk and renamed. So a kill
at any moment leaves the last publication readable; what it left half-written is swept by the next run.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from allocator.nightly.store.content import ContentError, content_hash, file_hash
from allocator.plan.files import sync_folder, sync_tree
from allocator.plan.schema import PLAN_JSON, RUN_JSON

PLANS, NIGHTS, INPUTS, CURRENT = "plans", "nights", "inputs", "current"
PLAN, PUBLICATION_JSON = "plan", "publication.json"
LEFT_OUT = frozenset({RUN_JSON})
"""Timings are no part of what a plan is: the same plan made twice has one name."""
HOME_MODE = 0o750
"""Of a store that is made: what a company decides is for its owner and group. One that stands keeps its mode."""
_HIDDEN = ".half-"
_NAME = re.compile(r"[0-9a-f]{32,64}")


@dataclass(frozen=True)
class Publication:
    """What was published when.

    Attributes:
        run: its run. plan: content hash of the plan. previous: run published before it, "" for the first.
        as_of, published_at: ISO 8601, UTC. rung: "solved", "reprojected": where its plan came from.
    """

    run: str
    plan: str
    previous: str
    as_of: str
    published_at: str
    rung: str


class Shelf:
    """Plans and publications in a folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        if not home.exists():
            home.mkdir(mode=HOME_MODE, parents=True)
        for name in (PLANS, NIGHTS, INPUTS):
            (home / name).mkdir(parents=True, exist_ok=True)

    @classmethod
    def standing(cls, home: Path) -> Shelf | None:
        """The shelf of a folder, to be read; None where there is none. Nothing is made."""
        found = cls.__new__(cls)
        found.home = home
        return found if home.is_dir() else None

    @contextmanager
    def working(self) -> Iterator[Path]:
        """A hidden folder on the same disk, gone when the block ends."""
        folder = self._hidden(self.home)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add_plan(self, folder: Path) -> str:
        """Take a plan folder in; returns its name. It is moved, or dropped where the same plan stands already."""
        name = content_hash(folder, LEFT_OUT)
        place = self.plan(name)
        if self.holds_plan(name):
            return name
        if place.exists():  # damaged since: readers of it are helped, not hurt, by the whole one
            place.rename(self._hidden(self.home))
        sync_tree(folder)
        folder.rename(place)
        sync_folder(place.parent)
        return name

    def plan(self, name: str) -> Path:
        """Where a plan stands."""
        return self.home / PLANS / _checked(name)

    def holds_plan(self, name: str) -> bool:
        """Whether a plan stands there, and its content is what its name says."""
        folder = self.plan(name)
        try:
            return (folder / PLAN_JSON).is_file() and content_hash(folder, LEFT_OUT) == name
        except (OSError, ContentError):
            return False

    def add_input(self, file: Path) -> str:
        """Keep the bytes of a file; returns their hash."""
        name = file_hash(file)
        place = self.home / INPUTS / name
        if not place.exists():
            half = self._hidden(self.home)
            shutil.copyfile(file, half)
            with half.open("rb") as stream:
                os.fsync(stream.fileno())
            half.replace(place)
        return name

    def prepare(self, publication: Publication, files: Mapping[str, str]) -> None:
        """Write the folder of a night, not yet current; `files` by name, as text."""
        place = self.night(publication.run)
        half = self._hidden(self.home)
        half.mkdir()
        for name, text in files.items():
            (half / _plain(name)).write_text(text, encoding="utf-8")
        (half / PUBLICATION_JSON).write_text(json.dumps(asdict(publication), indent=2) + "\n", encoding="utf-8")
        (half / PLAN).symlink_to(Path("..") / ".." / PLANS / publication.plan)
        sync_tree(half)
        if place.exists():  # of an attempt that ended before it was current
            place.rename(self._hidden(self.home))
        half.rename(place)
        sync_folder(place.parent)

    def night(self, run: str) -> Path:
        """Where the files of a night stand."""
        return self.home / NIGHTS / _checked(run)

    def files(self, run: str) -> dict[str, str]:
        """Text of the files of a night, as `prepare` takes them."""
        own = (path for path in self.night(run).iterdir() if path.name not in (PLAN, PUBLICATION_JSON))
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(own)}

    def point(self, run: str) -> None:
        """Make a prepared night the current one, in one step."""
        half = self._hidden(self.home)
        half.symlink_to(Path(NIGHTS) / _checked(run))
        half.replace(self.home / CURRENT)
        sync_folder(self.home)

    def current(self) -> Publication | None:
        """The current publication; None before the first one, or where the pointer leads nowhere."""
        run = self.pointed()
        return self.publication(run) if run else None

    def pointed(self) -> str:
        """The run that the pointer leads to, whether its night can be read or not; "" where there is no pointer."""
        link = self.home / CURRENT
        return link.readlink().name if link.is_symlink() else ""

    def publication(self, run: str) -> Publication | None:
        """A publication; None where there is none that can be read."""
        try:
            text = (self.night(run) / PUBLICATION_JSON).read_text(encoding="utf-8")
            return Publication(**json.loads(text))
        except (OSError, ValueError, TypeError):
            return None

    def history(self) -> Iterator[Publication]:
        """The current publication and those before it, newest first, as far as they stand."""
        seen: set[str] = set()
        found = self.current()
        while found is not None and found.run not in seen:
            seen.add(found.run)
            yield found
            found = self.publication(found.previous) if found.previous else None

    def sweep(self) -> None:
        """Remove what killed runs left half-written; only while no other run works here."""
        for path in self.home.glob(f"{_HIDDEN}*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def remove(self, run: str) -> None:
        """Take a night away, whole; its plan stays."""
        self._drop(self.night(run))

    def remove_plan(self, name: str) -> None:
        """Take a plan away, whole."""
        self._drop(self.plan(name))

    def remove_input(self, name: str) -> None:
        """Take the bytes of an input away."""
        (self.home / INPUTS / _checked(name)).unlink(missing_ok=True)

    def plans(self) -> list[str]:
        """Names of all plans that stand."""
        return sorted(path.name for path in (self.home / PLANS).iterdir() if _NAME.fullmatch(path.name))

    def nights(self) -> list[str]:
        """Runs of all nights that stand, published or not."""
        return sorted(path.name for path in (self.home / NIGHTS).iterdir() if _NAME.fullmatch(path.name))

    def _drop(self, place: Path) -> None:
        if place.exists():
            half = self._hidden(self.home)
            place.rename(half)
            shutil.rmtree(half, ignore_errors=True)

    def _hidden(self, beside: Path) -> Path:
        return beside / f"{_HIDDEN}{os.getpid()}-{secrets.token_hex(6)}"


def _checked(name: str) -> str:
    """A name that can only be one of ours: hexadecimal digits."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a plan or a run")
    return name


def _plain(name: str) -> str:
    if Path(name).name != name or name in (PLAN, PUBLICATION_JSON):
        raise ValueError(f"{name!r} is no name of a file of a publication")
    return name
