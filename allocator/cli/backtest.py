"""`allocator backtest`: nights of the past run again with what was known then, beside rules and perfect foresight."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from allocator.cli.backtest_page import page
from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.settings import changed, settings_options
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.method import DEFAULTS, LARGEST_GAP, SolveRequest
from allocator.scenario.load import load_scenario
from allocator.studies.backtest.study import BacktestRequest, backtest
from allocator.week.plan import plan_week

MOST_LAG_H = 24
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("scenario")
@settings_options
@click.option("--from", "first", type=DAY, required=True, help="First day, YYYY-MM-DD, within the horizon.")
@click.option("--to", "last", type=DAY, required=True, help="Last day, included.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the backtest, new or to be continued."
)
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="Folder of a plan of the scenario, whose halls, machines and tenants stand throughout; solved where not said.",
)
@click.option(
    "--replan",
    type=click.Choice(["monthly"]),
    help="Make a plan anew at the start of every period (monthly ones), from what was known then, instead of one plan.",
)
@click.option(
    "--lag",
    type=click.IntRange(0, MOST_LAG_H),
    default=0,
    show_default=True,
    help="Hours with which machines follow prices: 0 within the hour, 1 by the price of the hour before.",
)
@click.option(
    "--strike", type=float, help="Replay one more rule: all miners by this strike price, USD/MWh at the meter."
)
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap of the plan, where it is solved.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No page and no progress.")
def command(
    scenario: str, variant: str | None, settings: tuple[str, ...], first: datetime, last: datetime, out: Path,
    plan: Path | None, replan: str | None, lag: int, strike: float | None, gap: float, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Replay the nightly run of SCENARIO over days of the past, and say what it would have earned.

    Prices of the scenario are files of what happened. The same command goes on where an earlier run was stopped.

    Exit status: 0 replayed, 2 bad input, 3 and 4 no plan.
    """
    if plan is not None and replan is not None:
        raise BadInputError("--plan and --replan exclude each other", ["one plan throughout, or a plan a month"])
    solve = SolveRequest(relative_gap=gap, explains=False)
    request = BacktestRequest(_day(first), _day(last), lag, strike, plan, solve, replan is not None)
    loaded = changed(load_scenario(scenario), variant, settings)
    if quiet:
        found = backtest(loaded, request, out, plan_week)
    else:
        found = backtest(loaded, request, out, plan_week, ProgressLines(), NightLines())
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "folder": out, **found.head})
    elif not quiet:
        click.echo("\n".join(page(found.head, found.tables, out)))
    return ExitCode.WITHIN_GAP


def _day(moment: datetime) -> date:
    return moment.date()


@dataclass
class NightLines:
    """Prints how far the nights of a site are, at most every `every_s` seconds, and when they end."""

    every_s: float = 1.0 if sys.stderr.isatty() else 10.0
    _last: float = 0.0

    def __call__(self, site: str, done: int, whole: int) -> None:
        """Show the state."""
        if time.monotonic() - self._last < self.every_s and done < whole:
            return
        self._last = time.monotonic()
        click.echo(f"  {site}: {done:,} of {whole:,} nights", err=True)
