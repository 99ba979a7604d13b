"""Where convertible notes are put, and how they are settled, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from allocator.instance.loans import compile_collateral, compile_loans
from allocator.instance.loans_state import Debt
from allocator.instance.notes import follows, with_notes
from allocator.instance.tree import NodeTree
from allocator.scenario.loans import ConvertibleNotes
from allocator.scenario.months import Month
from tests.instance.factory import tiny_instance
from tests.planning.cases import two_branches

START = Month(2027, 1)
NOTES: dict[str, Any] = {
    "name": "notes", "kind": "convertible", "opening_principal_usd": 100.0, "rate_per_year": 0.02,
    "maturity": Month(2027, 3), "conversion_price_usd": 10.0, "share_price_usd": 0.0,
}  # fmt: skip


def settled(share_usd: list[float], tree: NodeTree | None = None, **terms: object) -> Debt:
    note, tree = ConvertibleNotes(**{**NOTES, **terms}), tree or tiny_instance(nodes=4).tree
    loans = compile_loans([note], np.full((1, len(tree)), 0.02), tree, START)
    debt = Debt(loans, compile_collateral([note], np.zeros(len(tree)), 0.0, 1.0))
    return with_notes(debt, [note], tree, START, np.array([share_usd]))


def test_below_the_conversion_price_they_are_paid_in_cash() -> None:
    debt = settled([12.0, 12.0, 9.99, 12.0])
    assert debt.loans.limit_usd.tolist() == [[100.0, 100.0, 0.0, 0.0]]
    assert debt.loans.falls_due_usd.tolist() == [[0.0, 0.0, 100.0, 0.0]]
    assert not debt.shares_usd.any()
    assert not debt.loans.may_prepay.any()


def test_at_or_above_it_they_turn_into_shares_and_cost_what_these_are_worth() -> None:
    assert settled([9.0, 9.0, 10.0, 9.0]).shares_usd.tolist() == [[0.0, 0.0, 100.0, 0.0]]
    debt = settled([9.0, 9.0, 13.0, 9.0])
    assert debt.shares_usd[0] == pytest.approx([0.0, 0.0, 130.0, 0.0])
    assert debt.given_usd[0] == pytest.approx([0.0, 0.0, 30.0, 0.0])


def test_holders_ask_for_cash_only_where_shares_are_worth_less() -> None:
    put = {"put_month": Month(2027, 2)}
    assert settled([9.0, 9.0, 13.0, 9.0], **put).loans.falls_due_usd.tolist() == [[0.0, 100.0, 0.0, 0.0]]
    held = settled([9.0, 11.0, 13.0, 9.0], **put)
    assert held.loans.falls_due_usd.tolist() == [[0.0, 0.0, 100.0, 0.0]]
    assert held.shares_usd[0, 2] == pytest.approx(130.0)


def test_each_branch_settles_at_its_own_price() -> None:
    tree = two_branches(tiny_instance(nodes=3)).tree
    debt = settled([11.0, 12.0, 8.0], tree, maturity=Month(2027, 2))
    assert debt.loans.falls_due_usd.tolist() == [[0.0, 100.0, 100.0]]
    assert debt.shares_usd[0] == pytest.approx([0.0, 120.0, 0.0])


def test_what_is_left_at_the_end_is_worth_what_it_would_turn_into() -> None:
    tree = tiny_instance(nodes=2).tree
    assert settled([9.0, 15.0], tree).given_at_end_usd(tree.leaves)[0] == pytest.approx([0.0, 50.0])
    assert not settled([15.0, 9.0], tree).given_at_end_usd(tree.leaves).any()


def test_a_share_price_that_follows_bitcoin_keeps_its_mean() -> None:
    tree = two_branches(tiny_instance(nodes=3), probability=0.4).tree
    price = np.array([60e3, 90e3, 40e3])
    assert follows(price, 1.0, tree) == pytest.approx([1.0, 1.5, 2.0 / 3.0])
    squared = follows(price, 2.0, tree)
    assert squared[1] / squared[2] == pytest.approx(2.25**2)
    assert 0.4 * squared[1] + 0.6 * squared[2] == pytest.approx(1.0)
