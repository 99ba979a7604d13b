"""Discounting, mid-period flows at annual effective rates; the opening position and its limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Finance
from allocator.scenario.finance import Discount, Hard
from allocator.scenario.finance import Finance as FinanceSection


def discount(per_year: float, years: ArrayLike) -> Floats:
    """(1 + r) ** -t, with r annual effective and t years from the start of the horizon."""
    return np.asarray((1.0 + per_year) ** -np.asarray(years, float))


def annuity(per_year: float, years: float) -> float:
    """Yearly payment, at year ends, that repays 1 over `years`: r / (1 - (1 + r) ** -years), 1 / years at r = 0."""
    return per_year / (1.0 - (1.0 + per_year) ** -years) if per_year else 1.0 / years


def compile_finance(stated: FinanceSection, rates: Discount, tree: NodeTree) -> Finance:
    """Opening position, limits, and the factor of each class of flows at each node."""
    rule, budget = stated.minimum_cash_rule, stated.capex_budget_usd
    return Finance(
        opening_cash_usd=stated.opening_cash_usd,
        minimum_cash_usd=stated.minimum_cash_usd,
        capex_budget_usd=np.inf if budget is None else budget,
        discount_operations=discount(rates.operations_per_year, tree.mid_years),
        discount_contracted=discount(rates.contracted_per_year, tree.mid_years),
        discount_horizon=float(discount(rates.operations_per_year, tree.horizon_years)),
        risk_free_per_year=rates.risk_free_per_year,
        shortfall_penalty=np.inf if isinstance(rule, Hard) else rule.penalty_per_usd,
    )
