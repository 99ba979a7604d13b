"""`allocator treasury`: Bitcoin, debt and cash of a plan, loan to value at falling prices, runway, weeks, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import bitcoins, money, percent, table
from allocator.cli.weekly import terms_of, weekly_page, write_csv
from allocator.pipeline.solve import plan_in, scenario_in
from allocator.plan.balances import Balance, balances, years
from allocator.plan.liquidity import (
    GROUPS,
    MonthFigures,
    Position,
    Runway,
    YearFlows,
    YearRatios,
    months,
    positions,
    ratios,
    runway,
    sources_and_uses,
)
from allocator.plan.ltv import FALLS_SHARE, Cure, SecuredLoan, ladder
from allocator.plan.weekly import Weekly, weekly

MOST_NODES = 60
"""Nodes up to which each is a line; beyond, months are. The JSON has all of them."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--target-ltv",
    type=click.FloatRange(0.0, 1.5, min_open=True),
    help="Loan to value to come back to, share; each loan's initial level if left out.",
)
@click.option(
    "--weekly-csv",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the thirteen weeks of cash to this CSV file too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, target_ltv: float | None, weekly_csv: Path | None, as_json: bool) -> int:
    """Print what treasury asks of the plan in FOLDER; "today" is its opening, at the price of its first node.

    Exit status: 0 printed, 2 FOLDER is no plan.
    """
    plan = plan_in(folder)
    loans, found, left = ladder(plan.tables, target_ltv), positions(plan.tables), runway(plan.tables)
    by_month, flows = months(plan.tables["nodes"], found), sources_and_uses(plan.tables)
    asked, owed = ratios(plan.tables["nodes"], found, flows), balances(plan.tables)
    weeks = weekly(plan.tables, terms_of(scenario_in(folder, plan.meta).scenario))
    if weekly_csv is not None:
        write_csv(weeks, weekly_csv)
    if as_json:
        print_json(
            {
                "scenario": plan.meta.scenario,
                "loans": loans,
                "falls_share": FALLS_SHARE,
                "nodes": found,
                "months": by_month,
                "runway": left,
                "ratios": asked,
                "balances": owed,
                "weekly": weeks,
                "sources_and_uses": [{"year": y.year, "change_usd": y.change_usd, **y.flows_usd} for y in flows],
            }
        )
    else:
        click.echo("\n".join(_page(loans, found, by_month, left, flows, asked, owed, weeks)))
    return 0


def _page(
    loans: Sequence[SecuredLoan],
    found: Sequence[Position],
    by_month: Sequence[MonthFigures],
    left: Runway,
    flows: Sequence[YearFlows],
    asked: Sequence[YearRatios],
    owed: Sequence[Balance],
    weeks: Weekly,
) -> Iterator[str]:
    yield from _runway(left)
    if loans:
        yield from ("", *_ladder(loans))
    if len(found) <= MOST_NODES:
        yield from ("", *_positions(found))
    if len(found) > len(by_month):
        yield from ("", *_months(by_month))
    yield from ("", *weekly_page(weeks))
    yield from ("", *_flows(flows))
    if owed:
        yield from ("", *_balances(owed))
    if any(year.debt_cost_usd for year in asked):
        yield from ("", *_ratios(asked))


def _runway(left: Runway) -> Iterator[str]:
    held = f"cash {money(left.cash_usd)}, free Bitcoin {bitcoins(left.free_btc)} worth {money(left.free_btc_usd)} sold"
    if left.cash_months is None or left.with_bitcoin_months is None:
        yield f"{held}; the first year burns no cash"
    else:
        lasts = f"lasts {left.cash_months:.1f} months, {left.with_bitcoin_months:.1f} with the Bitcoin"
        yield f"{held}; at a burn of {money(left.burn_usd_per_month)} a month it {lasts}"


