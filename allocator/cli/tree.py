"""`allocator tree`: the tree of an uncertain scenario, and its distance from the processes it stands for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import click
import numpy as np

from allocator.cli.machine import print_json
from allocator.cli.text import printable, table
from allocator.instance.compile import compile_instance
from allocator.instance.sampled import fit_of
from allocator.instance.tree import NodeTree
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.scenario.load import load_scenario
from allocator.scenario.uncertainty import Sampled
from allocator.uncertainty.quality import Fit
from allocator.uncertainty.types import Bools, Floats


@click.command()
@click.argument("scenario")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(scenario: str, as_json: bool) -> int:
    """Show the tree of SCENARIO: nodes by period, the range of its market, and the errors of a sampled tree.

    Moments and distances compare the tree with 4,000 fresh paths of its processes. Exit status: 0 shown, 2 faults, or
    nothing is uncertain.
    """
    loaded = load_scenario(scenario)
    stated = loaded.scenario.uncertainty
    if stated is None:
        raise BadInputError(f"{loaded.scenario.name}: nothing is uncertain; add a section uncertainty")
    instance = compile_instance(loaded)
    fit = fit_of(loaded.scenario, stated) if isinstance(stated, Sampled) else None
    if as_json:
        errors = None if fit is None else fit.table.to_dict("records")
        head = {"exit_code": ExitCode.WITHIN_GAP, "nodes": len(instance.tree), "leaves": len(instance.tree.leaves)}
        distance = None if fit is None else fit.path_distance
        print_json({**head, "periods": _periods(instance), "errors": errors, "path_distance": distance})
    else:
        click.echo("\n".join(_page(instance, fit)))
    return ExitCode.WITHIN_GAP


def _page(instance: Instance, fit: Fit | None) -> Iterator[str]:
    tree = instance.tree
    yield f"{printable(instance.name)}: {len(tree)} nodes, {len(tree.leaves)} leaves"
    yield ""
    rows = [_told(row) for row in _periods(instance)]
    yield from table(["period", "nodes", "BTC price, USD", "hashprice, USD/PH/day"], rows, right=[1, 2, 3])
    if fit is not None:
        yield ""
        yield f"Tree against fresh paths, at every branching; distance of whole paths {fit.path_distance:.3f}"
        yield from table(
            ["series", "month", "deviation", "of the paths", "skewness", "of the paths", "distance"],
            [_errors(row) for row in fit.table.to_dict("records") if row["deviation_sample"] > 0],
            right=range(1, 7),
        )
        yield "Deviation and skewness of the logarithm; distance: Wasserstein, over the deviation. Means are exact."
    if instance.remarks:
        yield ""
        yield "Remarks"
        yield from (f"- {printable(remark)}" for remark in instance.remarks)


def _told(row: Mapping[str, Any]) -> list[str]:
    price, hashprice = row["btc_price_usd"], row["hashprice_usd_per_ph_day"]
    shown = "-" if price is None else _range(price, ",.0f")
    return [str(row["period"]), str(row["nodes"]), shown, _range(hashprice, ".2f")]


def _range(values: Sequence[float], form: str) -> str:
    low, mean, high = (format(value, form) for value in values)
    return f"{low} .. {mean} .. {high}" if low != high else mean


def _periods(instance: Instance) -> list[dict[str, Any]]:
    """Each calendar period: nodes, and lowest, expected and highest price and hashprice."""
    tree, market = instance.tree, instance.market
    rows: list[dict[str, Any]] = []
    for month in np.unique(tree.first_month).tolist():
        here = tree.first_month == month
        price = None if market.btc_price_usd is None else _spread(market.btc_price_usd, here, tree)
        rows.append(
            {
                "period": tree.calendar_month(month),
                "nodes": int(here.sum()),
                "btc_price_usd": price,
                "hashprice_usd_per_ph_day": _spread(market.hashprice_usd_per_ph_day, here, tree),
            }
        )
    return rows


def _spread(values: Floats, here: Bools, tree: NodeTree) -> list[float]:
    own, weight = values[here], tree.probability[here]
    return [float(own.min()), float(own @ weight / weight.sum()), float(own.max())]


def _errors(row: Mapping[Hashable, Any]) -> list[str]:
    figures = ("deviation_tree", "deviation_sample", "skewness_tree", "skewness_sample", "distance")
    return [str(row["series"]), str(row["first_month"]), *(f"{row[name]:.3f}" for name in figures)]
