"""Limits, interest and fees of loans at each node, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.loans import compile_collateral, compile_loans
from allocator.instance.loans_state import Loans
from allocator.instance.tree import NodeTree
from allocator.scenario.loans import BtcBackedLoan, EquipmentLoan, TermLoan
from allocator.scenario.months import Month
from tests.instance.factory import tiny_instance
from tests.planning.cases import quarterly

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
