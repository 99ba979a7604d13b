"""Names made of content: of a folder with all its files, and of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path


class ContentError(ValueError):
    """A folder that holds what has no content of its own, such as a link."""


def content_hash(folder: Path, left_out: Collection[str] = ()) -> str:
    """sha256 over the relative path and the bytes of every file of a folder, but for those `left_out` at its top.

    Raises:
        ContentError: it holds a link, a socket or the like. OSError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for name, file in sorted(_files(folder, folder)):
        if name not in left_out:
            digest.update(f"{len(name.encode())}:{name}:".encode() + bytes.fromhex(file_hash(file)))
    return digest.hexdigest()


def file_hash(file: Path) -> str:
    """sha256 of the bytes of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(folder: Path, root: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.iterdir():
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ContentError(f"{path.relative_to(root)} is neither a file nor a folder")
        if path.is_dir():
            yield from _files(path, root)
        else:
            yield path.relative_to(root).as_posix(), path
