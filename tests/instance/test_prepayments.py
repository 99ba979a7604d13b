"""What tenants pay ahead in each node, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allocator.instance.contracts import Terms
from allocator.instance.prepayments import compile_prepayments, credited_usd
from allocator.instance.prepayments_state import Prepayments
from allocator.instance.tree import NodeTree
from allocator.scenario.contracts import Colocation, Prepayment
from tests.instance.factory import tiny_instance
from tests.planning.cases import quarterly
from tests.reference.cases import branched

TERMS = Terms(
    critical_it_mw=1.0, rent_usd_per_kw_month=0.2, term_months=12, first_service_month=0, last_service_month=9
)
"""200 USD a month."""
AHEAD: dict[str, Any] = {"amount_usd": 300.0, "earned_back_months": 3}


def offer(**terms: object) -> Colocation:
    return Colocation(
        name="c", kind="colocation", critical_it_mw=1.0, rent_usd_per_kw_month=0.2, term_months=12, load_factor=1.0,
        first_service="2027-01", last_service="2027-10", gross_up=1.2, pass_through_share=1.0, fit_outs=("air_gpu",),
        prepayment=Prepayment(**{**AHEAD, **terms}),
    )  # fmt: skip


def ahead(tree: NodeTree, terms: Terms = TERMS, delay: list[int] | None = None, **stated: object) -> Prepayments:
    months = np.zeros(len(tree), np.int64) if delay is None else np.array(delay)
    return compile_prepayments([offer(**stated)], [terms], tree, months)


def signed_at(found: Prepayments, made: int) -> dict[int, tuple[float, ...]]:
    """Node -> received, earned, refunded, penalty, unearned of a contract signed at a node."""
    columns = (found.received_usd, found.earned_usd, found.refunded_usd, found.penalty_usd, found.unearned_usd)
    return {
        int(found.node[row]): tuple(round(float(column[row]), 6) for column in columns)
        for row in np.flatnonzero(found.signed == made)
    }


def test_it_is_earned_over_the_first_months_of_service() -> None:
    found = signed_at(ahead(tiny_instance(nodes=5).tree, replace(TERMS, lead_months=1)), 0)
    assert found == {0: (300, 0, 0, 0, 300), 1: (0, 100, 0, 0, 200), 2: (0, 100, 0, 0, 100), 3: (0, 100, 0, 0, 0)}


def test_it_may_be_received_while_the_hall_is_made_ready() -> None:
    found = signed_at(ahead(tiny_instance(nodes=4).tree, replace(TERMS, lead_months=2), received="until_service"), 0)
    assert found == {0: (150, 0, 0, 0, 150), 1: (150, 0, 0, 0, 300), 2: (0, 100, 0, 0, 200), 3: (0, 100, 0, 0, 100)}


def test_rent_earns_no_more_than_it_is_and_catches_up() -> None:
    credited, given_back = credited_usd(Prepayment(**AHEAD), replace(TERMS, ramp=(0.25,)))
    assert credited[:4].tolist() == [50.0, 150.0, 100.0, 0.0]
    assert not given_back.any()


def test_what_the_term_does_not_earn_is_given_back_at_its_end() -> None:
    short = replace(TERMS, term_months=2, ramp=(0.25,))
    assert signed_at(ahead(tiny_instance(nodes=4).tree, short), 0) == {
        0: (300, 50, 0, 0, 250),
        1: (0, 150, 100, 0, 0),
    }


def test_a_quarter_earns_what_its_months_do() -> None:
    tree = quarterly(tiny_instance(nodes=3))
    assert signed_at(ahead(tree, earned_back_months=4), 0) == {0: (300, 225, 0, 0, 75), 1: (0, 75, 0, 0, 0)}


def test_an_averaged_delay_puts_off_what_is_earned() -> None:
    late = replace(TERMS, delay=((0, 0.5), (1, 0.5)))
    assert credited_usd(Prepayment(**AHEAD), late)[0][:5] == pytest.approx([50.0, 100.0, 100.0, 50.0, 0.0])


def test_who_waits_too_long_takes_it_back_with_a_penalty_on_that_branch_alone() -> None:
    tree = branched(tiny_instance(nodes=5), [-1, 0, 0, 1, 2], dict.fromkeys(range(5), 0.5)).tree
    terms = replace(TERMS, lead_months=1)
    found = signed_at(ahead(tree, terms, [0, 0, 2, 0, 2], refund_after_months=1, penalty_share=0.1), 0)
    assert found[1] == (0, 100, 0, 0, 200)
    assert found[2] == (0, 0, 0, 0, 300)
    assert found[4] == (0, 0, 300, 30, 0)
    patient = signed_at(ahead(tree, terms, [0, 0, 2, 0, 2], penalty_share=0.1), 0)
    assert patient[4] == (0, 0, 0, 0, 300)
