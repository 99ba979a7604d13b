"""Programs that some tests need and not every machine has: such tests are skipped, unless REQUIRE names the program."""

from __future__ import annotations

import os
import shutil

import pytest

PROGRAMS = {
    "libreoffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgres": ("pg_ctl",),
}
"""Names of the executables, by the word that REQUIRE uses (REQUIRE=chromium,libreoffice)."""


def program(name: str) -> str:
    """Path of an executable; skips the test where there is none, or fails it where REQUIRE names it."""
    for executable in PROGRAMS[name]:
        if path := shutil.which(executable):
            return path
    if name in os.environ.get("REQUIRE", "").split(","):
        pytest.fail(f"{name} is required and not installed")
    pytest.skip(f"{name} is not installed")
