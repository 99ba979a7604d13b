"""Sheets of money: profit and loss and cash flow by period, and value by line."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from allocator.plan.meta import PlanMeta
from allocator.plan.metrics import metrics
from allocator.plan.schema import LINES
from allocator.reports.periods import Periods, Tables
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.grid import MonthGrid, month_grid
from allocator.reports.workbook.statement import Section, line_title, statement
from allocator.reports.workbook.table import Col, listed

STATEMENT, VALUE, NET_PRESENT_VALUE = "P&L and cash flow", "Value", "Net present value"


def write_statement(book: Book, tables: Tables, time: Periods) -> MonthGrid:
    """Sheet of the statement, with its checks."""
    found = statement(tables, time)
    note = "USD, undiscounted; money out is negative. Sums, subtotals and ratios are formulas."
    note += " Expected over all futures." if time.branches else ""
    grid = month_grid(book, STATEMENT, "Profit and loss and cash flow", note, time, "Horizon, USD")
    operating = [_section(book, grid, section, tables) for section in found.operating]
    ebitda = grid.derived(
        "EBITDA", "revenue + operating costs", "{0}+{1}", operating, lambda a, b: a + b, "usd", bold=True, top=1
    )
    grid.derived(
        "EBITDA margin", "share of revenue", 'IF({1}>0,{0}/{1},"")', [ebitda, operating[0]],
        lambda a, b: a / b if b > 0 else None, "share", italic=True,
    )  # fmt: skip
    investing = [_section(book, grid, section, tables) for section in found.investing]
    free = grid.derived(
        "Free cash flow", "EBITDA + capital + machines sold, deposits, and peaks paid later", "{0}+{1}+{2}",
        [ebitda, *investing], lambda *parts: math.fsum(parts), "usd", bold=True, top=1,
    )  # fmt: skip
    below = [_section(book, grid, section, tables) for section in found.below if section.rows]
    parts = [free, *below]
    change = grid.derived(
        "Change in cash", "free cash flow + all below", "+".join(f"{{{k}}}" for k in range(len(parts))), parts,
        lambda *found: math.fsum(found), "usd", bold=True, top=1,
    )  # fmt: skip
    _, closes = grid.rolled(change, found.opening_usd[0])
    stated = grid.level("Cash at the end, as the plan says", "table cash", found.closing_usd, "usd")
    apart = grid.derived(
        "Difference", "to the cent", "ROUND({0}-{1},2)", [closes, stated],
        lambda a, b: round(a - b, 2) + 0.0, "usd_cents",
    )  # fmt: skip
    grid.named = {"EBITDA": ebitda, "Capital": investing[0], "Free cash flow": free, "Cash at the end": closes}
    _statement_checks(book, grid, tables, {"ebitda": ebitda, "free": free, "apart": apart, "closes": closes})
    return grid


def _section(book: Book, grid: MonthGrid, section: Section, tables: Tables) -> int:
    grid.section(section.title)
    rows = []
    for line in section.rows:
        rows.append(grid.flow(line.title, LINES[line.line].description, line.usd, "usd"))
        plan = _undiscounted(tables, [line.line])
        source = f"tables cash_flow and nodes, line {line.line}"
        what = f"{line.title}, whole horizon"
        book.checks.append(Check(what, grid.reference(rows[-1]), grid.cells[rows[-1]][0] or 0.0, plan, source))
    return grid.sum_of(f"{section.title}, in all", rows, "usd")


def _undiscounted(tables: Tables, lines: Sequence[str]) -> float:
    """Expected amount of lines over the horizon, straight from the tables."""
    flow = tables["cash_flow"][tables["cash_flow"]["line"].isin(lines)]
    chance = dict(zip(tables["nodes"]["node"], tables["nodes"]["probability"], strict=True))
    return math.fsum(flow["amount_usd"] * flow["node"].map(chance).astype(float))


def _statement_checks(book: Book, grid: MonthGrid, tables: Tables, rows: dict[str, int]) -> None:
    years = metrics(tables).years
    for k, year in enumerate(years):
        for what, row, plan in (
            ("EBITDA", "ebitda", year.ebitda_usd),
            ("Free cash flow", "free", year.free_cash_flow_usd),
        ):
            value = grid.cells[rows[row]][1 + k] or 0.0
            cell = grid.reference(rows[row], 3 + k)
            book.checks.append(Check(f"{what} of {year.year}", cell, value, plan, "allocator metrics"))
    apart = f"SUMPRODUCT(ABS({grid.over_periods(rows['apart'])}))"
    worst = math.fsum(abs(value or 0.0) for value in grid.cells[rows["apart"]][1 + len(years) :])
    book.checks.append(Check("Cash at the end of every period, differences", apart, worst, 0.0, "table cash"))
    leaves = ~tables["nodes"]["node"].isin(tables["nodes"]["parent"])
    last = tables["nodes"][leaves].merge(tables["cash"], on="node")
    plan = math.fsum(last["probability"] * last["closing_usd"])
    closes, source = rows["closes"], "tables cash and nodes, leaves"
    value = grid.cells[closes][0] or 0.0
    book.checks.append(Check("Cash at the end of the horizon", grid.reference(closes), value, plan, source))


def write_value(book: Book, tables: Tables, meta: PlanMeta) -> None:
    """Sheet of net present value by line; it adds up to the objective."""
    rows = _value_rows(tables["cash_flow"], tables["nodes"])
    columns = [
        Col("title", "Line", width=34),
        Col("description", "What it is", width=58),
        Col("discount", "Discounted as", width=14),
        Col("amount_usd", "Undiscounted, expected USD", "usd", 18, total=True),
        Col("within_usd", "Within the horizon, discounted USD", "usd", 18, total=True),
        Col("beyond_usd", "Beyond the horizon, discounted USD", "usd", 18, total=True),
        Col("whole_usd", "Net present value, USD", "usd", 18, total=True, formula="{within_usd}+{beyond_usd}"),
    ]
    note = "Every dollar of the plan, discounted at the rate of its class to the start of the horizon."
    made = listed(book, VALUE, "Net present value by line", note, columns, rows)
    for what, key, plan in (
        (NET_PRESENT_VALUE, "whole_usd", meta.objective_usd),
        ("Net present value within the horizon", "within_usd", meta.without_terminal_usd),
    ):
        book.checks.append(Check(what, made.total(key), made.sums[key], plan, "plan.json"))


def _value_rows(flow: pd.DataFrame, nodes: pd.DataFrame) -> list[dict[str, object]]:
    chance = dict(zip(nodes["node"], nodes["probability"], strict=True))
    expected = flow["amount_usd"] * flow["node"].map(chance).astype(float)
    amounts = pd.DataFrame({"expected": expected, "discounted_usd": flow["discounted_usd"]})
    by_line = {str(line): own for line, own in amounts.groupby(flow["line"], sort=False)}
    rows: list[dict[str, object]] = []
    for line, said in LINES.items():
        own = by_line.get(line)
        if own is None:
            continue
        worth = math.fsum(own["discounted_usd"])
        within = worth if said.when == "period" else 0.0
        rows.append(
            {
                "title": line_title(line),
                "description": said.description,
                "discount": said.discount,
                "amount_usd": math.fsum(own["expected"]),
                "within_usd": within,
                "beyond_usd": worth - within,
                "whole_usd": worth,
            }
        )
    return rows
