"""CASH: cash through the periods, its minimum, and the capital budget."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check
from allocator.verify.covenant_columns import breaches_usd
from allocator.verify.lines_period import CAPEX_LINES, PERIOD_LINES
from allocator.verify.loan_columns import of_collateral
from allocator.verify.sums import sum_exactly


def balance(case: Case) -> Iterator[Check]:
    """Cash opens where the parent node closed, moves by the period lines of the node, and closes there."""
    axes, flows = (case.axes.nodes,), _flows(case)
    opening, flow, closing = (by_node(case, "cash", name) for name in ("opening_usd", "flow_usd", "closing_usd"))
    before = case.timeline.carry(closing, case.instance.finance.opening_cash_usd)
    yield Check("opening cash", "USD", axes, opening, before, tolerance=tolerances.MONEY_USD)
    yield Check("flow of the node", "USD", axes, flow, flows, tolerance=tolerances.usd(_gross(case)))
    after = opening + flow
    yield Check("closing cash", "USD", axes, closing, after, tolerance=tolerances.MONEY_USD)


def minimum(case: Case) -> Iterator[Check]:
    """Cash rolled from the opening cash never closes below the scenario's minimum, but for the shortfall stated."""
    finance, axes = case.instance.finance, (case.axes.nodes,)
    least = finance.minimum_cash_usd
    cash = finance.opening_cash_usd + case.timeline.along(_flows(case))
    tolerance = tolerances.limit_usd(case.timeline.along(_gross(case)))
    short = np.maximum(0.0, least - cash) if finance.may_fall_short else np.zeros(len(cash))
    yield Check("cash at the end of the node", "USD", axes, cash, least - short, "at_least", tolerance)
    exact = tolerance if finance.may_fall_short else tolerances.usd(short)
    yield Check("shortfall stated", "USD", axes, by_node(case, "cash", "shortfall_usd"), short, tolerance=exact)
    stated = by_node(case, "cash", "minimum_usd")
    yield Check("minimum stated", "USD", axes, stated, least, tolerance=tolerances.usd(least))


def budget(case: Case) -> Iterator[Check]:
    """Capital paid along a path, derived from the decisions, stays within the budget."""
    leaves, limit = case.instance.tree.leaves, case.instance.finance.capex_budget_usd
    spent = -sum(PERIOD_LINES[line](case).amount_usd.sum(axis=0) for line in CAPEX_LINES)
    paid = case.timeline.along(np.asarray(spent))[leaves]
    tolerance = tolerances.limit_usd(paid)
    yield Check("capital paid", "USD", (case.axes.leaves,), paid, limit, "at_most", tolerance)


def penalty(case: Case) -> Iterator[Check]:
    """The head states the expected price of shortfalls, loans not cured and covenants, no part of the objective."""
    if case.meta is None:
        return
    tree, finance, debt = case.instance.tree, case.instance.finance, case.instance.debt
    short = tree.probability * by_node(case, "cash", "shortfall_usd") if finance.may_fall_short else np.zeros(1)
    broken = [0.0] if debt is None else _broken_usd(case, debt)
    priced = math.fsum([*(finance.shortfall_penalty * usd for usd in short if usd), *broken, *breaches_usd(case)])
    yield Check("penalty_usd", "USD", (), case.meta.penalty_usd, priced, tolerance=tolerances.usd(priced))


def _broken_usd(case: Case, debt: Debt) -> Iterator[float]:
    """Expected price of every call and of all that is not cured."""
    terms, probability = debt.collateral, case.instance.tree.probability
    called = probability * of_collateral(case, debt, "called_usd")
    for price, own in zip(terms.call_penalty.tolist(), called, strict=True):
        yield from (price * usd for usd in own.tolist() if usd)
    yield from (terms.uncured_penalty * probability * of_collateral(case, debt, "uncured_usd")).ravel().tolist()


RULES: dict[str, PlanRule] = {
    "CASH.balance": balance,
    "CASH.minimum": minimum,
    "CASH.budget": budget,
    "CASH.penalty": penalty,
}


def _flows(case: Case) -> Floats:
    """Sum of the period lines of each node, (N,)."""
    return _by_node(case, absolute=False)


def _gross(case: Case) -> Floats:
    """Sum of their sizes, (N,)."""
    return _by_node(case, absolute=True)


def _by_node(case: Case, *, absolute: bool) -> Floats:
    flow = case.flow.where(case.flow.words("when").at({"period": 1}) == 1)
    amounts = flow.numbers("amount_usd")
    node = case.axes.node_at(flow.words("node"))
    return sum_exactly(np.abs(amounts) if absolute else amounts, node, len(case.instance.tree))
