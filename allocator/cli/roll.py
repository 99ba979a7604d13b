"""`allocator roll`: the scenario of a plan as it stands at the start of a later month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.roll.at_node import at_month
from allocator.roll.came import Came
from allocator.roll.edits import Gone
from allocator.roll.grid import Grid
from allocator.roll.prices import prices_in
from allocator.roll.roll import Asked, Rolled, roll
from allocator.scenario.load import load_scenario
from allocator.scenario.months import Month
from allocator.scenario.places import path_text, shown


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--to", "to", required=True, metavar="YYYY-MM", help="Month in which the new scenario starts.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New or empty folder for the scenario.")
@click.option("--scenario", help="Scenario whose figures are taken instead of those inside the plan.")
@click.option("--months", type=click.IntRange(1, 600), help="Length of the new horizon; it ends when it did.")
@click.option("--anew", is_flag=True, help="Short periods and branchings begin anew, as many as the scenario has.")
@click.option("--future", default="", metavar="NAME", help="Node or future that has come, where several may have.")
@click.option("--nearly", is_flag=True, help="Carry what cannot be carried exactly as well as it goes, and say so.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(
    plan: Path, to: str, out: Path, scenario: str | None, months: int | None, anew: bool, future: str, nearly: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Write the scenario of the plan in PLAN as it stands at the start of a later month: what was decided before is
    its opening state, and lists, growth and prices go on from there.

    Exit status: 0 written, 2 something cannot be carried, or an argument is wrong.
    """
    fresh = None if scenario is None else load_scenario(scenario)
    month = _month(to)
    came = Came(future, {} if fresh is None or future else prices_in(fresh, month))
    asked = Asked(months, Grid.ANEW if anew else Grid.LEFT, nearly)
    rolled = roll(at_month(plan, month, came), out, fresh, asked)
    if as_json:
        print_json(
            {"exit_code": ExitCode.WITHIN_GAP, "folder": str(out), "edits": _machine(rolled), "nearly": rolled.nearly}
        )
    else:
        click.echo("\n".join(_page(rolled, out)))
    return ExitCode.WITHIN_GAP


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise BadInputError(f"--to {text}: not {error}") from error


def _page(rolled: Rolled, out: Path) -> Iterator[str]:
    yield f"{printable(rolled.loaded.scenario.name)} starts in {rolled.loaded.scenario.horizon.start}, in {out}"
    for edit in rolled.edits:
        value = "taken out" if edit.value is Gone.OUT else shown(edit.value)
        yield f"  {path_text(edit.path)}: {value}  ({edit.why})"
    for words in rolled.nearly:
        yield f"  not exact: {printable(words)}"


def _machine(rolled: Rolled) -> list[dict[str, object]]:
    return [
        {
            "path": path_text(edit.path),
            "value": None if edit.value is Gone.OUT else edit.value,
            "taken_out": edit.value is Gone.OUT,
            "why": edit.why,
        }
        for edit in rolled.edits
    ]
