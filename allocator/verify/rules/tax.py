"""TAX: income of every path and calendar year, losses carried forward, and the tax they come to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tax import Tax
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check
from allocator.verify.lines_tax import income_usd, written_off_usd, year_income_usd


def income(case: Case) -> Iterator[Check]:
    """Income of a node is the sum of the lines that are taxed, less capital written off in equal monthly parts."""
    for tax in _taxed(case):
        written, left = written_off_usd(case, tax)
        yield _stated(case, "written off", "written_off_usd", written)
        yield _stated(case, "not yet written off", "unwritten_usd", left)
        yield _stated(case, "income of the node", "income_usd", income_usd(case, tax))


def year(case: Case) -> Iterator[Check]:
    """Income of a year is the sum of its nodes on the path; where it closes, what losses leave of it is taxed."""
    for tax in _taxed(case):
        whole = year_income_usd(case, tax)
        yield _stated(case, "income of the year", "year_income_usd", whole)
        taxed = np.where(tax.closes, np.maximum(0.0, whole) - by_node(case, "tax", "used_usd"), 0.0)
        yield _stated(case, "tax", "tax_usd", tax.rate_share * taxed)


def capped(case: Case) -> Iterator[Check]:
    """Losses offset their share of a year's income at most, and nothing where no year closes."""
    for tax in _taxed(case):
        profit = np.maximum(0.0, year_income_usd(case, tax))
        most = np.where(tax.closes, tax.loss_cap_share * profit, 0.0)
        yield _used(case, most, "at_most", profit)


def held(case: Case) -> Iterator[Check]:
    """No more losses are used than are carried, and as many as may be."""
    for tax in _taxed(case):
        profit = np.maximum(0.0, year_income_usd(case, tax))
        most = np.minimum(_before(case, tax), tax.loss_cap_share * profit)
        yield _used(case, np.where(tax.closes, most, 0.0), "equal", profit)


def carried(case: Case) -> Iterator[Check]:
    """Losses carried are those of the node before, less what is used, and the loss of a year that closes."""
    for tax in _taxed(case):
        lost = np.where(tax.closes, np.maximum(0.0, -year_income_usd(case, tax)), 0.0)
        expected = _before(case, tax) - by_node(case, "tax", "used_usd") + lost
        yield _stated(case, "losses carried", "carried_usd", expected)


RULES: dict[str, PlanRule] = {
    "TAX.income": income,
    "TAX.year": year,
    "TAX.capped": capped,
    "TAX.held": held,
    "TAX.carried": carried,
}


def _taxed(case: Case) -> Iterator[Tax]:
    if case.instance.tax is not None:
        yield case.instance.tax


def _before(case: Case, tax: Tax) -> Floats:
    return case.timeline.carry(by_node(case, "tax", "carried_usd"), tax.opening_loss_usd)


def _stated(case: Case, says: str, column: str, expected: Floats) -> Check:
    found = by_node(case, "tax", column)
    return Check(says, "USD", (case.axes.nodes,), found, expected, tolerance=tolerances.usd(_size(case)))


def _used(case: Case, expected: Floats, sense: str, profit: Floats) -> Check:
    found = by_node(case, "tax", "used_usd")
    tolerance = tolerances.usd(np.maximum(_size(case), profit))
    axes = (case.axes.nodes,)
    if sense == "equal":
        return Check("losses used", "USD", axes, found, expected, tolerance=tolerance)
    return Check("losses used", "USD", axes, found, expected, "at_most", tolerance)


def _size(case: Case) -> Floats:
    """Size of all flows on the way to each node: what rounding is relative to, (N,)."""
    flow = case.tables["cash_flow"]
    sizes = np.bincount(case.axes.node_at(flow["node"]), flow["amount_usd"].abs(), len(case.instance.tree))
    return case.timeline.along(sizes.astype(float))
