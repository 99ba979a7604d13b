"""`allocator frontier`: expected value against the mean of the worst paths, or against LTV headroom."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.frontier_page import AGAINST, View, draw, page
from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.text import percent, printable
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.inputs import with_hours
from allocator.pipeline.method import DEFAULTS, LARGEST_GAP, SolveRequest, check_request
from allocator.pipeline.progress import ignore
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.studies.frontier import headroom, worst_paths
from allocator.studies.frontier.files import rows, write
from allocator.studies.frontier.points import Solves
from allocator.studies.study_files import check_home

WEIGHTS, HEADROOMS = "0,0.25,0.5,0.75,0.95", "0,0.05,0.1,0.15,0.2"
LEVEL = 0.9


@click.command()
@click.argument("scenario")
@click.option(
    "--against",
    type=click.Choice(list(AGAINST)),
    default="worst_paths",
    show_default=True,
    help="What value is given up for: a better mean of the worst paths, or more LTV headroom.",
)
@click.option("--weights", default=WEIGHTS, show_default=True, help="Weights of the worst paths, from 0 to below 1.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The worst 1 - level of all paths count; the scenario's own, or 0.9.",
)
@click.option(
    "--headrooms",
    default=HEADROOMS,
    show_default=True,
    help="Least headrooms below the call level before acting, shares of the collateral's value.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the table, a picture and every plan.")
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
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    scenario: str, against: str, weights: str, level: float | None, headrooms: str, out: Path | None, gap: float,
    time_limit: float | None, hours: str | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO again and again, each time more cautiously, and print what each gives up for what.

    Exit status: 0 printed, 2 bad input, 3 infeasible, 4 no plan.
    """
    request = SolveRequest(relative_gap=gap, time_limit_s=time_limit)
    check_request(request)
    asked = _numbers("--weights", weights, WEIGHTS), _numbers("--headrooms", headrooms, HEADROOMS)
    if out is not None:
        check_home(out)
    loaded = with_hours(load_scenario(scenario), hours)
    view = _solved(loaded, against, asked, level, Solves(request, out, ignore if quiet else ProgressLines()))
    head = {
        "exit_code": ExitCode.WITHIN_GAP,
        "scenario": loaded.scenario.name,
        "input_hash": loaded.input_hash,
        **view.head,
    }
    if out is not None:
        write(view.found, view.measure, out, head)
    drawn = "" if out is None else draw(view, out)
    if as_json:
        print_json({**head, "points": rows(view.found, view.measure)})
    else:
        click.echo("\n".join(page(view)))
        if out is not None:
            click.echo(f"\n{printable(f'table and plans: {out}')}\n{printable(drawn)}")
    return ExitCode.WITHIN_GAP


def _solved(
    loaded: LoadedScenario, against: str, asked: tuple[list[float], list[float]], level: float | None, solves: Solves
) -> View:
    name, (weights, headrooms) = loaded.scenario.name, asked
    if against == "ltv_headroom":
        return View(name, against, "", {"against": against}, headroom.frontier(loaded, headrooms, solves))
    risk = loaded.scenario.risk
    level = level or (LEVEL if risk is None else risk.tail_level)
    found = worst_paths.frontier(loaded, weights, level, solves)
    return View(name, against, percent(1.0 - level), {"against": against, "tail_level": level}, found)


def _numbers(option: str, text: str, example: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(0.0 <= number < 1.0 for number in found):
        raise BadInputError(f"{option} {text!r}: expected numbers from 0 to below 1, with commas, such as {example}")
    return found
