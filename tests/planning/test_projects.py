"""No free lunches in project loans: they give a conversion what it costs, and take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allocator.instance.loans import compile_collateral, compile_loans
from allocator.instance.loans_state import Debt, Projects
from allocator.instance.projects import lent_usd
from allocator.instance.types import Instance
from allocator.scenario.loans import ProjectLoan
from allocator.scenario.months import Month
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, tiny_instance
from tests.planning.solving import best

RISK_FREE = 0.04
WORKS: dict[str, Any] = {
    "name": "works", "kind": "project", "limit_usd": 2e6, "loan_to_cost_share": 0.8, "amortisation_months": 6,
    "rate_per_year": RISK_FREE,
}  # fmt: skip
CAPEX_USD = 1e6


def shell(rent_usd: float, cash_usd: float = 5e6) -> Instance:
    """A hall for 1,000,000 USD over two months, whose tenant pays 4 MW x 3 months of rent in all."""
    bays = [BaySpec("bare", "empty", 0.0), BaySpec("rows", "air_gpu", 4.0, capex_usd=CAPEX_USD, lead_months=2)]
    tenant = ContractSpec("tenant", 4.0, ["hall/rows"], rent_usd_per_mw_month=rent_usd / 12.0, first_service_month=2)
    plain = tiny_instance(nodes=5, halls=[HallSpec("hall", bays)], contracts=[tenant], opening_cash_usd=cash_usd)
    return replace(plain, finance=replace(plain.finance, risk_free_per_year=RISK_FREE, minimum_cash_usd=0.0))


def lent(instance: Instance, **terms: object) -> Instance:
    """The same with a project loan on the hall."""
    loan, tree = ProjectLoan(**{**WORKS, **terms}), instance.tree
    rates = np.full((1, len(tree)), float(loan.rate_per_year))  # type: ignore[arg-type]
    rows = [
        (0, 1, made, node, owed, owed if built else 0.0)
        for made in range(len(tree))
        for node, owed, built in lent_usd(loan, tree, instance.bays, 1, made, tree.accrual(rates)[0])
    ]
    table = np.array(rows).T
    projects = Projects(*(column.astype(int) for column in table[:4]), *table[4:])
    collateral = compile_collateral([], np.zeros(len(tree)), 0.0, 100.0)
    debt = Debt(compile_loans([loan], rates, tree, Month(2027, 1)), collateral, projects=projects)
    return replace(instance, debt=debt)


@pytest.mark.parametrize("interest", ["paid", "drawn"])
def test_lending_on_a_conversion_at_the_risk_free_rate_is_worth_nothing(interest: str) -> None:
    instance = shell(rent_usd=1.5e6)
    with_loan = lent(instance, interest_during_construction=interest)
    assert best(with_loan).usd == pytest.approx(best(instance).usd)
    assert best(instance).usd > 1e3


def test_lending_makes_no_conversion_worth_what_it_does_not_earn() -> None:
    """A hall that loses 1,000 USD is not built for the sake of what is lent on it."""
    assert best(lent(shell(rent_usd=CAPEX_USD - 1e3))).usd == pytest.approx(0.0, abs=1e-3)


def test_a_conversion_that_cash_does_not_pay_for_is_built_with_the_loan_and_costs_its_spread() -> None:
    poor = shell(rent_usd=1.5e6, cash_usd=0.3e6)
    assert best(poor).usd == pytest.approx(0.0, abs=1e-3)
    dear = best(lent(poor, rate_per_year=0.12, upfront_fee_share=0.005))
    rich = best(lent(shell(rent_usd=1.5e6)))
    assert dear.point.convert[1, 0] == 1.0
    assert dear.point.loans is not None
    assert dear.point.loans.opens.sum() == 1.0
    assert rich.usd - 60e3 < dear.usd < rich.usd - 2e6 * 0.005


def test_what_is_left_at_the_end_is_deducted() -> None:
    """Owed for years beyond the horizon, at the risk-free rate: still worth nothing, and owed in the plan."""
    instance = shell(rent_usd=1.5e6, cash_usd=0.3e6)
    plan = best(lent(instance, amortisation_months=120))
    assert plan.usd == pytest.approx(best(shell(rent_usd=1.5e6)).usd)
