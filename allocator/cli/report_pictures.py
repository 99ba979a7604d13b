"""The figures of a plan or a study as pictures in a folder."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.report_folder import report_in
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.plan.files import written_whole
from allocator.reports.canvas import PicturesMissingError
from allocator.reports.pictures.files import pictures


def write_pictures(folder: Path, out: Path, kind: str) -> None:
    """Write each figure of the plan or study in `folder` into the folder `out`, as png or svg, each file whole.

    Raises:
        BadInputError: nothing of that kind is there, or the library that draws is missing. WriteError: a file cannot
            be written.
    """
    sections = report_in(folder).sections
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, drawn in pictures(sections, kind):
            with written_whole(out / name) as beside:
                beside.write_bytes(drawn)
    except PicturesMissingError as error:
        raise BadInputError(str(error)) from error
    except OSError as error:
        raise WriteError(f"{out} cannot be written", [error.strerror or str(error)]) from error
