"""What is owed at the end of every year, of plans made by hand."""

from __future__ import annotations

import pytest

from allocator.plan.balances import balances, closing_nodes, years
from tests.verify.built import built

TABLES = built().derived()[0]


def test_every_loan_and_tenant_is_a_creditor() -> None:
    found = {balance.creditor: balance for balance in balances(TABLES)}
    assert {name: balance.opening_usd for name, balance in found.items()} == {
        "works": 0.0, "notes": 4e5, "later": 4e5, "tenant": 0.0,
    }  # fmt: skip
    ends = {name: balance.year_end_usd[2027] for name, balance in found.items()}
    assert ends == pytest.approx({"works": 3e5, "notes": 0.0, "later": 4e5, "tenant": 5e4})
    assert years(list(found.values())) == [2027]


def test_a_year_ends_in_its_last_nodes_by_their_share() -> None:
    forked = TABLES["nodes"].assign(
        start_month=["2027-11", "2027-12", "2027-12", "2028-01"], probability=[1.0, 0.25, 0.75, 0.75]
    )
    names = list(forked["node"])
    assert closing_nodes(forked) == {2027: {names[1]: 0.25, names[2]: 0.75}, 2028: {names[3]: 1.0}}
