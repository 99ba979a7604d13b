"""A disk that is full: from some write on, or for files beyond some size."""

from __future__ import annotations

import errno
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class _Disk:
    """What is written below `home` once `left` writes went well fails; None: nothing does. `sites`: what was met."""

    home: str | None = None
    left: int | None = None
    sites: int = 0

    def meet(self, event: str, args: tuple[Any, ...]) -> None:
        if self.home is None or not self._writes(event, args):
            return
        self.sites += 1
        if self.left is not None and self.sites > self.left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    def _writes(self, event: str, args: tuple[Any, ...]) -> bool:
        if event == "open":
            return isinstance(args[0], str) and args[0].startswith(str(self.home)) and bool(args[2] & WRITES)
        if event in ("os.mkdir", "os.rename", "os.symlink"):
            return str(args[1 if event == "os.symlink" else 0]).startswith(str(self.home))
        return False


_DISK = _Disk()
sys.addaudithook(lambda event, args: _DISK.meet(event, args))
"""Hooks of this kind stay for good; this one does nothing unless a test says so."""


@contextmanager
def full_from(home: Path, left: int | None) -> Iterator[_Disk]:
    """Below `home`, `left` writes go well and all after them fail; None: all go well, and are counted."""
    _DISK.home, _DISK.left, _DISK.sites = str(home), left, 0
    try:
        yield _DISK
    finally:
        _DISK.home = None


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