def _ladder(loans: Sequence[SecuredLoan]) -> Iterator[str]:
    head = ["loan", "when", "owed", "pledged BTC", "LTV", *(f"-{100 * fall:.0f} %" for fall in FALLS_SHARE[1:])]
    rows = [
        [
            line.loan,
            line.when,
            money(line.owed_usd),
            bitcoins(line.pledged_btc),
            *(_ltv(line, s) for s in line.ltv_share),
        ]
        for line in loans
    ]
    yield from table(head, rows, right=range(2, len(head)))
    yield "! above the call level, !! above the liquidation level"
    yield ""
    head = ["loan", "when", "called below", "free BTC posted", "liquidated below", "to come back to", "sell now"]
    rows = [
        [
            line.loan,
            line.when,
            *map(_price, (line.call_usd_per_btc, line.posted_call_usd_per_btc, line.liquidation_usd_per_btc)),
            percent(line.cure.level_share),
            _cure(line.cure),
        ]
        for line in loans
    ]
    yield from table(head, rows, right=range(2, 6))
    yield "what to sell counts all free Bitcoin as pledged for the loan, and pays back what the sale brings"


def _ltv(line: SecuredLoan, share: float | None) -> str:
    if share is None:
        return "no BTC"
    mark = "!!" if share > line.liquidation_ltv_share else "!" if share > line.call_ltv_share else ""
    return f"{mark}{100 * share:.1f} %"


def _price(usd: float | None) -> str:
    return "-" if usd is None else f"${usd:,.0f}"


def _cure(found: Cure) -> str:
    if found.sell_btc is None:
        return f"cannot: {found.note}; cash of {money(found.cash_usd)} would"
    return f"{bitcoins(found.sell_btc)} BTC" if found.sell_btc else "nothing"


def _positions(found: Sequence[Position]) -> Iterator[str]:
    head = [
        "node",
        "probability",
        "BTC price",
        "sold",
        "held",
        "pledged",
        "owed",
        "cash",
        "LTV before",
        "after",
        "called",
    ]
    rows = [
        [
            line.node,
            percent(line.probability),
            _price(line.price_usd_per_btc),
            *map(bitcoins, (line.sold_btc, line.held_btc, line.pledged_btc)),
            money(line.owed_usd),
            money(line.cash_usd),
            *map(_share, (line.ltv_before_share, line.ltv_after_share)),
            ", ".join(line.calls),
        ]
        for line in found
    ]
    yield from table(head, rows, right=range(1, 10))


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _months(by_month: Sequence[MonthFigures]) -> Iterator[str]:
    head = ["month", "BTC held", "owed", "cash", "P(margin call)", "P(shortfall)", "shortfall"]
    rows = [
        [
            line.month,
            bitcoins(line.held_btc),
            money(line.owed_usd),
            money(line.cash_usd),
            percent(line.call_probability),
            percent(line.shortfall_probability),
            money(line.shortfall_usd),
        ]
        for line in by_month
    ]
    yield from table(head, rows, right=range(1, len(head)))


def _flows(flows: Sequence[YearFlows]) -> Iterator[str]:
    """Groups that move cash in some year, in the order of GROUPS."""
    names = [name for name in GROUPS if any(year.flows_usd[name] for year in flows)]
    head = ["sources and uses of cash", *(str(year.year) for year in flows)]
    rows = [[name, *(money(year.flows_usd[name]) for year in flows)] for name in names]
    yield from table(
        head, [*rows, ["change in cash", *(money(year.change_usd) for year in flows)]], right=range(1, 1 + len(flows))
    )


def _balances(owed: Sequence[Balance]) -> Iterator[str]:
    columns = years(owed)
    head = ["owed at the end of the year", "at the start", *map(str, columns)]
    rows = [
        [line.creditor, money(line.opening_usd), *(money(line.year_end_usd[year]) for year in columns)] for line in owed
    ]
    yield from table(head, rows, right=range(1, len(head)))


def _ratios(asked: Sequence[YearRatios]) -> Iterator[str]:
    head = ["year", "EBITDA", "interest and fees", "interest cover", "net debt", "net debt / EBITDA"]
    rows = [
        [
            str(year.year),
            money(year.ebitda_usd),
            money(year.debt_cost_usd),
            _times(year.interest_cover),
            money(year.net_debt_usd),
            _times(year.net_debt_over_ebitda),
        ]
        for year in asked
    ]
    yield from table(head, rows, right=range(1, len(head)))


def _times(multiple: float | None) -> str:
    return "-" if multiple is None else f"{multiple:.1f}x"
