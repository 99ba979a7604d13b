"""Sheet of what the value hangs on: prices that a reader moves, with every decision held."""

from __future__ import annotations

from allocator.plan.plan import Plan
from allocator.reports.levers import STEP_SHARE, levers
from allocator.reports.workbook.book import Book
from allocator.reports.workbook.money import NET_PRESENT_VALUE
from allocator.reports.workbook.statement import line_title
from allocator.reports.workbook.table import Col, listed

NOTE = (
    "Change the percentages. Exact with all decisions and hours held: lines are proportional to their price. Not moved "
    "are mining beyond the horizon, relief of hosts, fixed-price blocks, hedges and tax. Lines in two rows count twice."
)


def write_sensitivity(book: Book, plan: Plan) -> None:
    """One row a price: what its lines are worth, how far it moves, and what that does to the net present value."""
    (value,) = (check.formula for check in book.checks if check.what == NET_PRESENT_VALUE)
    rows = [
        {
            "name": one.name,
            "lines": ", ".join(map(line_title, one.lines)),
            "worth_usd": one.worth_usd,
            "moves": STEP_SHARE,
            "change_usd": STEP_SHARE * one.worth_usd,
            "then_usd": plan.meta.objective_usd + STEP_SHARE * one.worth_usd,
        }
        for one in levers(plan)
    ]
    columns = [
        Col("name", "What moves", width=34),
        Col("lines", "Lines of the cash flow", width=60),
        Col("worth_usd", "What they are worth, USD discounted", "usd", 18),
        Col("moves", "Moves by", "share", 10),
        Col("change_usd", "Change of net present value, USD", "usd", 18, formula="{worth_usd}*{moves}"),
        Col("then_usd", "Net present value then, USD", "usd", 18, formula=f"{value}+{{change_usd}}"),
    ]
    listed(book, "Sensitivity", "What the value hangs on, decisions held", NOTE, columns, rows)
