"""The figures of a plan as pictures in a folder."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.cooling import cooling_of
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.pipeline.solve import compiled, plan_in, scenario_in
from allocator.plan.files import written_whole
from allocator.reports.canvas import PicturesMissingError
from allocator.reports.catalogue import sections
from allocator.reports.pictures.files import pictures


def write_pictures(folder: Path, out: Path, kind: str) -> None:
    """Write each figure of the plan in `folder` into the folder `out`, as png or svg, each file whole.

    Raises:
        BadInputError: no plan is there, or the library that draws is missing. WriteError: a file cannot be written.
    """
    plan = plan_in(folder)
    loaded = scenario_in(folder, plan.meta)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, drawn in pictures(sections(plan, tuple(cooling_of(loaded, compiled(loaded)))), kind):
            with written_whole(out / name) as beside:
                beside.write_bytes(drawn)
    except PicturesMissingError as error:
        raise BadInputError(str(error)) from error
    except OSError as error:
        raise WriteError(f"{out} cannot be written", [error.strerror or str(error)]) from error
