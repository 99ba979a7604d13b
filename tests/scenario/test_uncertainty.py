"""Faults of the section on uncertainty: each says where, what stands there, what was expected and what to do."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.documents import DELETED, DOCUMENT, faults, load, put

PRICE = {"changes": {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.6}}
REVERTING = {"treatment": "branched", "half_life_months": 6, "volatility_per_year": 0.4}
HISTORY = {"kind": "historical", "treatment": "branched", "block_months": 3, "monthly_log_changes": [0.1] * 12}
NETWORK = {"kind": "network", "btc_price_usd": 60000, "difficulty": 1.4e14, "fee_share_of_subsidy": 0.01,
           "pool_fee_share": 0.0, "sale_fee_share": 0.0}  # fmt: skip
SAMPLED: dict[str, Any] = {
    "kind": "sampled",
    "seed": 1,
    "branching": [{"month": 1, "children": 3}, {"month": 6, "children": 2}],
    "btc_price": PRICE,
    "difficulty": {"treatment": "branched", "elasticity": 0.8, "half_life_months": 4, "volatility_per_year": 0.1},
    "fee_share": {**REVERTING, "treatment": "averaged"},
    "gpu_rental": {"h100": REVERTING},
    "power": {"texas": {**REVERTING, "sites": ["west"]}},
    "delivery_delay": {
        "treatment": "branched",
        "known_month": 3,
        "outcomes": [{"months": 0, "probability": 0.7}, {"months": 6, "probability": 0.3}],
        "contracts": ["anchor"],
    },
    "correlations": [{"between": ["btc_price", "power.texas"], "value": 0.2}],
}
GIVEN: dict[str, Any] = {
    "kind": "given",
    "known_month": 3,
    "scenarios": [
        {"name": "up", "probability": 0.5, "btc_price_usd": 1e5, "gpu_rental": {"h100": 3.0}},
        {"name": "down", "probability": 0.5, "difficulty": {"start": 1e14, "growth_per_year": 0.1},
         "spot_factor": {"west": 1.2}},
    ],
}  # fmt: skip


STEM: dict[str, Any] = {"name": "both", "known_month": 6, "members": ["up", "down"]}


def document(section: dict[str, Any]) -> dict[str, Any]:
    return {**copy.deepcopy(DOCUMENT), "bitcoin": dict(NETWORK), "uncertainty": copy.deepcopy(section)}


@pytest.mark.parametrize("section", [SAMPLED, GIVEN], ids=["sampled", "given"])
def test_both_kinds_load(section: dict[str, Any], tmp_path: Path) -> None:
    assert load(tmp_path, document(section)).scenario.uncertainty is not None


OF_SAMPLED: list[tuple[str, Any, list[str]]] = [
    ("branching.0.month", 13, ["uncertainty.branching[0].month", "13", "start of a node", "use 9"]),
    ("branching.1.month", 7, ["uncertainty.branching[1].month", "7", "use 6 or 9"]),
    ("branching.1.month", 1, ["uncertainty.branching[1].month", "a month after 1", "in order"]),
    ("branching", [], ["uncertainty.branching", "at least 1 entries"]),
    ("branching.0.children", 1, ["children", "at least 2"]),
    ("max_nodes", 7, ["uncertainty.max_nodes", "7 for a horizon of 8 nodes", "raise max_nodes"]),
    ("kind", "sample", ["uncertainty.kind", "'sample'", "did you mean 'sampled'?"]),
    ("seed", -1, ["uncertainty.seed", "at least 0"]),
    ("difficulty", DELETED, ["btc_price without difficulty", "elasticity: 0"]),
    ("hashprice", {**REVERTING, "kind": "reverting"}, ["hashprice beside bitcoin.kind network", "remove hashprice"]),
    ("btc_price.expected", "flat", ["uncertainty.btc_price.expected", "'flat'", "no_view"]),
    ("btc_price.changes.volatility_per_year", -0.1, ["volatility_per_year", "at least 0"]),
    ("btc_price.changes.kind", "gbm", ["changes.kind", "'gbm'", "jump_diffusion"]),
    ("gpu_rental.h200", REVERTING, ["uncertainty.gpu_rental.h200", "did you mean 'h100'?"]),
    ("power.texas.sites.0", "east", ["uncertainty.power.texas.sites[0]", "'east'"]),
    ("power.more", {**REVERTING, "sites": ["west"]}, ["'west' a second time", "over all power levels"]),
    ("correlations.0.between", ["btc_price", "powr.texas"], ["correlations[0].between", "did you mean 'power.texas'?"]),
    ("correlations.0.between", ["btc_price", "btc_price"], ["'btc_price' twice", "two processes"]),
    ("correlations.0.value", 1.5, ["correlations[0].value", "at most 1"]),
    ("correlations.1", {"between": ["power.texas", "btc_price"], "value": 0.1}, ["btc_price and power.texas 2 times"]),
    ("delivery_delay.outcomes.0.probability", 0.6, ["probabilities that sum to 0.9", "a sum of 1"]),
    ("delivery_delay.outcomes.0.months", 6, ["6 months 2 times"]),
    ("delivery_delay.known_month", DELETED, ["treatment branched without known_month"]),
    ("delivery_delay.treatment", "averaged", ["treatment averaged with known_month"]),
    ("delivery_delay.known_month", 8, ["uncertainty.delivery_delay.known_month", "8", "use 6 or 9"]),
    ("delivery_delay.contracts.0", "ancor", ["delivery_delay.contracts[0]", "did you mean 'anchor'?"]),
    ("fee_share.treatment", "mean", ["fee_share.treatment", "'mean'", "branched"]),
    ("btc_price.changes", HISTORY, ["'btc_price', drawn from history", "remove the pair"]),
]


def _shown(value: object) -> str:
    """The value in the name of a test, the same in every process."""
    return "absent" if type(value) is object else repr(value)


@pytest.mark.parametrize(
    ("path", "value", "words"), OF_SAMPLED, ids=[f"{p}={_shown(v)}"[:60] for p, v, _ in OF_SAMPLED]
)
def test_a_fault_of_a_sampled_tree_says_what_to_do(path: str, value: Any, words: list[str], tmp_path: Path) -> None:
    changed = document(SAMPLED)
    put(changed, f"uncertainty.{path}", value)
    found = "\n".join(map(str, faults(tmp_path, changed)))
    assert [word for word in words if word not in found] == []


OF_GIVEN: list[tuple[str, Any, list[str]]] = [
    ("known_month", 12, ["uncertainty.known_month", "12", "use 9"]),
    ("known_month", 0, ["uncertainty.known_month", "at least 1"]),
    ("scenarios.0.probability", 0.4, ["uncertainty.scenarios", "sum to 0.9"]),
    ("scenarios.1.name", "up", ["'up' a second time", "scenario name"]),
    ("scenarios.0.btc_price_usd", {"by_month": [1.0]}, ["btc_price_usd.by_month", "1 values", "12 months"]),
    ("scenarios.0.btc_price_usd", {"series": "price"}, ["btc_price_usd.series", "'price' in USD/MWh", "USD"]),
    ("scenarios.0.gpu_rental", {"h200": 2.0}, ["scenarios[0].gpu_rental.h200", "did you mean 'h100'?"]),
    ("scenarios.1.spot_factor", {"wst": 2.0}, ["scenarios[1].spot_factor.wst", "did you mean 'west'?"]),
    ("scenarios.0.hashprice_usd_per_ph_day", 50, ["hashprice_usd_per_ph_day beside bitcoin.kind network"]),
    ("scenarios", [], ["uncertainty.scenarios", "at least 1 entries"]),
    ("stems", [{**STEM, "members": ["up", "dwn"]}], ["stems[0].members[1]", "did you mean 'down'?"]),
    ("stems", [{**STEM, "name": "up"}], ["'up' a second time", "scenario or stem name"]),
    ("stems", [STEM, {**STEM, "name": "other"}], ["stems[1].members[0]", "'up' a second time", "over all stems"]),
    ("stems", [{**STEM, "known_month": 7}], ["stems[0].known_month", "7", "use 6 or 9"]),
    ("stems", [{**STEM, "known_month": 3}], ["stems[0].known_month", "a month after 3"]),
]


@pytest.mark.parametrize(("path", "value", "words"), OF_GIVEN, ids=[f"{p}={_shown(v)}"[:60] for p, v, _ in OF_GIVEN])
def test_a_fault_of_a_fan_says_what_to_do(path: str, value: Any, words: list[str], tmp_path: Path) -> None:
    changed = document(GIVEN)
    put(changed, f"uncertainty.{path}", value)
    found = "\n".join(map(str, faults(tmp_path, changed)))
    assert [word for word in words if word not in found] == []


def test_a_price_that_is_a_path_needs_the_path_as_its_view(tmp_path: Path) -> None:
    changed = document(SAMPLED)
    put(changed, "bitcoin.btc_price_usd", {"start": 60000, "growth_per_year": 0.1})
    (fault,) = faults(tmp_path, changed)
    assert "bitcoin.btc_price_usd" in fault.place
    assert "expected: stated" in fault.fix
    put(changed, "uncertainty.btc_price.expected", "stated")
    assert faults(tmp_path, changed) == []


def test_bitcoin_is_not_uncertain_where_only_a_hashprice_is_stated(tmp_path: Path) -> None:
    changed = document(SAMPLED)
    changed["bitcoin"] = copy.deepcopy(DOCUMENT["bitcoin"])
    places = [str(fault) for fault in faults(tmp_path, changed)]
    for name in ("btc_price", "difficulty", "fee_share"):
        assert any(f"{name} beside bitcoin.kind hashprice" in text for text in places)


def test_correlations_that_contradict_each_other_are_told_what_would_do(tmp_path: Path) -> None:
    changed = document(SAMPLED)
    names = ["btc_price", "power.texas", "gpu_rental.h100"]
    pairs = [(names[0], names[1]), (names[1], names[2]), (names[0], names[2])]
    changed["uncertainty"]["correlations"] = [{"between": list(pair), "value": -0.9} for pair in pairs]
    (fault,) = faults(tmp_path, changed)
    assert "smallest eigenvalue -0.8" in fault.found
    assert "btc_price, power.texas: -0.50" in fault.fix


def test_series_of_history_share_their_blocks(tmp_path: Path) -> None:
    changed = document(SAMPLED)
    del changed["uncertainty"]["correlations"]
    put(changed, "uncertainty.btc_price.changes", HISTORY)
    assert faults(tmp_path, changed) == []
    changed["bitcoin"] = copy.deepcopy(DOCUMENT["bitcoin"])
    for name in ("btc_price", "difficulty", "fee_share"):
        del changed["uncertainty"][name]
    put(changed, "uncertainty.hashprice", {**HISTORY, "block_months": 2})
    assert faults(tmp_path, changed) == []


def test_a_tree_must_branch_on_something(tmp_path: Path) -> None:
    section = {"kind": "sampled", "seed": 1, "branching": [{"month": 1, "children": 2}],
               "gpu_rental": {"h100": {**REVERTING, "treatment": "averaged"}}}  # fmt: skip
    (fault,) = faults(tmp_path, document(section))
    assert "no process that is branched" in fault.found


def test_faults_of_the_section_come_together(tmp_path: Path) -> None:
    changed = document(SAMPLED)
    put(changed, "uncertainty.branching.1.month", 7)
    put(changed, "uncertainty.power.texas.sites.0", "east")
    put(changed, "uncertainty.delivery_delay.outcomes.0.probability", 0.6)
    assert len(faults(tmp_path, changed)) == 3
