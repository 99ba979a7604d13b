"""`allocator show`: a finished plan on one screen: how megawatts, cash and Bitcoin move, and what it decides."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.page import page
from allocator.cli.spark import drawable, sparkline
from allocator.cli.text import line_width, money, printable, table
from allocator.pipeline.solve import plan_in
from allocator.plan.plan import Plan
from allocator.plan.summary import summarise
from allocator.reports.figure import Figure, Series
from allocator.reports.money import cash
from allocator.reports.power import mw_by_use
from allocator.reports.treasury import bitcoin
from allocator.reports.words import written

SHOWN = {"cash": ("expected cash",), "bitcoin": ("pledged", "held free", "sold from holdings")}
"""Series of figures other than of power that have a row."""
AROUND = 64
"""Columns that stand beside the bars."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="The whole page that `allocator solve` prints, after it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, full: bool, as_json: bool) -> int:
    """Print how megawatts by use, cash and Bitcoin of the plan in FOLDER move over its periods.

    Exit status: 0 printed, 2 FOLDER is no plan.
    """
    plan = plan_in(folder)
    figures = [figure for figure in (mw_by_use(plan), cash(plan), bitcoin(plan)) if figure is not None]
    if as_json:
        print_json({"scenario": plan.meta.scenario, "objective_usd": plan.meta.objective_usd, "figures": figures})
        return 0
    click.echo("\n".join(_lines(plan, figures)))
    if full:
        click.echo("\n" + page(summarise(plan)), nl=False)
    return 0


def _lines(plan: Plan, figures: Sequence[Figure]) -> Iterator[str]:
    """What the plan is worth, and a row of bars for each series."""
    meta, heights, width = plan.meta, drawable(), max(8, line_width() - AROUND)
    yield f"{printable(meta.scenario)}: net present value {money(meta.objective_usd)}"
    x = figures[0].x
    said = f"{len(x)} periods from {x[0]} to {x[-1]}, expected; bars stand between the least and the most of their row"
    yield from textwrap.wrap(said + (", each for several periods" if len(x) > width else ""), line_width())
    yield ""
    rows = [
        _row(figure, series, heights, width)
        for figure in figures
        for series in figure.series
        if _is_shown(figure, series)
    ]
    yield from table(["", "over time", "first", "last", "least", "most"], rows, right=(2, 3, 4, 5))


def _is_shown(figure: Figure, series: Series) -> bool:
    names = SHOWN.get(figure.key)
    return series.role == "amount" if names is None else series.name in names


def _row(figure: Figure, series: Series, heights: str, width: int) -> list[str]:
    known = [value for value in series.numbers if value is not None]
    ends = (known[0], known[-1], min(known), max(known))
    unit = "" if figure.unit == "USD" else f", {figure.unit}"
    bars = sparkline(_fitted(series.numbers, width), heights)
    return [f"{series.name}{unit}", bars, *(_plain(written(value, figure.unit)) for value in ends)]


def _plain(number: str) -> str:
    """A number for a terminal: it breaks no line inside a cell, and some cannot encode more than ASCII."""
    return number.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")


def _fitted(values: Sequence[float | None], width: int) -> list[float | None]:
    """Values in at most `width` places, each the average of the same number of neighbours."""
    step = -(-len(values) // width)
    groups = [[v for v in values[at : at + step] if v is not None] for at in range(0, len(values), step)]
    return [math.fsum(group) / len(group) if group else None for group in groups]
