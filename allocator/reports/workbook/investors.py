"""Sheet of the month table that miners publish."""

from __future__ import annotations

import math
from collections.abc import Sequence

from allocator.reports.investor import MONTHS_A_YEAR, InvestorMonths, investor_months
from allocator.reports.periods import Periods, Tables
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.grid import MonthGrid, month_grid

INVESTORS = "Investor months"


def write_investors(book: Book, tables: Tables, time: Periods) -> None:
    """Bitcoin, hashrate and power by month, with changes on the month and on the year before."""
    found = investor_months(tables, time)
    note = "What miners publish every month; averages and changes are formulas."
    note += " Expected over all futures." if time.branches else ""
    grid = month_grid(book, INVESTORS, "Investor months", note, time, "Horizon")
    days = grid.flow("Days", "", found.days, "whole")
    hours = grid.flow("Hours", "", found.hours, "whole")
    produced = _bitcoin(grid, found, days)
    deployed, operating = _hashrate(grid, found, hours)
    cost = _power(book, grid, found, tables, time)
    shown = [("BTC produced", produced), ("Operating hashrate", operating), ("Deployed hashrate", deployed)]
    _changes(grid, [*shown, ("All-in power cost", cost)])


def _bitcoin(grid: MonthGrid, found: InvestorMonths, days: int) -> int | None:
    """The row of production; None for a plan that states a hashprice alone."""
    if None in found.produced_btc:
        return None
    grid.section("Bitcoin")
    produced = grid.flow("BTC produced", "table production", _numbers(found.produced_btc), "btc")
    _ratio(grid, "BTC produced a day", "produced / days", produced, days, "btc")
    sold = grid.flow("BTC sold", "production and holdings", _numbers(found.sold_btc), "btc")
    proceeds = grid.flow("Worth of it, USD", "sold x price, before fees", _numbers(found.proceeds_usd), "usd")
    _ratio(grid, "Average price of BTC sold, USD", "worth / sold", proceeds, sold, "usd")
    grid.level("BTC held at the end", "table treasury", found.held_btc, "btc")
    return produced


def _hashrate(grid: MonthGrid, found: InvestorMonths, hours: int) -> tuple[int, int]:
    grid.section("Hashrate")
    deployed = grid.level("Deployed, EH/s", "table hashrate", found.deployed_eh_per_s, "rate")
    hashed = grid.flow("Operating, EH/s x h", "table hashrate", found.hash_eh_h, "mwh")
    operating = _ratio(grid, "Average operating, EH/s", "EH/s x h / hours", hashed, hours, "rate")
    energy = grid.flow("Energy of it, MWh critical IT", "table hashrate", found.hash_mwh, "mwh")
    _ratio(grid, "Fleet efficiency, J/TH", "MWh / (EH/s x h)", energy, hashed, "rate")
    return deployed, operating


def _power(book: Book, grid: MonthGrid, found: InvestorMonths, tables: Tables, time: Periods) -> int:
    grid.section("Power")
    power = grid.flow("Power, USD", "all uses, hosts included, before tenants repay", found.power_usd, "usd")
    resold = grid.flow("Power credits, USD", "fixed-price power resold at spot", found.power_credits_usd, "usd")
    response = grid.flow("Demand response credits, USD", "ancillary services", found.demand_response_usd, "usd")
    net = grid.derived(
        "Power net of credits, USD", "", "{0}-{1}-{2}", [power, resold, response],
        lambda a, b, c: a - b - c, "usd", bold=True, top=1,
    )  # fmt: skip
    metered = grid.flow("Energy at the meter, MWh", "table power, less what is called", found.metered_mwh, "mwh")
    value = grid.cells[metered][0] or 0.0
    plan = sum(time.expected(tables["power"], "gross_mwh")) - sum(time.expected(tables["reserves"], "called_mwh"))
    cell = grid.reference(metered)
    book.checks.append(
        Check("Energy at the meter, less what is called", cell, value, plan, "tables power, reserves", "mwh")
    )
    formula = 'IF({1}=0,"",{0}/{1}/10)'
    return grid.derived(
        "All-in power cost, c/kWh net of credits", "USD / MWh / 10", formula, [net, metered],
        lambda a, b: a / b / 10.0 if b else None, "rate", bold=True,
    )  # fmt: skip


def _changes(grid: MonthGrid, rows: Sequence[tuple[str, int | None]]) -> None:
    if all(length != 1 for length in grid.time.months):
        return
    grid.section("Changes")
    for title, row in rows:
        if row is not None:
            grid.growth(f"{title}, m/m", row, 1)
            if len(grid.time) > MONTHS_A_YEAR:
                grid.growth(f"{title}, y/y", row, MONTHS_A_YEAR)


def _ratio(grid: MonthGrid, title: str, note: str, part: int, whole: int, kind: str) -> int:
    return grid.derived(
        title, note, 'IF({1}=0,"",{0}/{1})', [part, whole], lambda a, b: a / b if b else None, kind, bold=True
    )


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]
