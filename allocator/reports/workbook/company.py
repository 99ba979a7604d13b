"""Sheet of Bitcoin, debt and cash by period, with the range over futures where there is more than one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.reports.periods import Periods, Tables, quantiles
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.grid import MonthGrid, month_grid

TREASURY = "Treasury"
RANGE = ((0.0, "lowest"), (0.1, "10 of 100 below"), (0.5, "middle"), (0.9, "90 of 100 below"), (1.0, "highest"))
"""Points of the spread over the futures of a period."""


def write_treasury(book: Book, tables: Tables, time: Periods) -> None:
    """Holdings roll by formula; loans as the plan states them."""
    note = "Amounts at the end of the period unless they say otherwise. Holdings roll by formula."
    note += " Expected over all futures, with their range below." if time.branches else ""
    grid = month_grid(book, TREASURY, "Bitcoin, debt and cash", note, time, "Horizon")
    if len(tables["treasury"]):
        _bitcoin(book, grid, tables, time)
    elif len(tables["production"]):
        grid.section("Bitcoin, BTC: all production is sold as it is mined")
        grid.flow("Mined", "table production", time.expected(tables["production"], "mined_btc"), "btc")
    for loan in tables["loans"]["loan"].drop_duplicates().tolist():
        _loan(book, grid, tables, time, str(loan))
    _cash(grid, tables, time)
    if time.branches:
        _spreads(grid, tables, time)


def _bitcoin(book: Book, grid: MonthGrid, tables: Tables, time: Periods) -> None:
    own = tables["treasury"]
    grid.section("Bitcoin, BTC")
    opening = grid.level("Held at the start", "table treasury", time.expected(own, "opening_btc"), "btc")
    moves = [
        grid.flow(title, "table treasury", time.expected(own, column), "btc")
        for title, column in (
            ("Mined", "mined_btc"),
            ("Kept of it", "retained_btc"),
            ("Bought", "bought_btc"),
            ("Sold from holdings", "sold_btc"),
            ("Sold by lenders", "seized_btc"),
        )
    ]
    periods_only = 1 + len(time.years)
    held = grid.derived(
        "Held at the end", "start + kept + bought - sold", "{0}+{1}+{2}-{3}-{4}", [opening, *moves[1:]],
        lambda a, b, c, d, e: a + b + c - d - e, "btc", skip=periods_only, bold=True, top=1,
    )  # fmt: skip
    plan = time.expected(own, "closing_btc")
    value = grid.cells[held][-1] or 0.0
    cell = grid.reference(held, grid.last)
    book.checks.append(Check("Bitcoin held at the end of the horizon", cell, value, plan[-1], "table treasury", "btc"))
    stated = grid.level("Held at the end, as the plan says", "table treasury", plan, "btc")
    grid.flow("Sold in all, production included", "table treasury", time.expected(own, "market_btc"), "btc")
    price = grid.level("Price of a Bitcoin, USD", "table treasury", time.expected(own, "price_usd_per_btc"), "usd")
    if not time.branches:
        grid.derived("Worth of holdings, USD", "held x price", "{0}*{1}", [stated, price], lambda a, b: a * b, "usd")
        return
    worth = time.expected_values(own["node"], own["closing_btc"] * own["price_usd_per_btc"])
    grid.level("Worth of holdings, USD", "held x price of each future", worth, "usd")


def _loan(book: Book, grid: MonthGrid, tables: Tables, time: Periods, loan: str) -> None:
    own = tables["loans"][tables["loans"]["loan"] == loan]
    grid.section(f"Loan {loan}, USD")
    opening = grid.level("Owed at the start", "table loans", time.expected(own, "opening_usd"), "usd")
    drawn = grid.flow("Drawn", "table loans", time.expected(own, "drawn_usd"), "usd")
    repaid = grid.flow("Paid back", "table loans", time.expected(own, "repaid_usd"), "usd")
    owed = grid.derived(
        "Owed at the end", "start + drawn - paid back", "{0}+{1}-{2}", [opening, drawn, repaid],
        lambda a, b, c: a + b - c, "usd", skip=1 + len(time.years), bold=True, top=1,
    )  # fmt: skip
    plan = time.expected(own, "closing_usd")[-1]
    value, cell = grid.cells[owed][-1] or 0.0, grid.reference(owed, grid.last)
    book.checks.append(Check(f"Owed on {loan} at the end of the horizon", cell, value, plan, "table loans"))
    grid.flow("Interest", "table loans", time.expected(own, "interest_usd"), "usd")
    grid.flow("Fees", "table loans", time.expected(own, "fees_usd"), "usd")
    behind = tables["collateral"][tables["collateral"]["loan"] == loan]
    if len(behind):
        _collateral(grid, behind, time)


def _collateral(grid: MonthGrid, own: pd.DataFrame, time: Periods) -> None:
    grid.level("Pledged, BTC", "table collateral", time.expected(own, "closing_btc"), "btc")
    for title, column in (
        ("Loan to value before acting", "ltv_before_share"),
        ("Loan to value after acting", "ltv_after_share"),
        ("Call level", "call_ltv_share"),
        ("Liquidation level", "liquidation_ltv_share"),
    ):
        grid.level(title, "table collateral", time.expected(own, column), "share")
    called = own["ltv_before_share"] > own["call_ltv_share"] * (1.0 + 1e-9)
    grid.level(
        "Probability of a margin call", "loan to value above the call level before acting",
        time.expected_values(own["node"], called.astype(float)), "share",
    )  # fmt: skip


def _cash(grid: MonthGrid, tables: Tables, time: Periods) -> None:
    grid.section("Cash, USD")
    grid.level("Cash", "table cash", time.expected(tables["cash"], "closing_usd"), "usd")
    grid.level("Least cash asked for", "table cash", time.expected(tables["cash"], "minimum_usd"), "usd")
    grid.level("Missing to it", "table cash", time.expected(tables["cash"], "shortfall_usd"), "usd")


def _spreads(grid: MonthGrid, tables: Tables, time: Periods) -> None:
    """Rows that show how far futures lie apart; points of the distribution over the nodes of a period."""
    grid.section("Range over futures")
    shown = [("Cash, USD", tables["cash"], "closing_usd", "usd")]
    if len(tables["treasury"]):
        shown.append(("Price of a Bitcoin, USD", tables["treasury"], "price_usd_per_btc", "usd"))
        shown.append(("Bitcoin held, BTC", tables["treasury"], "closing_btc", "btc"))
    for loan, own in tables["collateral"].groupby("loan", sort=False):
        shown.append((f"Loan to value of {loan} before acting", own, "ltv_before_share", "share"))
    for title, own, column, kind in shown:
        for (_, words), values in zip(RANGE, _quantiles(own, column, time), strict=True):
            grid.level(f"{title}: {words}", "distribution over the nodes of the period", values, kind)


def _quantiles(own: pd.DataFrame, column: str, time: Periods) -> list[list[float]]:
    """Values at the points of RANGE of the nodes of each period."""
    levels = [level for level, _ in RANGE]
    rows = time.weighted(own)
    values, weight = rows[column].to_numpy(float), rows["weight"].to_numpy(float)
    nodes = [np.flatnonzero(rows["period"].to_numpy() == period) for period in range(len(time))]
    by_period = [quantiles(values[here].tolist(), weight[here].tolist(), levels) for here in nodes]
    return [list(row) for row in zip(*by_period, strict=True)]
