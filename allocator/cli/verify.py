"""`allocator verify`: derive every rule and every dollar of a plan again."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import counted, printable
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.solve import verify_folder
from allocator.verify import VerificationReport

MOST_SHOWN = 50


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="Print nothing but violations.")
def command(folder: Path, as_json: bool, quiet: bool) -> int:
    """Verify the plan in FOLDER from its tables and the scenario inside it, with nothing of what made it.

    Exit status: 0 every rule holds, 6 some do not, 2 FOLDER is no plan.
    """
    report = verify_folder(folder)
    code = ExitCode.WITHIN_GAP if report.passed else ExitCode.NOT_VERIFIED
    if as_json:
        facts = {"violations": report.violations, "checked": report.checked}
        print_json({"exit_code": code, "passed": report.passed, **facts})
        return code
    _print_violations(report)
    if not quiet:
        click.echo(_verdict(report))
    return code


def _print_violations(report: VerificationReport) -> None:
    for violation in report.violations[:MOST_SHOWN]:
        click.echo(printable(str(violation)), err=True)
    if len(report.violations) > MOST_SHOWN:
        click.echo(f"... and {len(report.violations) - MOST_SHOWN:,} more; --json lists all", err=True)


def _verdict(report: VerificationReport) -> str:
    rules = sum(number > 0 for number in report.checked.values())
    facts = counted(sum(report.checked.values()), "fact")
    verdict = "every one holds" if report.passed else counted(len(report.violations), "violation")
    return f"{facts} under {counted(rules, 'rule')} derived again: {verdict}"
