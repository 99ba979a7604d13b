"""Every fault of a covenant is told at its place, with what was found, what is expected and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scenario.test_loans import faults_of

CASH = {"name": "cash", "kind": "minimum_liquidity", "first_month": "2027-04", "amount_usd": 1e6}
COVER = {"name": "cover", "kind": "dscr", "first_month": "2027-05", "trailing_months": 2, "least_ratio": 1.25}
LEVER = {
    "name": "lever",
    "kind": "net_debt_to_ebitda",
    "first_month": "2027-05",
    "trailing_months": 3,
    "most_ratio": 4.0,
}
EARLIER = {"earlier_income_usd_by_month": [1e5]}

FAULTS: list[tuple[list[dict[str, Any]], list[str]]] = [
    (
        [{**CASH, "kind": "gearing"}],
        ["covenants[0].kind", "'gearing'", "minimum_liquidity or dscr or net_debt_to_ebitda"],
    ),
    ([CASH, dict(CASH)], ["covenants[1].name", "'cash' a second time"]),
    ([{**CASH, "first_month": "2027-06"}], ["covenants[0].first_month", "2027-06", "2027-05 or earlier"]),
    ([{**CASH, "rule": {"kind": "soft"}}], ["covenants[0].rule.kind", "'soft'", "hard or priced"]),
    ([{**COVER, "sites": ["sitte"]}], ["covenants[0].sites[0]", "'sitte'", "did you mean 'site'?"]),
    ([{**COVER, "loans": ["bank"]}], ["covenants[0].loans[0]", "'bank'", "use one of: vault"]),
    ([{**COVER, "least_ratio": 0}], ["covenants[0].least_ratio", "0"]),
    ([LEVER], ["covenants[0].earlier_income_usd_by_month", "0 months before 2027-04", "the last 1 before"]),
    (
        [{**LEVER, "every_months": 1, "first_month": "2027-01", **EARLIER}],
        ["1 months before", "the last 2 before"],
    ),
]


@pytest.mark.parametrize(("stated", "words"), FAULTS, ids=[words[0] + str(n) for n, (_, words) in enumerate(FAULTS)])
def test_one_wrong_value_is_one_fault_at_its_place(
    stated: list[dict[str, Any]], words: list[str], tmp_path: Path
) -> None:
    found = faults_of(tmp_path, covenants=stated)
    assert len(found) == 1, found
    for word in words:
        assert word in found[0], found[0]


FINANCE = {"opening_cash_usd": 0}
SHARES: list[tuple[dict[str, Any], list[str]]] = [
    ({"first_month": "2027-06"}, ["finance.equity.first_month", "2027-06", "2027-05 or earlier"]),
    ({"first_month": "2027-04", "discount_share": 1}, ["finance.equity.discount_share", "1"]),
    ({"first_month": "2027-04", "most_usd": 0}, ["finance.equity.most_usd", "0"]),
    ({}, ["finance.equity", "first_month"]),
]


@pytest.mark.parametrize(("stated", "words"), SHARES, ids=[str(n) for n, _ in enumerate(SHARES)])
def test_one_wrong_value_of_new_shares_is_one_fault_at_its_place(
    stated: dict[str, Any], words: list[str], tmp_path: Path
) -> None:
    [fault] = faults_of(tmp_path, finance={**FINANCE, "equity": stated})
    for word in words:
        assert word in fault, fault


def test_bitcoin_counts_only_where_some_is_held(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path, covenants=[{**CASH, "btc_haircut_share": 0.4}], treasury=None, loans=None)
    assert "covenants[0].btc_haircut_share" in fault
    assert "a treasury section" in fault
