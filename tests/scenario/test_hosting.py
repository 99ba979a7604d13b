"""Faults of hosting agreements: each at its place, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allocator.scenario.load import load_scenario
from tests.scenario.documents import changed, faults, put, write

PRICE = {"kind": "all_in", "usd_per_mwh": 70}
AGREEMENT = {
    "name": "plains",
    "cooling": "air",
    "capacity_mw": 0.5,
    "slots": 200,
    "price": PRICE,
    "first_month": "2026-01",
    "last_month": "2027-12",
}
HOST = "hosting.0"


def document(path: str = "name", value: Any = "toy", units: int = 100) -> dict[str, Any]:
    """The small scenario with an agreement and some machines there, one of its fields changed."""
    made = changed("hosting", [dict(AGREEMENT, price=dict(PRICE))])
    made["fleets"] = [*made["fleets"], {"equipment": "s21", "hall": "plains", "units": units}]
    put(made, path, value)
    return made


def test_an_agreement_without_faults_loads(tmp_path: Path) -> None:
    loaded = load_scenario(write(tmp_path, document()))
    assert loaded.scenario.hosting[0].name == "plains"
    assert str(loaded.scenario.hosting[0].end) == "2028-01"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (f"{HOST}.cooling", "steam", ["hosting[0].cooling", "'steam'"]),
        (f"{HOST}.price.kind", "allin", ["hosting[0].price.kind", "did you mean 'all_in'?"]),
        (f"{HOST}.price", {"kind": "indexed", "series": "prise"}, ["price.series", "did you mean 'price'?"]),
        (f"{HOST}.price", {"kind": "indexed", "series": "ambient"}, ["price.series", "'ambient' in C", "USD/MWh"]),
        (f"{HOST}.price.usd_per_mwh", {"by_month": [70]}, ["usd_per_mwh.by_month", "1 values", "12 months"]),
        (f"{HOST}.last_month", "2025-01", ["last_month", "2025-01", "not before first_month 2026-01"]),
        (f"{HOST}.last_month", "2026-12", ["last_month", "reaches into the horizon", "2027-01"]),
        (f"{HOST}.first_month", "2028-01", ["first_month", "2028-01"]),
        (f"{HOST}.name", "barn", ["hosting[0].name", "'barn' a second time", "hall name"]),
        (f"{HOST}.name", "west", ["hosting[0].name", "'west' a second time", "site name"]),
        (f"{HOST}.cooling", "hydro", ["'s21' with 'plains', which hosts hydro ASICs", "that the host cools"]),
        (f"{HOST}.first_month", "2027-03", ["whose term begins in 2027-03", "in force in 2027-01"]),
        (f"{HOST}.capacity_mw", 0.3, ["0.35 MW at 'plains'", "at most 0.3 MW"]),
        (f"{HOST}.slots", 99, ["100 slots taken at 'plains'", "at most 99 slots"]),
        (f"{HOST}.overhead_share", 4, ["overhead_share", "at most 3"]),
    ],
    ids=str,
)
def test_a_fault_says_where_and_what(path: str, value: Any, words: list[str], tmp_path: Path) -> None:
    told = [str(fault) for fault in faults(tmp_path, document(path, value))]
    assert any(all(word in line for word in words) for line in told), told


def test_an_unknown_host_is_suggested(tmp_path: Path) -> None:
    made = document()
    made["fleets"][-1]["hall"] = "plane"
    told = "\n".join(str(fault) for fault in faults(tmp_path, made))
    assert "did you mean 'plains'?" in told
