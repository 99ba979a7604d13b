"""`allocator frontier`: expected value against the mean of the worst paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.text import money, percent, printable, table
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.inputs import with_hours
from allocator.pipeline.method import DEFAULTS, LARGEST_GAP, SolveRequest, check_request
from allocator.pipeline.progress import ignore
from allocator.scenario.load import load_scenario
from allocator.studies.decision_tree import actions
from allocator.studies.frontier import Point, frontier

WEIGHTS = "0,0.25,0.5,0.75,0.95"
LEVEL = 0.9


@click.command()
@click.argument("scenario")
@click.option("--weights", default=WEIGHTS, show_default=True, help="Weights of the worst paths, from 0 to below 1.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The worst 1 - level of all paths count; the scenario's own, or 0.9.",
)
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
    scenario: str, weights: str, level: float | None, gap: float, time_limit: float | None, hours: str | None,
    as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO at several weights of its worst paths, and print what each gives up for what.

    Exit status: 0 printed, 2 bad input, 3 infeasible, 4 no plan.
    """
    request = SolveRequest(relative_gap=gap, time_limit_s=time_limit)
    check_request(request)
    asked, loaded = _weights(weights), with_hours(load_scenario(scenario), hours)
    risk = loaded.scenario.risk
    level = level or (LEVEL if risk is None else risk.tail_level)
    points = frontier(loaded, asked, level, request, ignore if quiet else ProgressLines())
    if as_json:
        rows = [_row(point) for point in points]
        head = {"exit_code": ExitCode.WITHIN_GAP, "scenario": loaded.scenario.name, "tail_level": level}
        print_json({**head, "points": rows})
    else:
        click.echo("\n".join(_page(loaded.scenario.name, level, points)))
    return ExitCode.WITHIN_GAP


def _weights(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(0.0 <= weight < 1.0 for weight in found):
        raise BadInputError(f"--weights {text!r}: expected numbers from 0 to below 1, with commas, such as {WEIGHTS}")
    return found


def _row(point: Point) -> dict[str, object]:
    return {
        "tail_weight": point.weight,
        "expected_usd": point.best.expected_usd,
        "mean_of_worst_usd": point.best.worst_usd,
        "penalty_usd": point.best.penalty_usd,
        "bound_usd": point.bound_usd,
        "relative_gap": point.relative_gap,
        "decided_at_once": _at_once(point),
    }


def _at_once(point: Point) -> Sequence[str]:
    """What is decided at the root."""
    tables = point.best.plan.tables
    return list(actions(tables).get(str(tables["nodes"]["node"].iloc[0]), ()))


def _page(name: str, level: float, points: Sequence[Point]) -> Iterator[str]:
    yield printable(f"{name}: expected value against the mean of the worst {percent(1.0 - level)} of all paths")
    yield ""
    rows = [
        [
            f"{point.weight:g}",
            money(point.best.expected_usd),
            money(point.best.worst_usd),
            percent(point.relative_gap),
            "; ".join(_at_once(point)) or "nothing",
        ]
        for point in points
    ]
    yield from table(
        ["weight", "expected", "mean of the worst", "gap", "decided at once"], rows, [0, 1, 2, 3], wrapped=4
    )
    if any(point.best.penalty_usd for point in points):
        yield "Some of these plans break a limit at a price, which stands outside both columns."
