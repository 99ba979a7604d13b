"""The starter scenario that `allocator init` writes: small, commented, and solvable as it stands."""

from __future__ import annotations

import errno
import json
import tempfile
from importlib.resources import files
from pathlib import Path

from allocator.scenario.json_schema import json_schema

FILES = ("scenario.yaml", "prices.csv", "ambient.csv")
SCHEMA_FILE = "scenario.schema.json"


def write_starter(folder: str | Path) -> None:
    """Write the starter and its JSON Schema into `folder`, which must be new or empty.

    All files appear at once, or none.

    Raises:
        FileExistsError: the folder holds something already.
        OSError: it cannot be written.
    """
    target = Path(folder)
    if target.is_dir() and any(target.iterdir()):
        raise FileExistsError(errno.EEXIST, "folder is not empty", str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        draft = Path(scratch) / "starter"
        draft.mkdir()
        for name in FILES:
            (draft / name).write_bytes((files(__name__) / name).read_bytes())
        schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
        (draft / SCHEMA_FILE).write_text(schema + "\n", encoding="utf-8")
        draft.replace(target)
