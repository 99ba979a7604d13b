"""The figures of a plan as PNG pictures."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.report_pictures import write_pictures


def write(folder: Path, out: Path) -> None:
    """Write the figures of the plan in `folder` into the folder `out`; errors are those of `write_pictures`."""
    write_pictures(folder, out, "png")
