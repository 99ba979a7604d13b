"""Profit and loss and cash flow by period: the lines of table `cash_flow`, expected and undiscounted, in sections.

Sections follow the definitions of `allocator.plan.metrics`: revenue and operating costs make EBITDA; with capital,
machines sold and deposits they make free cash flow; with Bitcoin, debt, shares, hedges and tax the change in cash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from allocator.plan.lines import BELOW_LINES, PUT_OFF_LINES, TAX_LINES
from allocator.plan.metrics import REVENUE_LINES
from allocator.plan.schema import (
    CAPITAL_LINES,
    DEPOSIT_LINES,
    EQUITY_LINES,
    FINANCING_LINES,
    HEDGE_LINES,
    LINES,
    OPERATING_LINES,
    TREASURY_LINES,
)
from allocator.reports.periods import Periods, Tables


@dataclass(frozen=True)
class LineRow:
    """One line of the cash flow: its name, and USD of each period."""

    line: str
    usd: tuple[float, ...]

    @property
    def title(self) -> str:
        return line_title(self.line)


@dataclass(frozen=True)
class Section:
    """Lines that are added up under one title; lines that are 0 throughout are left out."""

    key: str
    title: str
    rows: tuple[LineRow, ...]


@dataclass(frozen=True)
class Statement:
    """All sections in order, and cash at both ends of each period, expected USD."""

    operating: tuple[Section, ...]
    investing: tuple[Section, ...]
    below: tuple[Section, ...]
    opening_usd: tuple[float, ...]
    closing_usd: tuple[float, ...]


_OPERATING = (
    ("revenue", "Revenue", REVENUE_LINES),
    ("costs", "Operating costs", tuple(line for line in OPERATING_LINES if line not in REVENUE_LINES)),
)
_INVESTING = (
    ("capex", "Capital", CAPITAL_LINES),
    (
        "sales",
        "Machines sold, deposits, and peaks paid later",
        ("equipment_sale", *DEPOSIT_LINES, *PUT_OFF_LINES),
    ),
)
_BELOW = (
    ("bitcoin", "Bitcoin and interest on cash", TREASURY_LINES),
    ("debt", "Debt, notes and what tenants pay ahead", FINANCING_LINES),
    ("shares", "New shares", EQUITY_LINES),
    ("hedges", "Hedges", HEDGE_LINES),
    ("tax", "Tax", TAX_LINES),
)
SECTIONS = (*_OPERATING, *_INVESTING, *_BELOW)
assert {line for *_, lines in _BELOW for line in lines} == set(BELOW_LINES), "every line below stands in a section"


def line_title(line: str) -> str:
    """A line as a person reads it."""
    words = line.replace("_", " ")
    return (words[0].upper() + words[1:]).replace("Btc", "BTC").replace("Gpu", "GPU").replace("Sla ", "SLA ")


def statement(tables: Tables, time: Periods) -> Statement:
    """The statement of a plan's tables."""
    flow = tables["cash_flow"]
    by_line = {str(line): rows for line, rows in flow[flow["when"] == "period"].groupby("line", sort=False)}
    cash = tables["cash"]

    def made(chosen: Sequence[tuple[str, str, Sequence[str]]]) -> tuple[Section, ...]:
        return tuple(Section(key, title, _rows(lines, by_line, time)) for key, title, lines in chosen)

    return Statement(
        operating=made(_OPERATING),
        investing=made(_INVESTING),
        below=made(_BELOW),
        opening_usd=time.expected(cash, "opening_usd"),
        closing_usd=time.expected(cash, "closing_usd"),
    )


def _rows(lines: Sequence[str], by_line: dict[str, pd.DataFrame], time: Periods) -> tuple[LineRow, ...]:
    ordered = [line for line in LINES if line in lines and line in by_line]
    return tuple(LineRow(line, time.expected(by_line[line], "amount_usd")) for line in ordered)
