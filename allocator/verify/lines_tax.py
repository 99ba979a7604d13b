"""The tax of every path and year, derived again from the lines of the cash flow, and its own lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tax import Tax
from allocator.instance.tree import Floats
from allocator.plan.schema import CAPITAL_LINES, LINES, OPERATING_LINES
from allocator.verify.by_node import by_node
from allocator.verify.case import Case
from allocator.verify.facts import scatter
from allocator.verify.owed import LineRule, Owed, by_company

TAXED_LINES = (*OPERATING_LINES, "equipment_sale", "loan_interest")
"""Lines of the income that is taxed, besides capital written off."""

NOT_TAXED = ("terminal_hosting_deposit", "terminal_coincident", "terminal_tax")
TAXED_BEYOND = tuple(name for name, line in LINES.items() if line.discount == "horizon" and name not in NOT_TAXED)
"""Lines beyond the horizon that are taxed there: all but deposits and the tax itself."""


def tax_paid(case: Case) -> Owed:
    """Tax of years that are over, in their last node."""
    tax, paid = case.instance.tax, np.zeros(len(case.instance.tree))
    if tax is not None:
        paid = np.where(tax.is_paid, -by_node(case, "tax", "tax_usd"), 0.0)
    return by_company([""], paid[None, :])


def terminal_tax(case: Case) -> Owed:
    """Tax accrued at each leaf, and on all that is worth something beyond it, less what is not written off."""
    tax, owed, leaves = case.instance.tax, np.zeros(len(case.instance.tree)), case.instance.tree.leaves
    if tax is not None:
        accrued = np.where(tax.is_paid, 0.0, by_node(case, "tax", "tax_usd"))
        later = lines_usd(case, TAXED_BEYOND) - by_node(case, "tax", "unwritten_usd")
        owed[leaves] = -(accrued + tax.rate_share * later)[leaves]
    return by_company([""], owed[None, :])


TAX_LINES: Mapping[str, LineRule] = {"tax_paid": tax_paid, "terminal_tax": terminal_tax}


def lines_usd(case: Case, lines: tuple[str, ...]) -> Floats:
    """Sum of some lines of the cash flow by node, (N,)."""
    flow = case.tables["cash_flow"]
    flow = flow[flow["line"].isin(lines)]
    return scatter((len(case.instance.tree),), (case.axes.node_at(flow["node"]),), flow["amount_usd"])


def written_off_usd(case: Case, tax: Tax) -> tuple[Floats, Floats]:
    """What is written off in every node and left at its end, from capital paid on the path, (N,) each."""
    tree, paid = case.instance.tree, -lines_usd(case, CAPITAL_LINES)
    age_before = np.clip(tree.first_month[None, :] - tree.first_month[:, None], 0, tax.write_off_months)
    ends = (tree.first_month + tree.months)[None, :]
    age_after = np.clip(ends - tree.first_month[:, None], 0, tax.write_off_months)
    here = case.timeline.before / tax.write_off_months
    written = paid @ ((age_after - age_before) * here)
    left = paid @ ((tax.write_off_months - age_after) * here)
    return tax.opening_written_off_usd + written, tax.opening_left_usd + left


def income_usd(case: Case, tax: Tax) -> Floats:
    """Income of every node, (N,)."""
    return lines_usd(case, TAXED_LINES) - written_off_usd(case, tax)[0]


def year_income_usd(case: Case, tax: Tax) -> Floats:
    """Income of the year so far on every path, (N,)."""
    same = case.timeline.before & (tax.year[:, None] == tax.year[None, :])
    first = np.where(tax.year == tax.year[0], tax.opening_income_usd, 0.0)
    return np.asarray(income_usd(case, tax) @ same.astype(float) + first)
