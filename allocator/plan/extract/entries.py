"""Amounts of the cash flow before they become a table: who pays what, where and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One amount. `node` and `site` are positions (site -1: the company); money out is negative."""

    line: str
    node: int
    site: int
    subject: str
    amount_usd: float


Entries = Iterable[Entry]

COMPANY = -1
