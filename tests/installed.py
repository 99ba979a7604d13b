"""Programs that some tests need and not every machine has: such tests are skipped, unless REQUIRE names the program."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PROGRAMS = {
    "libreoffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgres": ("pg_ctl",),
}
"""Names of the executables, by the word that REQUIRE uses (REQUIRE=chromium,libreoffice)."""
FOLDERS = {"postgres": ("/usr/lib/postgresql", "*/bin")}
"""Where executables stand that are on no path: a folder and a pattern below it; the newest version counts."""


def program(name: str, executable: str = "") -> str:
    """Path of an executable; skips the test where there is none, or fails it where REQUIRE names it.

    `executable`: another one of the same program.
    """
    names = (executable,) if executable else PROGRAMS[name]
    found = next(filter(None, (shutil.which(wanted, path=_path(name)) for wanted in names)), None)
    if found is None:
        absent(name, f"{executable or name} is not installed")
    return found


def absent(name: str, why: str) -> NoReturn:
    """Skip the test, or fail it where REQUIRE names the program."""
    if name in os.environ.get("REQUIRE", "").split(","):
        pytest.fail(f"{name} is required, but {why}")
    pytest.skip(why)


def _path(name: str) -> str:
    """Folders to look in: those of a program's own, the newest first, then the usual ones."""
    home, pattern = FOLDERS.get(name, ("", ""))
    own = sorted(Path(home).glob(pattern), reverse=True) if home else []
    return os.pathsep.join([*map(str, own), os.environ.get("PATH", os.defpath)])
