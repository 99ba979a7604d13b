"""PROJECT: what is owed and drawn on conversions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case
from allocator.verify.check import Check
from allocator.verify.loan_columns import of_loans, owed_usd


def cost(case: Case, debt: Debt) -> Iterator[Check]:
    """No more is owed on a project loan than its conversions have cost, its share of it, and what of that is left."""
    yield _within(case, debt, "owed for conversions", owed_usd(case, debt), debt.projects.owed_usd)


def draw(case: Case, debt: Debt) -> Iterator[Check]:
    """Money is drawn on it only while a conversion is built, and no more than that lets be owed."""
    yield _within(case, debt, "drawn for conversions", of_loans(case, debt, "drawn_usd"), debt.projects.drawn_usd)


PROJECT_RULES = {"PROJECT.cost": cost, "PROJECT.draw": draw}


def _within(case: Case, debt: Debt, says: str, found: Floats, lent_usd: Floats) -> Check:
    projects, most = debt.projects, np.full(found.shape, np.inf)
    most[np.array(debt.loans.kind, dtype=object) == "project"] = 0.0
    decided = case.facts.convert[projects.bay, projects.made]
    np.add.at(most, (projects.loan, projects.node), decided * lent_usd)
    axes = (case.axes.loans, case.axes.nodes)
    return Check(says, "USD", axes, found, most, "at_most", tolerances.limit_usd(found))
