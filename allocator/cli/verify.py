"""`allocator verify`: derive every rule and every dollar of a plan again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.failures import tell_failure
from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode, PipelineError
from allocator.pipeline.solve import verify_folder
from allocator.verify import VerificationReport

MOST_SHOWN = 50


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, as_json: bool) -> int:
    """Verify the plan in FOLDER from its tables and the scenario inside it, with nothing of what made it.

    Exit status: 0 every rule holds, 6 some do not, 2 FOLDER is no plan.
    """
    try:
        report = verify_folder(folder)
    except PipelineError as error:
        return tell_failure(error, as_json)
    if as_json:
        violations = [asdict(violation) for violation in report.violations]
        click.echo(json.dumps({"passed": report.passed, "violations": violations, "checked": dict(report.checked)}))
    else:
        _print(report)
    return ExitCode.WITHIN_GAP if report.passed else ExitCode.NOT_VERIFIED


def _print(report: VerificationReport) -> None:
    for violation in report.violations[:MOST_SHOWN]:
        click.echo(printable(str(violation)), err=True)
    if len(report.violations) > MOST_SHOWN:
        click.echo(f"... and {len(report.violations) - MOST_SHOWN} more", err=True)
    rules = sum(count > 0 for count in report.checked.values())
    facts = sum(report.checked.values())
    verdict = "every one holds" if report.passed else f"{len(report.violations)} violations"
    click.echo(f"{facts:,} facts under {rules} rules derived again: {verdict}")
