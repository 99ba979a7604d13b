"""`allocator reconcile`: plan against meter, pool and invoice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import counted, printable, table
from allocator.pipeline.errors import ExitCode

if TYPE_CHECKING:
    from allocator.nightly.actuals.compare import Compared, Comparison


@click.command()
@store_options
@click.option("--actuals", type=click.Path(path_type=Path, dir_okay=False), required=True, help="What really was, CSV.")
@click.option("--from", "first", default="", metavar="PERIOD", help="First month or day that counts.")
@click.option("--to", "last", default="", metavar="PERIOD", help="Last month or day that counts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(store: str, plans: Path | None, actuals: Path, first: str, last: str, as_json: bool) -> int:
    """Set meter, pool and invoice beside the plan that was published when each period began: differences split in terms
    that add up, and factors for the scenario, which are printed and never applied.

    Exit status: 0 compared, 2 the table has faults or there is nothing to compare with.
    """
    need_store()
    from allocator.nightly.actuals.compare import compare
    from allocator.nightly.store.shelf import Shelf
    from allocator.nightly.store.store import place_of
    from allocator.pipeline.errors import BadInputError
    from allocator.scenario.actuals import load_actuals

    place = place_of(store, plans)
    if not place.home.is_dir():
        raise BadInputError(f"{place.home} is no folder of plans")
    found = compare(Shelf(place.home), load_actuals(actuals), first, last)
    if as_json:
        rows = [
            {"site": one.site, "period": one.period, "run": one.run, "planned": asdict(one.planned)}
            | {"actual": one.actual.model_dump(mode="json"), "terms": asdict(one.terms)}
            for one in found.rows
        ]
        whole = {"rows": rows, "factors": found.factors, "yaml": found.yaml, "remarks": found.remarks}
        print_json({"exit_code": ExitCode.WITHIN_GAP, **whole})
    else:
        click.echo("\n".join(map(printable, _page(found))))
    return ExitCode.WITHIN_GAP


def _page(found: Comparison) -> Iterator[str]:
    head = ["site", "period", "MWh planned", "actual", "BTC planned", "actual"]
    yield from table(head, [_amounts(one) for one in found.rows], right=range(2, 6))
    yield ""
    head = [
        "site",
        "period",
        "cost more by",
        "volume",
        "price",
        "other",
        "revenue more by",
        "hours",
        "yield",
        "BTC price",
    ]
    yield from table(head, [_money(one) for one in found.rows], right=range(2, 10))
    yield from ("", *found.remarks)
    for one in found.factors:
        spread = "" if one.spread is None else f" ± {one.spread:.3f}"
        yield f"{one.name} {one.value:.3f}{spread} over {counted(one.periods, 'period')}, {one.site or 'all sites'}"
    if found.yaml:
        yield from ("", "to plan with these figures, write into the scenario:", *found.yaml)


def _amounts(one: Compared) -> list[str]:
    planned = "-" if one.planned.btc_usd is None else f"{one.planned.btc:,.4f}"
    btc = "-" if one.actual.pool_btc is None else f"{one.actual.pool_btc:,.4f}"
    mwh = (f"{one.planned.meter_mwh:,.1f}", f"{one.actual.meter_mwh:,.1f}")
    return [one.site, one.period, *mwh, planned, btc]


def _money(one: Compared) -> list[str]:
    told = one.terms
    cost = (told.cost_usd, told.volume_usd, told.price_usd, told.other_usd)
    revenue = (told.revenue_usd, told.run_usd, told.yield_usd, told.btc_price_usd)
    return [one.site, one.period, *("-" if usd is None else f"{usd:+,.0f}" for usd in (*cost, *revenue))]
