"""Runs the command line as a user does, and looks at what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 600
"""When a command counts as hung: a loaded machine takes ten times what a quiet one does."""


def environment(**changed: str) -> dict[str, str]:
    """This process's environment, with the source tree on the path and a terminal of 100 columns."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100", **changed}


def allocator(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m allocator` in a process of its own; `before` runs in the child first."""
    return subprocess.run(
        [sys.executable, "-m", "allocator", *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=before,
    )


def contents(folder: Path) -> dict[str, str]:
    """Every file, folder and link below a folder, with a digest of its bytes."""
    return {str(path.relative_to(folder)): _digest(path) for path in sorted(folder.rglob("*"))}


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
