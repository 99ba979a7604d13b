"""What each instrument settles, pays and costs at every node, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from allocator.instance.compile import compile_instance
from allocator.instance.delivery import in_block
from allocator.instance.hedges import Hedges
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.hedges import PowerSwap
from allocator.scenario.load import load_scenario
from tests.scenarios.cases import SCENARIOS, read_yaml

HOME = SCENARIOS / "hand" / "hedged_hashprice"
NETWORK = {
    "kind": "network", "btc_price_usd": 60e3, "difficulty": 78580342233181.0, "fee_share_of_subsidy": 0,
    "pool_fee_share": 0, "sale_fee_share": 0,
}  # fmt: skip
FUTURES = {
    "kind": "given",
    "known_month": 1,
    "scenarios": [
        {"name": "up", "probability": 0.25, "btc_price_usd": {"by_month": [60e3, 90e3]}, "spot_factor": {"site": 2.0}},
        {"name": "down", "probability": 0.75, "btc_price_usd": {"by_month": [60e3, 50e3]}},
    ],
}
PUT = {"name": "put", "kind": "btc_put", "put_strike_usd": 56e3, "expiry_month": "2027-06", "most_lots": 5}
COLLAR = {**PUT, "name": "collar", "kind": "btc_collar", "call_strike_usd": 80e3, "spread_usd_per_btc": 10.0}
SWAP = {
    "name": "block", "kind": "power_swap", "site": "site", "fixed_usd_per_mwh": 15.0, "first_month": "2027-06",
    "last_month": "2027-06", "most_lots": 3, "lot_mw": 2.0, "premium_usd_per_mw": None,
}  # fmt: skip
AHEAD = {
    "name": "ahead", "kind": "hashprice_forward", "fixed_usd_per_ph_day": 50.0, "first_month": "2027-05",
    "last_month": "2027-06", "opening_ph_per_s": 7.0,
}  # fmt: skip


def loaded(folder: Path, **changes: Any) -> Hedges:
    document = {**read_yaml(HOME / "scenario.yaml"), "bitcoin": NETWORK, "uncertainty": FUTURES, **changes}
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(document, stream)
    (folder / "days.csv").write_bytes((HOME / "days.csv").read_bytes())
    return compile_instance(load_scenario(folder)).hedges


def test_every_instrument_pays_what_its_terms_say(tmp_path: Path) -> None:
    hedges = loaded(tmp_path, hedges=[AHEAD, PUT, COLLAR, SWAP])
    per_ph_day = 3.125 * 144 * 1e15 * 600 / (78580342233181.0 * 2**32)  # BTC of a PH/s and day: 8.0e-4
    hashprice = per_ph_day * np.array([60e3, 90e3, 50e3])
    ahead, put, collar, block = hedges.payoff_usd
    assert ahead == pytest.approx(np.array([31.0, 30.0, 30.0]) * (50.0 - hashprice), rel=1e-6)
    assert put == pytest.approx([0.0, 0.0, 6e3])
    assert collar == pytest.approx([0.0, -10e3, 6e3])
    assert block == pytest.approx([0.0, 720 * (2 * 20.0 - 15.0), 720 * (20.0 - 15.0)])
    assert hedges.settled[3] == pytest.approx([0.0, 720.0, 720.0])
    assert hedges.opening.tolist() == [7.0, 0.0, 0.0, 0.0]


def test_without_a_stated_premium_an_instrument_costs_what_it_is_worth(tmp_path: Path) -> None:
    """At a rate of 12 % the middle of June is 31 + 15 days less 15.5 days after that of May."""
    discount = {"operations_per_year": 0.3, "contracted_per_year": 0.3, "risk_free_per_year": 0.12}
    hedges = loaded(tmp_path, hedges=[PUT, COLLAR, SWAP], discount=discount)
    later = 1.12 ** -(30.5 / 365.25)
    assert hedges.premium_usd[:, 0] == pytest.approx(
        [later * 0.75 * 6e3, later * (0.75 * 6e3 - 0.25 * 10e3) + 10.0, later * 720 * (0.25 * 25.0 + 0.75 * 5.0)],
        rel=1e-3,
    )
    assert hedges.offered.tolist() == [[True, False, False]] * 3
    assert not hedges.premium_usd[:, 1:].any()


@pytest.mark.parametrize(
    ("days", "hours", "at", "inside"),
    [
        ("weekdays", (6, 22), "2027-05-03T11", True),  # Monday 6:00 in Chicago, UTC-5
        ("weekdays", (6, 22), "2027-05-03T10", False),
        ("weekdays", (6, 22), "2027-05-04T03", False),  # Monday 22:00
        ("weekdays", (6, 22), "2027-05-02T15", False),  # Sunday
        ("weekends", (22, 6), "2027-05-02T04", True),  # Saturday 23:00
        ("weekends", (22, 6), "2027-05-02T09", True),  # Sunday 4:00
        ("all", (0, 24), "2027-05-01T04", False),  # 30 April, 23:00
        ("all", (0, 24), "2027-06-01T04", True),  # 31 May, 23:00
    ],
)
def test_hours_of_delivery_are_those_of_the_scenarios_zone(
    days: str, hours: tuple[int, int], at: str, inside: bool
) -> None:
    terms = {**SWAP, "first_month": "2027-05", "last_month": "2027-05", "days": days, "most_lots": 1}
    swap = PowerSwap.model_validate({**terms, "from_hour": hours[0], "to_hour": hours[1]})
    assert in_block(swap, np.array([at], dtype="datetime64[s]"), "America/Chicago").tolist() == [inside]


def test_an_offer_that_no_node_may_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        loaded(tmp_path, hedges=[PUT], uncertainty=None, risk=None)
    (fault,) = caught.value.faults
    assert "hedges[0].most_lots" in str(fault)
    assert "prices are not known yet" in str(fault)


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({**PUT, "kind": "warrant"}, ["hedges[0].kind", "'warrant'", "btc_put or btc_collar"]),
    ({**PUT, "expiry_month": "2027-07"}, ["hedges[0].expiry_month", "2027-07", "2027-05 to 2027-06"]),
    ({**COLLAR, "call_strike_usd": 50e3}, ["hedges[0].call_strike_usd", "at least put_strike_usd, 56000"]),
    ({**SWAP, "site": "sight"}, ["hedges[0].site", "did you mean 'site'?"]),
    ({**SWAP, "from_hour": 24}, ["hedges[0].to_hour", "another hour than from_hour"]),
    ({**SWAP, "first_month": "2027-06", "last_month": "2027-05"}, ["hedges[0].last_month", "not before first_month"]),
    ({**AHEAD, "opening_ph_per_s": 0}, ["hedges[0]", "nothing held and nothing on offer"]),
]


@pytest.mark.parametrize(("hedge", "words"), FAULTS, ids=[words[0] for _, words in FAULTS])
def test_one_wrong_value_is_one_fault_at_its_place(hedge: dict[str, Any], words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        loaded(tmp_path, hedges=[hedge])
    (fault,) = caught.value.faults
    for word in words:
        assert word in str(fault)


def test_hedges_have_names_of_their_own_and_options_a_price(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        loaded(tmp_path, hedges=[PUT, dict(PUT)])
    assert "hedges[1].name" in str(caught.value.faults[0])
    stated = read_yaml(HOME / "scenario.yaml")
    with pytest.raises(ScenarioFaults) as caught:
        loaded(tmp_path, hedges=[PUT], bitcoin=stated["bitcoin"], uncertainty=stated["uncertainty"])
    assert "states no price of it" in str(caught.value.faults[0])
