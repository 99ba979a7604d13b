"""EQUITY: what buyers of shares pay, where and how much, and what they come to hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check
from allocator.verify.lines_equity import issued_usd


def issue(case: Case) -> Iterator[Check]:
    """Shares are sold in decision nodes from the first month on, within the limit of an issue; the rest follows."""
    equity = case.instance.equity
    if equity is None:
        return
    issued, axes = issued_usd(case), (case.axes.nodes,)
    most = np.where(equity.may_issue, equity.most_usd, 0.0)
    tolerance = tolerances.limit_usd(issued)
    yield Check("paid by buyers", "USD", axes, issued, most, "at_most", tolerance)
    yield Check("paid by buyers", "USD", axes, issued, 0.0, "at_least", tolerance)
    for says, column, per_usd in (
        ("fees", "fees_usd", equity.fee_share),
        ("what buyers hold", "claim_usd", equity.claim_per_usd),
    ):
        expected = per_usd * issued
        yield Check(says, "USD", axes, by_node(case, "equity", column), expected, tolerance=tolerances.usd(expected))


def year(case: Case) -> Iterator[Check]:
    """What buyers pay in a calendar year stays within its limit on every path."""
    equity = case.instance.equity
    if equity is None:
        return
    same = equity.year[:, None] == equity.year[None, :]
    paid = issued_usd(case) @ (case.timeline.before & same).astype(float)
    tolerance = tolerances.limit_usd(paid)
    yield Check("paid in the year", "USD", (case.axes.nodes,), paid, equity.left_of_year_usd, "at_most", tolerance)


def total(case: Case) -> Iterator[Check]:
    """What buyers pay over the horizon stays within its limit on every path."""
    equity = case.instance.equity
    if equity is None:
        return
    paid = case.timeline.along(issued_usd(case))[case.instance.tree.leaves]
    tolerance = tolerances.limit_usd(paid)
    yield Check("paid in all", "USD", (case.axes.leaves,), paid, equity.most_usd_in_all, "at_most", tolerance)


RULES: dict[str, PlanRule] = {"EQUITY.issue": issue, "EQUITY.year": year, "EQUITY.total": total}
