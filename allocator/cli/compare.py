"""`allocator compare`: plans side by side, the difference from the first, and what it comes from."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.compare_page import page
from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.settings import parsed, set_option
from allocator.cli.text import printable
from allocator.pipeline.baselines import BASELINES
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.method import DEFAULTS, LARGEST_GAP, SolveRequest, check_request
from allocator.pipeline.progress import ignore
from allocator.studies.compare import compare, head, write
from allocator.studies.compared import asked, led_by
from allocator.studies.study_files import check_home


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the tables and solved plans.")
@click.option("--variant", "variants", multiple=True, metavar="NAME", help="One of its variants; all where not said.")
@click.option(
    "--baseline",
    "rules",
    type=click.Choice(list(BASELINES)),
    multiple=True,
    help="A plan of a simple rule for the first source; may stand again.",
)
@click.option("--first", metavar="LABEL", help="Column the others are measured against; the first where not said.")
@set_option
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap of each solve.",
)
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds of each solve.")
@click.option("--hours", metavar="full|DAYS", help="As of allocator solve.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No page and no progress; faults and --json are still printed.")
def command(
    sources: tuple[str, ...], out: Path, variants: tuple[str, ...], rules: tuple[str, ...], settings: tuple[str, ...],
    first: str | None, gap: float, time_limit: float | None, hours: str | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Set SOURCES side by side: plan folders, scenarios, or one scenario with its variants.

    The first is what the others are measured against. Plans that must be solved are kept under --out and used again
    while their inputs stay the same. Tables: figures and bridge, as Parquet and CSV, and comparison.json.

    Exit status: 0 compared, 2 bad input, 3 no plan but one, 4 no plan found in time, 6 verification failed.
    """
    request = SolveRequest(relative_gap=gap, time_limit_s=time_limit, hours=hours)
    check_request(request)
    check_home(out)
    columns = led_by(first, asked(sources, variants, parsed(settings), rules))
    found = compare(columns, out, request, ignore if quiet else ProgressLines(), ignore_label if quiet else _announce)
    write(found, out)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "folder": out, **head(found)})
    elif not quiet:
        click.echo("\n".join([*page(found), "", printable(f"tables and plans: {out}")]))
    return ExitCode.WITHIN_GAP


def ignore_label(label: str, is_solved: bool) -> None:
    """Say nothing."""


def _announce(label: str, is_solved: bool) -> None:
    click.echo(
        printable(f"{label}: {'solving' if is_solved else 'its plan is read, its inputs are the same'}"), err=True
    )
