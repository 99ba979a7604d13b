"""From the value of one plan to that of another, term by term; the terms add to the difference exactly.

Every line of the cash flow, by node (or by calendar month, where the trees differ), site and subject, is

    value = factor x index x amount

with its discount factor, a market price that it moves with (its index, 1 where it has none), and what is left, the
amount: hours, hashrate, Bitcoin, contracts. A change of the value is shared by Shapley's rule, which depends on no
order: between factor and cash each counts at the mean of the other in both plans, and so again between index and
amount within the cash. Changes of factors are the term of discount rates, changes of the index those of market prices
and power prices, changes of amounts the terms of what was decided.

Indices: hashprice (mining), the value of a MW of mining beyond the horizon, the mean rental rate (GPUs rented out), the
price of Bitcoin (holdings), the mean price at the meter (power) and the mean spot price (power passed through).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.lines import (
    EQUITY_LINES,
    FINANCING_LINES,
    HEDGE_LINES,
    HOSTING_LINES,
    LATER_LINES,
    TAX_LINES,
    TREASURY_LINES,
)
from allocator.plan.summary import SOURCES
from allocator.studies.compared import Compared
from allocator.studies.indices import INDICES, POWERED

MARKET, POWER_PRICE, DISCOUNT = "market prices", "power prices", "discount rates"

LINES_OF: Mapping[str, tuple[str, ...]] = {
    "mining: hashrate and hours": ("mining_revenue", "terminal_mining"),
    "GPU rental: units and hours": ("gpu_rental_revenue",),
    "power: energy used": ("power_cost",),
    "contracts": SOURCES["ai_colocation"],
    "conversions": SOURCES["conversions"],
    "machines": SOURCES["machines"],
    "hosting": HOSTING_LINES,
    "financing and Bitcoin held": (*TREASURY_LINES, *FINANCING_LINES),
    "hedges": HEDGE_LINES,
    "new shares": EQUITY_LINES,
    "fixed costs": SOURCES["fixed_opex"],
    "demand charges": ("demand_charge",),
    "coincident peaks": LATER_LINES,
    "blocks of power": ("block_energy", "block_used"),
    "tax": TAX_LINES,
    "reserves, work and batteries": (*SOURCES["reserves"], *SOURCES["work"], *SOURCES["battery"]),
}
"""Term -> lines whose amounts it tells when their prices are taken out: every line of the cash flow stands once. Prices
of limits that are broken (shortfalls, calls, covenants) are no part of the value, and of no term."""
TERM_OF: Mapping[str, str] = {line: term for term, lines in LINES_OF.items() for line in lines}
TERMS = (MARKET, POWER_PRICE, *LINES_OF, DISCOUNT)
"""In the order in which they are told."""

KEYS = ["line", "at", "site", "subject"]


@dataclass(frozen=True)
class Term:
    """One step of a bridge, USD of net present value."""

    name: str
    usd: float


def bridge(first: Compared, second: Compared) -> tuple[Term, ...]:
    """Terms from the first plan's value to the second's, those of 0 left out."""
    alike = _same_tree(first.instance, second.instance)
    both = _lines(first, alike).merge(_lines(second, alike), on=KEYS, how="outer", suffixes=("_a", "_b"))
    both = _completed(both)
    parts: dict[str, list[float]] = {name: [] for name in TERMS}
    prices = _Prices(first, second, alike)
    for row in both.itertuples(index=False):
        discount, priced, rest = _shared(row, *prices.of(str(row.line), str(row.at), str(row.site), str(row.subject)))
        parts[DISCOUNT].append(discount)
        parts[POWER_PRICE if row.line in POWERED else MARKET].append(priced)
        parts[TERM_OF[str(row.line)]].append(rest)
    return tuple(Term(name, math.fsum(amounts)) for name, amounts in parts.items() if any(amounts))


def _same_tree(one: Instance, other: Instance) -> bool:
    """Whether nodes of one name are the same period with the same probability."""
    a, b = one.tree, other.tree
    return (
        a.name == b.name and np.array_equal(a.first_month, b.first_month) and np.allclose(a.probability, b.probability)
    )


def _lines(one: Compared, alike: bool) -> pd.DataFrame:
    """Value and cash weighted with probability, by KEYS: the factor is their quotient."""
    flow, nodes = one.plan.tables["cash_flow"], one.plan.tables["nodes"]
    flow = flow.merge(nodes[["node", "probability", "start_month"]], on="node")
    flow = flow.assign(at=flow["node"] if alike else flow["start_month"], cash=flow["amount_usd"] * flow["probability"])
    return flow.groupby(KEYS, as_index=False)[["discounted_usd", "cash", "discount_factor"]].agg(
        {"discounted_usd": "sum", "cash": "sum", "discount_factor": "mean"}
    )


def _completed(both: pd.DataFrame) -> pd.DataFrame:
    """Lines that only one plan has stand at 0 in the other, at the same factor."""
    both = both.assign(
        discount_factor_a=both["discount_factor_a"].fillna(both["discount_factor_b"]),
        discount_factor_b=both["discount_factor_b"].fillna(both["discount_factor_a"]),
    )
    return both.fillna(dict.fromkeys(("discounted_usd_a", "discounted_usd_b", "cash_a", "cash_b"), 0.0))


def _shared(row: object, price_a: float, price_b: float) -> tuple[float, float, float]:
    """Parts of discounting, of the index and of the rest; they add to the change of the value."""
    value_a, value_b = _number(row, "discounted_usd_a"), _number(row, "discounted_usd_b")
    factor_a, factor_b = _number(row, "discount_factor_a"), _number(row, "discount_factor_b")
    cash_a, cash_b = _number(row, "cash_a"), _number(row, "cash_b")
    discount = (factor_b - factor_a) * (cash_a + cash_b) / 2.0
    priced = 0.0
    if price_a > 0.0 and price_b > 0.0 and price_a != price_b:
        amounts = (cash_a / price_a + cash_b / price_b) / 2.0
        priced = (price_b - price_a) * amounts * (factor_a + factor_b) / 2.0
    return discount, priced, value_b - value_a - discount - priced


def _number(row: object, name: str) -> float:
    return float(getattr(row, name))


class _Prices:
    """Indices of lines in both plans, each array made once."""

    def __init__(self, first: Compared, second: Compared, alike: bool) -> None:
        self._sides = [(one, _positions(one, alike)) for one in (first, second)]
        self._known: dict[tuple[int, str, str, str], Floats | None] = {}

    def of(self, line: str, at: str, site: str, subject: str) -> tuple[float, float]:
        """Index of a line in both plans; 1 in both where it has none or one plan knows none."""
        found = [self._one(side, line, at, site, subject) for side in range(len(self._sides))]
        prices = [price for price in found if price is not None]
        return (prices[0], prices[1]) if len(prices) == len(found) else (1.0, 1.0)

    def _one(self, side: int, line: str, at: str, site: str, subject: str) -> float | None:
        one, positions = self._sides[side]
        if line not in INDICES or at not in positions:
            return None
        key = (side, line, site, subject)
        if key not in self._known:
            self._known[key] = INDICES[line](one, site, subject)
        by_node, nodes = self._known[key], positions[at]
        if by_node is None:
            return None
        return float(np.average(by_node[nodes], weights=one.instance.tree.probability[nodes]))


def _positions(one: Compared, alike: bool) -> dict[str, list[int]]:
    nodes = one.plan.tables["nodes"]
    found: dict[str, list[int]] = {}
    for position, label in enumerate(nodes["node" if alike else "start_month"]):
        found.setdefault(str(label), []).append(position)
    return found
