"""What is lent on a conversion, node by node, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from allocator.instance.projects import lent_usd
from allocator.instance.types import Instance
from allocator.scenario.loans import ProjectLoan
from tests.instance.factory import BaySpec, HallSpec, tiny_instance
from tests.planning.cases import quarterly

WORKS: dict[str, Any] = {
    "name": "works", "kind": "project", "limit_usd": 1e6, "loan_to_cost_share": 0.5, "amortisation_months": 4,
    "rate_per_year": 0.1,
}  # fmt: skip


def shell(lead_months: int, nodes: int = 6) -> Instance:
    """A hall that becomes another for 1,000 USD."""
    bays = [BaySpec("bare", "empty", 0.0), BaySpec("rows", "air_gpu", 4.0, capex_usd=1e3, lead_months=lead_months)]
    return tiny_instance(nodes=nodes, halls=[HallSpec("hall", bays)])


def lent(instance: Instance, made: int = 0, **terms: object) -> list[tuple[int, float, bool]]:
    loan = ProjectLoan(**{**WORKS, **terms})
    interest = np.full(len(instance.tree), 0.01)
    return [
        (node, pytest.approx(owed), built)
        for node, owed, built in lent_usd(loan, instance.tree, instance.bays, 1, made, interest)
    ]


def test_half_of_what_has_been_paid_is_lent_and_paid_back_over_four_months_from_completion_on() -> None:
    whole = [(1, 250.0, True), (2, 500.0, True), (3, 375.0, False), (4, 250.0, False), (5, 125.0, False)]
    assert lent(shell(lead_months=2), made=1) == whole


def test_interest_of_the_time_of_construction_may_be_drawn_too() -> None:
    found = lent(shell(lead_months=2), interest_during_construction="drawn")
    assert found[:3] == [(0, 250.0, True), (1, 502.5, True), (2, 502.5 * 0.75, False)]


def test_what_is_complete_within_a_quarter_is_lent_and_partly_paid_back_in_it() -> None:
    instance = shell(lead_months=2, nodes=3)
    by_quarter = Instance(**{**vars(instance), "tree": quarterly(instance)})
    assert lent(by_quarter) == [(0, 375.0, True)]
    assert lent(by_quarter, amortisation_months=10) == [(0, 450.0, True), (1, 300.0, False), (2, 150.0, False)]


def test_a_conversion_without_lead_is_lent_on_where_it_is_decided() -> None:
    assert lent(shell(lead_months=0), made=2, amortisation_months=2) == [(2, 250.0, True)]
