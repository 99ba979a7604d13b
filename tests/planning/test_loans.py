"""No free lunches in debt: a loan at the risk-free rate is worth nothing, and what is owed is deducted at the end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.loans import compile_collateral, compile_extensions, compile_loans
from allocator.instance.loans_state import Debt
from allocator.instance.types import Instance
from allocator.scenario.loans import BtcBackedLoan, ConvertibleNotes, EquipmentLoan, Extension, TermLoan
from allocator.scenario.months import Month
from allocator.scenario.treasury import Optimise
from solvers.result import SolverError
from tests.planning.solving import best
from tests.planning.test_treasury import SELL, miner

RISK_FREE = 0.04
FREE = Optimise(kind="optimise")
LINE = BtcBackedLoan(
    name="line", kind="btc_backed", opening_principal_usd=0.0, limit_usd=200e3, rate_per_year=RISK_FREE,
    opening_pledged_btc=0.0, initial_ltv=0.5, call_ltv=0.7, liquidation_ltv=0.8, release_ltv=0.5,
)  # fmt: skip
OWED = {"opening_principal_usd": 90e3, "rate_per_year": RISK_FREE}
Loan = BtcBackedLoan | TermLoan | EquipmentLoan | ConvertibleNotes


def owing(instance: Instance, *loans: Loan, cash_usd: float = 1e6) -> Instance:
    """The company owes as stated; cash earns the risk-free rate."""
    tree = instance.tree
    rates = np.array([np.full(len(tree), float(loan.rate_per_year)) for loan in loans])  # type: ignore[arg-type]
    debt = Debt(
        compile_loans(loans, rates, tree, Month(2027, 1)),
        compile_collateral(loans, np.zeros(len(tree)), 0.0, 100.0),
        compile_extensions(loans, tree, Month(2027, 1)),
    )
    finance = replace(instance.finance, risk_free_per_year=RISK_FREE, opening_cash_usd=cash_usd, minimum_cash_usd=0.0)
    return replace(instance, finance=finance, debt=debt)


def debtless_usd(instance: Instance) -> float:
    return best(replace(instance, debt=None)).usd


@pytest.mark.parametrize("fork", [False, True])
def test_borrowing_at_the_risk_free_rate_is_worth_nothing(fork: bool) -> None:
    instance = owing(miner(None, SELL, fork=fork), LINE)
    assert best(instance).usd == pytest.approx(debtless_usd(instance))


def test_borrowing_above_it_is_not_done_and_costs_its_spread_where_it_is_owed() -> None:
    dear = LINE.model_copy(update={"rate_per_year": 0.12})
    plan = best(owing(miner(None, SELL, fork=True), dear))
    assert plan.point.loans is not None
    assert not plan.point.loans.draw_usd.any()
    term = TermLoan(name="t", kind="term", opening_principal_usd=90e3, rate_per_year=0.12, may_prepay=False)
    held = owing(miner(None, SELL), term)
    cost = debtless_usd(held) - best(held).usd
    at, end = held.tree.mid_years, held.tree.horizon_years
    interest = (1.12 ** np.diff(at, prepend=0.0) - 1.0) @ (1.0 + RISK_FREE) ** -at
    assert cost == pytest.approx(90e3 * (interest + 1.12 ** (end - at[-1]) * (1.0 + RISK_FREE) ** -end))
    assert cost > 90e3 * 1.015


@pytest.mark.parametrize(
    "loan",
    [
        TermLoan(name="bullet", kind="term", **OWED),
        TermLoan(name="steps", kind="term", **OWED, repay_usd_by_month=(30e3,)),
        EquipmentLoan(name="trucks", kind="equipment", **OWED, maturity=Month(2027, 2)),
    ],
    ids=lambda loan: loan.name,
)  # fmt: skip
def test_what_is_owed_at_the_risk_free_rate_costs_what_is_owed_whenever_it_is_paid_back(loan: Loan) -> None:
    """Deducted at the end or paid back before: the same today."""
    instance = owing(miner(None, SELL), loan)
    assert debtless_usd(instance) - best(instance).usd == pytest.approx(90e3)


def test_a_price_without_a_view_gives_nothing_to_gain_by_borrowing_against_bitcoin() -> None:
    """Neither drawing to hold, nor selling to repay, beats selling production and leaving the line alone."""
    free, plain = owing(miner(None, FREE, fork=True), LINE), owing(miner(None, SELL, fork=True), LINE)
    assert best(free).usd == pytest.approx(best(plain).usd)
    assert best(free).usd == pytest.approx(debtless_usd(plain))


def test_a_line_lets_a_plan_hold_what_it_would_have_to_sell() -> None:
    """With a view that Bitcoin rises more than it is discounted at, and no cash for its costs."""
    instance = owing(miner(0.0, FREE, fork=True, discount=np.array([1.0, 1.2, 1.2])), LINE, cash_usd=-150e3)
    assert best(instance).usd > debtless_usd(instance) + 1e3


FALLS_DUE = TermLoan(name="t", kind="term", **OWED, maturity=Month(2027, 2))


def test_postponing_at_the_risk_free_rate_is_worth_nothing_and_a_fee_is_not_paid_for_it() -> None:
    for right in (Extension(months=12), Extension(months=12, fee_share=0.01)):
        instance = owing(miner(None, SELL), FALLS_DUE.model_copy(update={"extension": right}))
        assert debtless_usd(instance) - best(instance).usd == pytest.approx(90e3)


def test_a_company_without_cash_pays_to_postpone_what_it_cannot_pay_back() -> None:
    """1 % of what is owed in the second month, paid then."""
    broke = {"cash_usd": 0.0}
    right = Extension(months=12, fee_share=0.01)
    due = FALLS_DUE.model_copy(update={"opening_principal_usd": 5e6, "rate_per_year": 0.04})
    plan = owing(miner(None, SELL), due.model_copy(update={"extension": right}), **broke)
    with pytest.raises(SolverError):
        best(owing(miner(None, SELL), due, **broke))
    found = best(plan)
    assert found.point.loans is not None
    assert found.point.loans.extends.tolist() == [[0.0, 1.0, 0.0]]
    left = 5e6 - found.point.loans.repay_usd[0, :2].sum()
    fee = 0.01 * left * 1.04 ** -plan.tree.mid_years[1]
    assert debtless_usd(plan) - found.usd == pytest.approx(5e6 + fee)


def test_an_upfront_fee_makes_a_line_cost_what_it_gives_nothing_for() -> None:
    """At the risk-free rate it stays shut; where it must be drawn, it costs its fee once."""
    fee = LINE.model_copy(update={"upfront_fee_share": 0.01})
    shut = best(owing(miner(None, SELL, fork=True), fee))
    assert shut.point.loans is not None
    assert not shut.point.loans.draw_usd.any()
