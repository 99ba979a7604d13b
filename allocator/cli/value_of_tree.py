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
    values = [
        ["on the tree", *_range(found.tree)],
        ["on the tree, first decisions of the mean path", *_plan(found.first_of_mean)],
        ["with every path known from the start", *_known(found.known)],
    ]
    worth = [
        ["to plan on the tree and not on its mean path (VSS)", *_range(found.vss)],
        ["to know the future (EVPI)", *_range(found.evpi)],
    ]
    if found.vss_with_trades is not None:
        values.insert(2, ["the same, and its first trades of Bitcoin", *_plan(found.first_trades_of_mean)])
        worth.insert(1, ["the same, first trades of Bitcoin included", *_range(found.vss_with_trades)])
    if found.evpi_trading is not None:
        values.append(["the same, Bitcoin traded on known prices", *_known(found.known_trading)])
        worth.append(["the same, with bets on known prices of Bitcoin", *_range(found.evpi_trading)])
    yield from table([_what(found), "best plan found", "no plan beats"], values, right=[1, 2])
    yield ""
    yield from table(["what it is worth", "at least", "at most"], worth, right=[1, 2])
    yield from _notes(found)


def _what(found: ValueOfTree) -> str:
    if not found.tail_weight:
        return "expected value, the price of broken limits deducted"
    return (
        f"value with {percent(found.tail_weight)} of the weight on the worst paths, the price of broken limits deducted"
    )


def _notes(found: ValueOfTree) -> Iterator[str]:
    if found.first_of_mean is None:
        yield "The first decisions of the mean path leave no plan on the tree: a limit breaks on some path."
    if found.vss_with_trades is not None and found.first_of_mean is not None and found.first_trades_of_mean is None:
        yield "The first trades of the mean path leave no plan on the tree: a limit breaks on some path."
    if found.evpi_trading is not None:
        yield "On known paths Bitcoin is kept, sold and bought as the plan on the tree does, but in the last row,"
        yield "which no plan can have: it is an upper bound of what knowing prices adds."
    if found.known is None:
        yield f"EVPI from {found.paths:,} distinct drawn paths; its ends include the 95 % interval of the draw."
        if found.tail_weight:
            yield "With a weight on the worst paths a draw bounds it from above only."


def _plan(found: Range | None) -> list[str]:
    return ["no plan", "no plan"] if found is None else _range(found)


def _known(found: Range | None) -> list[str]:
    return ["-", "-"] if found is None else _range(found)


def _range(found: Range) -> list[str]:
    return [money(found.low), money(found.high) if math.isfinite(found.high) else "no bound"]
