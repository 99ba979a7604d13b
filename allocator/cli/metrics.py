"""`allocator metrics`: EBITDA, free cash flow, rate of return, payback and yield on cost of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import money, percent, table
from allocator.pipeline.solve import plan_in
from allocator.plan.meta import PlanMeta
from allocator.plan.metrics import Metrics, YearFigures, metrics


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, as_json: bool) -> int:
    """Print what finance asks of the plan in FOLDER: expected, undiscounted USD unless said otherwise.

    Exit status: 0 printed, 2 FOLDER is no plan.
    """
    plan = plan_in(folder)
    found = metrics(plan.tables)
    if as_json:
        print_json({"scenario": plan.meta.scenario, "objective_usd": plan.meta.objective_usd, "metrics": found})
    else:
        click.echo("\n".join(_page(plan.meta, found)))
    return 0


def _page(meta: PlanMeta, found: Metrics) -> Iterator[str]:
    yield f"net present value {money(meta.objective_usd)}, {money(meta.without_terminal_usd)} of it within the horizon"
    rate = f"{percent(found.irr_per_year)} a year" if found.irr_per_year is not None else f"none: {found.irr_note}"
    yield f"internal rate of return, what lies beyond the horizon included: {rate}"
    back = f"{found.payback_months} months" if found.payback_months is not None else f"none: {found.payback_note}"
    yield f"payback: {back}"
    yield ""
    head = [
        "year",
        "revenue",
        "EBITDA",
        "margin",
        "capex",
        "machines sold",
        "free cash flow",
        "rent",
        "NOI",
        "NOI margin",
    ]
    yield from table(head, [_year(line) for line in found.years], right=range(1, len(head)))
    if found.yields:
        yield ""
        rows = [
            [line.hall, line.fit_out, money(line.capex_usd), money(line.noi_usd_per_year), percent(line.yield_share)]
            for line in found.yields
        ]
        yield from table(["hall", "becomes", "capex", "NOI of the last year", "yield"], rows, right=[2, 3, 4])
        yield f"all conversions: {percent(found.yield_on_all_capex_share)}"


def _year(line: YearFigures) -> list[str]:
    amounts = [line.capex_usd, line.machine_sales_usd, line.free_cash_flow_usd, line.rent_usd, line.noi_usd]
    margins = [_margin(line.ebitda_margin_share), _margin(line.noi_margin_share)]
    earned = [money(line.revenue_usd), money(line.ebitda_usd)]
    return [str(line.year), *earned, margins[0], *map(money, amounts), margins[1]]


def _margin(share: float | None) -> str:
    return "-" if share is None else percent(share)
