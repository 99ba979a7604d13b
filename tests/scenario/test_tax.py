"""Discounting that would reward putting losses off is refused where a tax is stated, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.test_loans import faults_of

PLAIN = {"operations_per_year": 0.1, "contracted_per_year": 0.08}


@pytest.mark.parametrize("name", ["operations_per_year", "risk_free_per_year"])
def test_a_negative_rate_is_one_fault_at_its_place(name: str, tmp_path: Path) -> None:
    found = faults_of(tmp_path, tax={"rate_share": 0.25}, discount={**PLAIN, name: -0.02})
    assert len(found) == 1, found
    for word in (f"discount.{name}", "-0.02", "0 or more where tax is stated", "or leave tax out"):
        assert word in found[0]


def test_without_a_tax_a_negative_rate_is_none(tmp_path: Path) -> None:
    found = faults_of(tmp_path, tax=None, discount={**PLAIN, "risk_free_per_year": -0.02}, covenants=[{"name": "x"}])
    assert not any("discount" in fault for fault in found)
