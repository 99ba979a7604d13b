"""Columns of table covenants on the axes of the instance, and what each test finds, derived again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.covenants_state import Covenants
from allocator.instance.tree import Floats
from allocator.plan.schema import OPERATING_LINES
from allocator.verify.by_node import by_node
from allocator.verify.case import Case
from allocator.verify.facts import scatter
from allocator.verify.lines_prepayments import of_contracts
from allocator.verify.loan_columns import of_collateral, of_loans


def of_covenants(case: Case, covenants: Covenants, column: str) -> Floats:
    """A column of table covenants, (C, N); 0 where nothing is tested."""
    table = case.tables["covenants"]
    at = np.array([covenants.names.index(name) for name in table["covenant"]], dtype=np.int64)
    return scatter(covenants.tested.shape, (at, case.axes.node_at(table["node"])), table[column])


def breaches_usd(case: Case) -> Iterator[float]:
    """Expected price of every breach stated."""
    covenants = case.instance.covenants
    if covenants is not None:
        stated = of_covenants(case, covenants, "breach_usd")
        yield from (covenants.penalty[:, None] * stated * case.instance.tree.probability).ravel().tolist()


def income_usd(case: Case, covenants: Covenants) -> Floats:
    """What the sites of each covenant earned in the months of each test, (C, N)."""
    tree, flow = case.instance.tree, case.tables["cash_flow"]
    flow = flow[flow["line"].isin(OPERATING_LINES)]
    at = case.axes.site_at(flow["site"]), case.axes.node_at(flow["node"])
    earned = scatter((len(case.instance.sites.names), len(tree)), at, flow["amount_usd"])
    return covenants.earlier_income_usd + _in_windows(case, covenants, covenants.sites.astype(float) @ earned)


def service_usd(case: Case, covenants: Covenants) -> Floats:
    """Interest and instalments of each covenant's loans in the months of each test, (C, N)."""
    debt = case.instance.debt
    if debt is None:
        return covenants.earlier_service_usd
    left = np.minimum(covenants.instalment_limit_usd, debt.lent_usd(case.facts.convert))
    due = np.maximum(of_loans(case, debt, "opening_usd") - left, 0.0)
    by_loan = of_loans(case, debt, "interest_usd") + due
    return covenants.earlier_service_usd + _in_windows(case, covenants, covenants.loans.astype(float) @ by_loan)


def liquid_usd(case: Case, covenants: Covenants) -> Floats:
    """Cash, and free Bitcoin as each covenant counts it, when each node closes, (C, N)."""
    treasury, debt = case.instance.treasury, case.instance.debt
    free = np.zeros(len(case.instance.tree))
    if treasury is not None:
        pledged = 0.0 if debt is None else of_collateral(case, debt, "closing_btc").sum(axis=0)
        free = (by_node(case, "treasury", "closing_btc") - pledged) * case.instance.btc_price_usd
    return np.asarray(by_node(case, "cash", "closing_usd") + covenants.btc_share[:, None] * free)


def net_debt_usd(case: Case, covenants: Covenants) -> Floats:
    """What is owed on loans and to tenants who have paid ahead, less what is liquid, when each node closes, (C, N)."""
    debt = case.instance.debt
    owed = of_contracts(case, "unearned_usd").sum(axis=0)
    if debt is not None:
        owed = owed + of_loans(case, debt, "closing_usd").sum(axis=0)
    return np.asarray(owed - liquid_usd(case, covenants))


def _in_windows(case: Case, covenants: Covenants, by_node_usd: Floats) -> Floats:
    """Sum of (C, N) over the last months of each path, up to the end of each node."""
    tree = case.instance.tree
    ends, total = tree.first_month + tree.months, np.zeros_like(by_node_usd)
    for covenant, months in enumerate(covenants.trailing_months.tolist()):
        opens = np.maximum(tree.first_month[:, None], (ends - months)[None, :])
        counted = np.clip(ends[:, None] - opens, 0, None) * case.timeline.before
        total[covenant] = by_node_usd[covenant] @ (counted / tree.months[:, None])
    return total
