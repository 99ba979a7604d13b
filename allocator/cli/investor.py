"""`allocator investor`: the month table that miners publish, for a plan."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import printable, table
from allocator.pipeline.errors import WriteError
from allocator.pipeline.solve import plan_in
from allocator.plan.files import written_whole
from allocator.reports.investor import MONTHS_A_YEAR, Figures, InvestorMonths, investor_months
from allocator.reports.periods import periods

COLUMNS = {
    "produced_btc": ("BTC produced", 1),
    "btc_per_day": ("a day", 2),
    "sold_btc": ("sold", 1),
    "average_usd_per_btc": ("price, USD", 0),
    "held_btc": ("held", 1),
    "deployed_eh_per_s": ("EH/s deployed", 2),
    "operating_eh_per_s": ("operating", 2),
    "fleet_j_per_th": ("J/TH", 1),
    "power_credits_usd": ("power credits, USD", 0),
    "demand_response_usd": ("demand response, USD", 0),
    "all_in_c_per_kwh": ("all-in c/kWh", 2),
}
"""Figures of the page: their words and decimals."""
AMOUNTS = ("proceeds_usd", "power_usd", "net_power_usd", "metered_mwh", "hash_mwh")
"""Figures of the CSV beside those."""
CHANGED = ("produced_btc", "held_btc", "deployed_eh_per_s", "operating_eh_per_s", "all_in_c_per_kwh")
"""Figures whose growth on the month (`_mom_share`) and on the year before (`_yoy_share`) is told."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", "target", type=click.Path(path_type=Path), help="File for the whole table, changes included.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, target: Path | None, as_json: bool) -> int:
    """Print by month what miners publish of the plan in FOLDER: Bitcoin, hashrate, power cost net of credits.

    Expected where the plan stands on a tree. The workbook of `allocator report` has the same table with formulas.

    Exit status: 0 printed, 2 FOLDER is no plan.
    """
    plan = plan_in(folder)
    found = investor_months(plan.tables, periods(plan.tables["nodes"]))
    if target is not None:
        _write(found, target)
    if as_json:
        print_json({"scenario": plan.meta.scenario, "months": [dict(row) for row in _rows(found)]})
    else:
        click.echo("\n".join(_page(found)))
        if target is not None:
            click.echo(printable(f"table: {target}"))
    return 0


def _figures(found: InvestorMonths) -> dict[str, Figures]:
    """Every figure of the table by name, changes last."""
    figures: dict[str, Figures] = {name: getattr(found, name) for name in (*COLUMNS, *AMOUNTS)}
    for name in CHANGED:
        figures[f"{name}_mom_share"] = found.change(figures[name], 1)
        figures[f"{name}_yoy_share"] = found.change(figures[name], MONTHS_A_YEAR)
    return figures


def _rows(found: InvestorMonths) -> Iterator[dict[str, object]]:
    figures = _figures(found)
    for k, month in enumerate(found.months):
        yield {"month": month, "months": found.lengths[k], **{name: values[k] for name, values in figures.items()}}


def _write(found: InvestorMonths, target: Path) -> None:
    rows = list(_rows(found))
    try:
        with written_whole(target) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise WriteError(f"{target} cannot be written", [error.strerror or str(error)]) from error


def _page(found: InvestorMonths) -> Iterator[str]:
    figures = _figures(found)
    shown = [name for name in COLUMNS if any(value is not None for value in figures[name]) and any(figures[name])]
    head = ["month", *(COLUMNS[name][0] for name in shown), "m/m", "y/y"]
    changed = "produced_btc" if "produced_btc" in shown else "operating_eh_per_s"
    rows = [
        [
            month,
            *(_number(figures[name][k], COLUMNS[name][1]) for name in shown),
            _percent(figures[f"{changed}_mom_share"], k),
            _percent(figures[f"{changed}_yoy_share"], k),
        ]
        for k, month in enumerate(found.months)
    ]
    yield from table(head, rows, right=range(1, len(head)))
    what = "BTC produced" if changed == "produced_btc" else "operating hashrate"
    yield f"m/m and y/y: {what}, against one and twelve months before"


def _number(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:,.{decimals}f}"


def _percent(values: Sequence[float | None], k: int) -> str:
    value = values[k]
    return "-" if value is None else f"{100 * value:+.1f} %"
