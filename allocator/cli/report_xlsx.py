"""The workbook of a plan folder."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.assumptions import assumptions
from allocator.cli.report_folder import BACKTEST_JSON, COMPARISON_JSON, FRONTIER_JSON, SWEEP_JSON
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.pipeline.solve import plan_in, scenario_in
from allocator.plan.files import written_whole
from allocator.reports.workbook.book import WorkbookMissingError
from allocator.reports.workbook.write import write_workbook

STUDIES = (COMPARISON_JSON, SWEEP_JSON, FRONTIER_JSON, BACKTEST_JSON)
"""Files of which one stands in the folder of a study."""


def write(folder: Path, out: Path) -> None:
    """Write the workbook of the plan in `folder` to `out`, whole or not at all.

    Raises:
        BadInputError: no plan is there, or the library that writes workbooks is missing. WriteError: `out` cannot be
            written.
    """
    for study in STUDIES:
        if (folder / study).is_file():
            raise BadInputError(
                f"{folder} is a study, and workbooks are of plans: add --format html, png or svg",
                ["its tables are the CSV files of the folder, its plans the folders in `plans`"],
            )
    plan = plan_in(folder)
    found = assumptions(scenario_in(folder, plan.meta))
    try:
        with written_whole(out) as beside:
            write_workbook(plan, found, beside)
    except WorkbookMissingError as error:
        raise BadInputError(str(error)) from error
    except OSError as error:
        raise WriteError(f"{out} cannot be written", [error.strerror or str(error)]) from error
