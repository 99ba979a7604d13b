"""`allocator value-of-tree`: what planning on the tree is worth, and what knowing the future would be."""

from __future__ import annotations

import math
from collections.abc import Iterator

import click

from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.solve import LARGEST_SEED
from allocator.cli.text import counted, money, percent, printable, table
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.inputs import with_hours
from allocator.pipeline.method import DEFAULTS, LARGEST_GAP, SolveRequest, check_request
from allocator.pipeline.progress import ignore
from allocator.scenario.load import load_scenario
from allocator.studies.value_of_tree import Range, ValueOfTree, value_of_tree

MOST_PATHS = 60


@click.command("value-of-tree")
@click.argument("scenario")
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap of each solve; both figures are known no better.",
)
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds of each of the solves.")
@click.option(
    "--most-paths",
    type=click.IntRange(2),
    default=MOST_PATHS,
    show_default=True,
    help="Of more paths than these some are drawn for the value of knowing.",
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=1, show_default=True, help="Of the draw.")
@click.option("--hours", metavar="full|DAYS", help="As of allocator solve.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    scenario: str, gap: float, time_limit: float | None, most_paths: int, seed: int, hours: str | None, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO on its tree, with the first decisions of its mean path, and with every path known; print what the
    tree is worth (VSS) and what knowing the future would be (EVPI), as intervals that the gaps allow.

    Exit status: 0 printed, 2 bad input, 3 infeasible, 4 no plan found in time.
    """
    request = SolveRequest(relative_gap=gap, time_limit_s=time_limit)
    check_request(request)
    loaded = with_hours(load_scenario(scenario), hours)
    found = value_of_tree(loaded, request, most_paths, seed, ignore if quiet else ProgressLines())
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "scenario": loaded.scenario.name, "value_of_tree": found})
    else:
        click.echo("\n".join(_page(loaded.scenario.name, found)))
    return ExitCode.WITHIN_GAP


def _page(name: str, found: ValueOfTree) -> Iterator[str]:
    yield f"{printable(name)}: {counted(found.nodes, 'node')}, {counted(found.leaves, 'path')}"
    yield ""
    known = ["-", "-"] if found.known is None else _range(found.known)
    of_mean = ["no plan", "no plan"] if found.first_of_mean is None else _range(found.first_of_mean)
    yield from table(
        ["expected value, the price of broken limits deducted", "best plan found", "no plan beats"],
        [
            ["on the tree", *_range(found.tree)],
            ["on the tree, first decisions of the mean path", *of_mean],
            ["with every path known from the start", *known],
        ],
        right=[1, 2],
    )
    yield ""
    yield from table(
        ["what it is worth", "at least", "at most"],
        [
            ["to plan on the tree and not on its mean path (VSS)", *_range(found.vss)],
            ["to know the future (EVPI)", *_range(found.evpi)],
        ],
        right=[1, 2],
    )
    yield from _notes(found)


def _notes(found: ValueOfTree) -> Iterator[str]:
    if found.first_of_mean is None:
        yield "The first decisions of the mean path leave no plan on the tree: a limit breaks on some path."
    if found.known is None:
        yield f"EVPI from {found.paths:,} distinct drawn paths; its ends include the 95 % interval of the draw."
    if found.weight_left_out:
        yield f"Expected values: the weight of {percent(found.weight_left_out)} on the worst paths is left out."


def _range(found: Range) -> list[str]:
    return [money(found.low), money(found.high) if math.isfinite(found.high) else "no bound"]
