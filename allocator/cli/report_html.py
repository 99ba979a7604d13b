"""The web page of a plan or of a study."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.report_folder import report_in
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.plan.files import written_whole
from allocator.reports.web.page import WebPageMissingError, html_page


def write(folder: Path, out: Path) -> None:
    """Write the page of the plan or study in `folder` to `out`, whole or not at all.

    Raises:
        BadInputError: nothing of that kind is there, or the library that fills templates is missing.
        WriteError: `out` cannot be written.
    """
    try:
        page = html_page(report_in(folder))
        with written_whole(out) as beside:
            beside.write_text(page, encoding="utf-8")
    except WebPageMissingError as error:
        raise BadInputError(str(error)) from error
    except OSError as error:
        raise WriteError(f"{out} cannot be written", [error.strerror or str(error)]) from error
