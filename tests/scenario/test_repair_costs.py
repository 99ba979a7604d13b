"""Costs of repairs: what is wrong with them is told at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scenario.test_loans import faults_of


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"site_power_usd_per_mw": -1.0}, ["repair_costs.site_power_usd_per_mw", "-1", "0"]),
        ({"air_cooling_usd_per_mw": "dear"}, ["repair_costs.air_cooling_usd_per_mw", "dear"]),
        ({"site_power_usd": 1.0}, ["repair_costs.site_power_usd", "site_power_usd_per_mw"]),
        ({"dropped_contract_usd": {"nobody": 1.0}}, ["repair_costs.dropped_contract_usd.nobody", "correct the name"]),
        ({"later_month_usd": {"nobody": 1.0}}, ["repair_costs.later_month_usd.nobody", "correct the name"]),
    ],
    ids=["negative", "text", "unknown field", "unknown contract", "unknown late contract"],
)
def test_a_fault_is_told_at_its_place(section: dict[str, Any], words: list[str], tmp_path: Path) -> None:
    found = [fault for fault in faults_of(tmp_path, repair_costs=section) if "repair_costs" in fault]
    assert len(found) == 1, found
    for word in words:
        assert word in found[0], found[0]
