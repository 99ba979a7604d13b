"""`allocator template-xlsx`: a workbook to fill in, empty or with what a scenario says."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode, WriteError
from allocator.plan.files import written_whole
from allocator.scenario.load import load_scenario
from allocator.scenario.sheets.template import write_template

NEEDS = 'workbooks need the extra `reports`: pip install "dc-workload-allocator[reports]"'


@click.command()
@click.argument("scenario", required=False)
@click.option("--empty", is_flag=True, help="Headings and choices alone, without a scenario.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Workbook to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(scenario: str | None, empty: bool, out: Path, as_json: bool) -> int:
    """Write a workbook with the contracts, fleets, loans and price paths of SCENARIO, to change and read back.

    `allocator import-xlsx` reads it back. Units stand in the headings, choices in the cells; a column is for notes.

    Exit status: 0 written, 2 SCENARIO has faults, 1 the file cannot be written.
    """
    if (scenario is None) != empty:
        raise BadInputError("a template is of a scenario, or empty", ["name a SCENARIO, or write --empty"])
    document = {} if scenario is None else load_scenario(scenario).yaml.data
    try:
        with written_whole(out) as beside:
            write_template(document, beside)
    except ModuleNotFoundError as error:
        raise BadInputError(NEEDS) from error
    except OSError as error:
        raise WriteError(f"{out} cannot be written", [error.strerror or str(error)]) from error
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "file": out})
    else:
        click.echo(printable(f"wrote {out}; fill it in, then: allocator import-xlsx {out} --into SCENARIO"))
    return ExitCode.WITHIN_GAP
