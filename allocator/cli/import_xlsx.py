"""`allocator import-xlsx`: contracts, fleets, loans and price paths from a workbook into a scenario file."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.template_xlsx import NEEDS
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode, WriteError
from allocator.plan.files import written_whole
from allocator.scenario.load import load_scenario
from allocator.scenario.sheets.merge import merged
from allocator.scenario.sheets.read import read_filled


@click.command()
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="Scenario folder or file to change.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(workbook: Path, into: Path, as_json: bool) -> int:
    """Put the contracts, fleets, loans and price paths of WORKBOOK, a filled-in template, into a scenario.

    A sheet with rows replaces its section; one that is missing or empty leaves it as it is. Every fault is told at
    once with its sheet and cell, and then nothing is written.

    Exit status: 0 written or nothing to change, 2 faults, 1 the file cannot be written.
    """
    if not into.exists():
        raise BadInputError(f"{into}: no such file or folder", ["name the folder or file of a scenario of yours"])
    loaded = load_scenario(into)
    try:
        found = merged(loaded, read_filled(workbook))
    except ModuleNotFoundError as error:
        raise BadInputError(NEEDS) from error
    target = loaded.folder / loaded.file_name
    if found.changed:
        try:
            with written_whole(target) as beside:
                beside.write_text(found.text, encoding="utf-8")
        except OSError as error:
            raise WriteError(f"{target} cannot be written", [error.strerror or str(error)]) from error
    if as_json:
        kept = {"changed": found.changed, "keeps_comments": found.keeps_comments}
        print_json({"exit_code": ExitCode.WITHIN_GAP, "file": target, **kept})
    else:
        click.echo(printable(_told(target, found.changed, found.keeps_comments)))
    return ExitCode.WITHIN_GAP


def _told(target: Path, changed: tuple[str, ...], keeps_comments: bool) -> str:
    if not changed:
        return f"{target}: nothing to change"
    lost = "" if keeps_comments else "; its comments could not be kept"
    return f"{target}: {', '.join(changed)} changed{lost}"
