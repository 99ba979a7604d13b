"""Limits, interest and fees of loans at each node, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.loans import compile_collateral, compile_debt, compile_extensions, compile_loans
from allocator.instance.loans_state import Debt, Loans
from allocator.instance.months import month_grid
from allocator.instance.tree import NodeTree
from allocator.scenario.loans import BtcBackedLoan, EquipmentLoan, Extension, TermLoan
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario
from allocator.scenario.values import evaluate
from tests.instance.factory import tiny_instance
from tests.planning.cases import quarterly
from tests.scenarios.cases import SCENARIOS, read_yaml

START = Month(2027, 1)
LINE = {
    "name": "line", "kind": "btc_backed", "opening_principal_usd": 100.0, "limit_usd": 400.0, "rate_per_year": 0.1,
    "commitment_fee_per_year": 0.012, "opening_pledged_btc": 3.0, "initial_ltv": 0.5, "call_ltv": 0.7,
    "liquidation_ltv": 0.8, "release_ltv": 0.5, "cure_hours": 24.0,
}  # fmt: skip


def compiled(loan: BtcBackedLoan | TermLoan | EquipmentLoan, tree: NodeTree) -> Loans:
    return compile_loans([loan], np.full((1, len(tree)), float(loan.rate_per_year)), tree, START)


def test_interest_runs_from_the_middle_of_a_node_to_that_of_the_next_and_to_the_end() -> None:
    tree = tiny_instance(nodes=3).tree
    loans = compiled(TermLoan(name="t", kind="term", opening_principal_usd=90.0, rate_per_year=0.1), tree)
    assert loans.interest_share[0] == pytest.approx([1.1 ** (1 / 24) - 1, 1.1 ** (1 / 12) - 1, 1.1 ** (1 / 12) - 1])
    assert loans.interest_to_end_share[0, 2] == pytest.approx(1.1 ** (1 / 24) - 1)
    assert loans.limit_usd.tolist() == [[90.0, 90.0, 90.0]]
    assert not loans.falls_due_usd.any()


def test_a_schedule_and_a_maturity_end_the_limit() -> None:
    loan = TermLoan(
        name="t", kind="term", opening_principal_usd=90.0, rate_per_year=0.1, repay_usd_by_month=(10.0, 20.0),
        maturity=Month(2027, 3),
    )  # fmt: skip
    found = compiled(loan, tiny_instance(nodes=4).tree)
    assert found.limit_usd.tolist() == [[80.0, 60.0, 0.0, 0.0]]
    assert found.falls_due_usd.tolist() == [[10.0, 20.0, 60.0, 0.0]]


def test_an_equipment_loan_is_paid_back_in_equal_parts_whatever_the_nodes() -> None:
    loan = EquipmentLoan(
        name="e", kind="equipment", opening_principal_usd=120.0, rate_per_year=0.1, maturity=Month(2027, 12)
    )
    monthly = compiled(loan, tiny_instance(nodes=3).tree)
    assert monthly.limit_usd[0] == pytest.approx([110.0, 100.0, 90.0])
    by_quarter = compiled(loan, quarterly(tiny_instance(nodes=3)))
    assert by_quarter.limit_usd[0] == pytest.approx([90.0, 60.0, 30.0])


def test_only_a_line_with_room_is_drawn_and_charged_for_what_is_not() -> None:
    tree = tiny_instance(nodes=2).tree
    line = compiled(BtcBackedLoan(**LINE), tree)
    assert line.may_draw.all()
    assert line.undrawn_share[0] == pytest.approx([0.012 / 24, 0.012 / 12])
    bullet = compiled(BtcBackedLoan(**{**LINE, "limit_usd": None}), tree)
    assert not bullet.may_draw.any()
    assert bullet.limit_usd.tolist() == [[100.0, 100.0]]


def test_free_bitcoin_counts_where_it_arrives_before_the_call_runs_out() -> None:
    loan = BtcBackedLoan(**LINE)
    for hours, share in ((24.0, 1.0), (25.0, 0.0)):
        assert compile_collateral([loan], np.zeros(2), hours, 100.0).postable_share.tolist() == [share]


def test_an_extension_lasts_from_the_maturity_on_and_is_decided_no_later_than_it() -> None:
    right = Extension(months=2, fee_share=0.01, most_ltv=0.4)
    loan = BtcBackedLoan(**{**LINE, "maturity": Month(2027, 2), "extension": right})
    tree = tiny_instance(nodes=5).tree
    found = compile_extensions([loan], tree, START)
    assert found.extra_usd.tolist() == [[0.0, 400.0, 400.0, 0.0, 0.0]]
    assert found.decided.tolist() == [[-1, 1, 1, -1, -1]]
    early = replace(tree, decision=np.array([True, False, True, True, True]))
    assert compile_extensions([loan], early, START).decided.tolist() == [[-1, 0, 0, -1, -1]]
    never = replace(tree, decision=np.array([False, False, True, True, True]))
    assert not compile_extensions([loan], never, START).extra_usd.any()
    assert [found.fee_share.tolist(), found.most_ltv.tolist()] == [[0.01], [0.4]]


def test_nothing_is_drawn_and_no_commitment_is_paid_for_in_an_extension() -> None:
    loan = BtcBackedLoan(**{**LINE, "maturity": Month(2027, 2), "extension": Extension(months=2)})
    found = compiled(loan, tiny_instance(nodes=4).tree)
    assert found.may_draw.tolist() == [[True, False, False, False]]
    assert (found.undrawn_share[0] > 0).tolist() == [True, True, False, False]


def test_what_an_extension_ends_with_is_no_prepayment() -> None:
    loan = TermLoan(
        name="t", kind="term", opening_principal_usd=90.0, rate_per_year=0.1, repay_usd_by_month=(0.0, 0.0, 20.0),
        maturity=Month(2027, 2), extension=Extension(months=2),
    )  # fmt: skip
    tree = tiny_instance(nodes=4).tree
    debt = Debt(
        compiled(loan, tree), compile_collateral([loan], np.zeros(4), 0.0, 1.0), compile_extensions([loan], tree, START)
    )
    assert debt.most_usd.tolist() == [[90.0, 90.0, 70.0, 0.0]]
    assert debt.due_usd(tree.parent).tolist() == [[0.0, 90.0, 20.0, 70.0]]


def test_an_upfront_fee_is_one_on_the_most_that_may_be_owed() -> None:
    line = {**LINE, "upfront_fee_share": 0.01}
    found = compiled(BtcBackedLoan(**line), tiny_instance(nodes=2).tree)
    assert [found.upfront_usd.tolist(), found.unopened.tolist()] == [[4.0], [False]]
    unopened = compiled(BtcBackedLoan(**{**line, "opening_principal_usd": 0.0}), tiny_instance(nodes=2).tree)
    assert unopened.unopened.all()


def test_a_floating_rate_is_its_reference_or_floor_and_a_spread() -> None:
    document = read_yaml(SCENARIOS / "hand" / "repayment" / "scenario.yaml")
    floating = {"rate_per_year": {"by_month": [0.03, 0.05]}, "rate_floor_per_year": 0.04, "spread_per_year": 0.045}
    scenario = Scenario.model_validate({**document, "loans": [{**document["loans"][1], **floating}]})
    tree = tiny_instance(nodes=2).tree
    grid = month_grid("2027-04", 2, "UTC")
    debt = compile_debt(scenario, lambda value: evaluate(value, 2), grid, tree, tiny_instance(nodes=2).bays, None)
    assert debt is not None
    years = tree.years_since_parent
    assert debt.loans.interest_share[0] == pytest.approx([1.085 ** years[0] - 1, 1.095 ** years[1] - 1])
