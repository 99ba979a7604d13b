"""Every fault of a loan is told at its place, with what was found, what is expected and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario
from tests.scenarios.cases import SCENARIOS, read_yaml

HOME = SCENARIOS / "hand" / "forced_sale"
LINE = read_yaml(HOME / "scenario.yaml")["loans"][0]
TERM = {"name": "term", "kind": "term", "opening_principal_usd": 100.0, "rate_per_year": 0.05}

WORKS = {
    "name": "works", "kind": "project", "limit_usd": 1e6, "loan_to_cost_share": 0.6, "amortisation_months": 24,
    "rate_per_year": 0.09,
}  # fmt: skip

NOTES = {
    "name": "notes", "kind": "convertible", "opening_principal_usd": 1e6, "rate_per_year": 0.02, "maturity": "2027-05",
    "conversion_price_usd": 10.0, "share_price_usd": 6.0, "btc_elasticity": 1.0,
}  # fmt: skip


def faults_of(tmp_path: Path, **changes: Any) -> list[str]:
    """Faults of the scenario of `forced_sale` with some sections replaced; None leaves one out."""
    document = {**read_yaml(HOME / "scenario.yaml"), **changes}
    kept = {name: part for name, part in document.items() if part is not None}
    with (tmp_path / "scenario.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(kept, stream)
    (tmp_path / "days.csv").write_bytes((HOME / "days.csv").read_bytes())
    with pytest.raises(ScenarioFaults) as caught:
        load_scenario(tmp_path)
    return [str(fault) for fault in caught.value.faults]


FAULTS: list[tuple[list[dict[str, Any]], list[str]]] = [
    ([{**LINE, "kind": "mortgage"}], ["loans[0].kind", "'mortgage'", "btc_backed or term or equipment"]),
    ([{**LINE, "initial_ltv": 0.8}], ["loans[0].initial_ltv", "0.8", "at most call_ltv, 0.75", "levels in order"]),
    ([{**LINE, "release_ltv": 0.8}], ["loans[0].release_ltv", "0.8", "at most call_ltv, 0.75"]),
    ([{**LINE, "call_ltv": 0.9}], ["loans[0].call_ltv", "0.9", "at most liquidation_ltv, 0.85"]),
    (
        [{**LINE, "liquidation_ltv": 0.96, "call_rule": {"kind": "priced"}}],
        ["loans[0].liquidation_ltv", "0.96", "below 1 less liquidation_penalty_share, 0.95"],
    ),
    ([{**LINE, "rate_per_year": 9}], ["loans[0].rate_per_year", "9", "at most 1", "write 0.09 for 9 percent"]),
    ([{**LINE, "rate_per_year": {"by_month": [0.1, 7.5]}}], ["loans[0].rate_per_year", "write 0.075 for 7.5 percent"]),
    ([{**LINE, "call_rule": {"kind": "soft"}}], ["loans[0].call_rule.kind", "'soft'", "hard or priced"]),
    ([{**LINE, "limit_usd": 1e6}], ["loans[0].limit_usd", "at least opening_principal_usd, 3.6e+06"]),
    ([{**LINE, "opening_pledged_btc": 101}], ["loans[0].opening_pledged_btc", "101 BTC", "treasury.opening_btc, 100"]),
    ([LINE, dict(LINE)], ["loans[1].name", "'vault' a second time"]),
    ([{**LINE, "maturity": "2027-03"}], ["loans[0].maturity", "2027-03", "2027-04 or later"]),
    ([{**TERM, "repay_usd_by_month": [80, 30]}], ["loans[0].repay_usd_by_month", "110 USD", "principal_usd, 100"]),
    ([{**TERM, "kind": "equipment"}], ["loans[0]", "no 'maturity'"]),
    ([{**LINE, "extension": {"months": 12}}], ["loans[0].extension", "no maturity", "a loan with a maturity"]),
    (
        [{**LINE, "maturity": "2027-05", "extension": {"months": 12, "most_ltv": 0.8}}],
        ["loans[0].extension.most_ltv", "0.8", "at most call_ltv, 0.75"],
    ),
    (
        [{**TERM, "maturity": "2027-05", "extension": {"months": 12, "most_ltv": 0.5}}],
        ["loans[0].extension.most_ltv", "0.5", "a loan secured by Bitcoin"],
    ),
    ([{**NOTES, "put_month": "2027-05"}], ["loans[0].put_month", "2027-05", "a month before the maturity, 2027-05"]),
    ([{**NOTES, "put_month": "2027-03"}], ["loans[0].put_month", "2027-03", "2027-04 or later"]),
    ([{**NOTES, "may_prepay": True}], ["loans[0].may_prepay", "unknown field"]),
    ([WORKS], ["loans[0]", "neither sites nor halls", "name sites or halls"]),
    ([{**WORKS, "halls": ["cellar"]}], ["loans[0].halls[0]", "'cellar'", "one of the company's halls"]),
    ([{**WORKS, "sites": ["moon"]}], ["loans[0].sites[0]", "'moon'", "one of the company's sites"]),
    (
        [{**WORKS, "sites": ["site"]}, {**WORKS, "name": "more", "halls": ["barn"]}],
        ["loans[1]", "conversions of 'barn', which 'works' pays for", "one project loan a hall"],
    ),
    ([{**TERM, "rate_per_year": {"series": "rate"}}], ["loans[0].rate_per_year", "'rate'"]),
]


@pytest.mark.parametrize(("loans", "words"), FAULTS, ids=[words[0] + str(n) for n, (_, words) in enumerate(FAULTS)])
def test_one_wrong_value_is_one_fault_at_its_place(
    loans: list[dict[str, Any]], words: list[str], tmp_path: Path
) -> None:
    found = faults_of(tmp_path, loans=loans)
    assert len(found) == 1, found
    for word in words:
        assert word in found[0], found[0]


def test_a_dip_to_nothing_is_refused(tmp_path: Path) -> None:
    treasury = {**read_yaml(HOME / "scenario.yaml")["treasury"], "stress_share": 15}
    [fault] = faults_of(tmp_path, treasury=treasury)
    assert "treasury.stress_share" in fault
    assert "write 0.15 for 15 percent" in fault


def test_shares_that_follow_bitcoin_need_its_price(tmp_path: Path) -> None:
    hashprice = {"kind": "hashprice", "usd_per_ph_day": 48, "pool_fee_share": 0, "sale_fee_share": 0}
    found = faults_of(tmp_path, bitcoin=hashprice, treasury=None, uncertainty=None, loans=[NOTES])
    assert any("loans[0].btc_elasticity" in fault and "bitcoin of kind network" in fault for fault in found), found


def test_a_loan_secured_by_bitcoin_needs_a_treasury(tmp_path: Path) -> None:
    found = faults_of(tmp_path, treasury=None)
    assert len(found) == 1
    assert "loans[0]" in found[0]
    assert "a treasury section" in found[0]
