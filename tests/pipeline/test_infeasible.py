"""Conflicts are told in the scenario's words: who, where, when, how many MW, and what would restore a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.repair_prices import RepairPrices
from allocator.instance.types import Instance
from allocator.pipeline.infeasible import REPAIR_WEIGHTS, TELLERS, conflict_lines, repair_lines
from allocator.pipeline.repairs import priced_repairs
from allocator.planning.build import build_monolithic
from allocator.planning.families import all_row_labels
from solvers.conflict import explain
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, PlantSpec, tiny_instance


def obliged(**changes: object) -> Instance:
    """One tenant of 3 MW that must be accepted, in a GPU hall of 5 MW with ample cooling and power."""
    bay = {"it_limit_mw": 5.0, "tenant_air_share": 0.5, **changes.pop("bay", {})}  # type: ignore[dict-item]
    contract = {"gross_up": 1.5, "must_accept": True, **changes.pop("contract", {})}  # type: ignore[dict-item]
    return tiny_instance(
        nodes=3,
        halls=[HallSpec("hall", [BaySpec("gpu", "air_gpu", **bay)])],
        contracts=[ContractSpec("tenant", 3.0, ["hall/gpu"], **contract)],
        **{"price": 10.0, **changes},
    )


def told(instance: Instance) -> tuple[list[str], list[str]]:
    conflict = explain(build_monolithic(instance).problem, weights=REPAIR_WEIGHTS)
    return conflict_lines(instance, conflict.rows), repair_lines(instance, conflict.repairs)


MUST = "contract tenant (scenario.yaml: contracts[0], 3 MW) must be accepted"


@pytest.mark.parametrize(
    ("instance", "conflict", "repair"),
    [
        (
            obliged(bay={"it_limit_mw": 2.0}),
            "hall hall as gpu offers 2 MW of critical IT",
            "raise it_limit_mw of hall hall as gpu by 1 MW",
        ),
        (
            obliged(bay={"air_limit_mw": 1.0}),
            "hall hall as gpu can promise tenants 1 MW of air cooling",
            "raise air_heat_limit_mw of hall hall as gpu so that 0.5 MW more are left after heat_derate",
        ),
        (
            obliged(bay={"liquid_limit_mw": 1.2}),
            "hall hall as gpu can promise tenants 1.2 MW of liquid cooling",
            "raise liquid_heat_limit_mw of hall hall as gpu so that 0.3 MW more are left after liquid_derate",
        ),
        (
            obliged(site_limit_mw=[4.0]),
            "site site0 has 4 MW at the interconnect for contracts to reserve",
            "raise power_limit_mw of site0 by 0.5 MW",
        ),
        (
            obliged(plants=[PlantSpec("tower", "air", 1.2, ["hall"])]),
            "plant tower can promise tenants 1.2 MW of air cooling (heat)",
            "raise heat_limit_mw of plant tower by 0.3 MW",
        ),
        (
            obliged(contract={"signing_capex_usd": 2e6}, capex_budget_usd=5e5),
            "capex may not exceed $500,000",
            "raise capex_budget_usd by $1,500,000",
        ),
        (
            obliged(contract={"signing_capex_usd": 2e6}, opening_cash_usd=1e6, minimum_cash_usd=0.0),
            "cash may not fall below $0",
            "raise opening_cash_usd, or lower minimum_cash_usd, by $1,0",
        ),
    ],
    ids=["hall", "air", "liquid", "reserve", "plant", "budget", "cash"],
)
def test_the_limit_in_the_way_is_named_with_what_would_lift_it(instance: Instance, conflict: str, repair: str) -> None:
    says, fixes = told(instance)
    assert any(line.startswith(MUST) for line in says)
    assert any(conflict in line for line in says)
    assert any(line.startswith(repair) for line in fixes)


def test_an_energy_budget_that_halls_cannot_stand_idle_on_is_named() -> None:
    """0.5 MW over 730 h are 365 MWh."""
    hall = HallSpec("hall", [BaySpec("gpu", "air_gpu", 5.0, no_load_mw=0.5)])
    says, fixes = told(tiny_instance(step_hours=365.0, halls=[hall], energy_budget_mwh=300.0))
    assert says == ["site site0 draws at most 300 MWh a month, its energy budget (2027-01)"]
    assert fixes == ["raise energy_budget_mwh_per_month of site0 by 65 MWh a month (2027-01)"]


def test_months_of_one_limit_are_drawn_together() -> None:
    instance = obliged(bay={"it_limit_mw": 2.0})
    rows = [("CONTRACT.fits_hall", {"bay": 0, "node": node}, "upper") for node in (2, 0, 1)]
    assert conflict_lines(instance, rows) == ["hall hall as gpu offers 2 MW of critical IT (2027-01 to 2027-03)"]
    repairs = [("CONTRACT.fits_hall", {"bay": 0, "node": node}, amount) for node, amount in ((0, 1.0), (2, 2.5))]
    assert repair_lines(instance, repairs) == ["raise it_limit_mw of hall hall as gpu by 2.5 MW (2027-01 to 2027-03)"]


def test_a_hall_that_cannot_be_ready_in_time_is_named_with_its_lead() -> None:
    instance = tiny_instance(
        nodes=3,
        halls=[
            HallSpec(
                "hall",
                [BaySpec("barn", "air_mining", 5.0), BaySpec("gpu", "air_gpu", 5.0, capex_usd=1.0, lead_months=2)],
            )
        ],
        contracts=[ContractSpec("tenant", 3.0, ["hall/gpu"], must_accept=True, last_service_month=1)],
    )
    says, _ = told(instance)
    assert any("no hall it allows can be fitted by then: hall/gpu (2 months of lead)" in line for line in says)


def test_two_that_must_be_accepted_and_exclude_each_other_are_named() -> None:
    instance = tiny_instance(
        nodes=2,
        halls=[HallSpec("hall", [BaySpec("gpu", "air_gpu", 5.0)])],
        contracts=[ContractSpec(name, 1.0, ["hall/gpu"], must_accept=True) for name in ("one", "other")],
        groups={"anchor": (["one", "other"], False)},
    )
    says, fixes = told(instance)
    assert any("contracts[0]" in line and "must be accepted" in line for line in says)
    assert any("contracts[1]" in line and "must be accepted" in line for line in says)
    assert any(line.startswith("of the group anchor at most one may be signed") for line in says)
    assert fixes


def test_hours_are_placed_at_their_site_and_month() -> None:
    instance = obliged()
    rows = [("POWER.site", {"hour": 4}, "upper")]
    assert conflict_lines(instance, rows) == ["site site0 draws at most 10 MW at the meter (2027-03)"]


def test_a_conflict_of_definitions_alone_is_still_told() -> None:
    assert conflict_lines(obliged(), [("FLEET.balance", {"model": 0, "hall": 0, "node": 1}, "both")]) == [
        "FLEET.balance {'model': 0, 'hall': 0, 'node': 1}"
    ]


def test_rows_about_contracts_that_may_be_refused_are_left_out() -> None:
    instance = obliged()
    free = replace(instance, offers=replace(instance.offers, must_accept=instance.offers.must_accept & False))
    rows = [
        ("CONTRACT.once", {"contract": 0, "leaf": 2}, "upper"),
        ("CONTRACT.placed", {"contract": 0, "node": 0}, "both"),
        ("CASH.minimum", {"node": 0}, "lower"),
    ]
    assert conflict_lines(free, rows) == ["cash may not fall below $-1,000,000,000 (2027-01)"]


def test_only_row_families_of_the_model_have_words_and_weights() -> None:
    assert set(TELLERS) <= set(all_row_labels())
    assert {name for name in REPAIR_WEIGHTS if isinstance(name, str)} <= set(TELLERS)


PRICES = RepairPrices(
    site_power_usd_per_mw=1e6,
    feeder_power_usd_per_mw=1e6,
    hall_power_usd_per_mw=2e6,
    air_cooling_usd_per_mw=3e6,
    liquid_cooling_usd_per_mw=4e6,
    hosting_usd_per_mw=1e6,
    energy_budget_usd_per_mwh_per_month=100.0,
    slot_usd=100.0,
    conversion_usd=1e6,
    probability_usd=1e6,
    dropped_contract_usd=np.array([9e6]),
    later_month_usd=np.array([1e5]),
)


def priced(instance: Instance) -> list[str]:
    return priced_repairs(replace(instance, repair_prices=PRICES), build_monolithic(instance).problem)


def test_a_limit_of_three_months_is_paid_once() -> None:
    """1 MW of the hall at 2 million, not 1 MW in each of three months."""
    first, second = priced(obliged(bay={"it_limit_mw": 2.0}))
    assert first.startswith(
        "to restore: raise it_limit_mw of hall hall as gpu by 1 MW (2027-01 to 2027-03), $2,000,000 at"
    )
    assert second.startswith("or instead: drop must_accept of contract tenant")
    assert second.endswith("$9,000,000")


def test_what_takes_two_steps_says_what_they_cost_in_all() -> None:
    """0.5 MW at the interconnect is 500,000, 1 MW of the hall 2,000,000."""
    first, _ = priced(obliged(bay={"it_limit_mw": 2.0}, site_limit_mw=[4.0]))
    assert "raise power_limit_mw of site0 by 0.5 MW" in first
    assert "; and " in first
    assert first.endswith("; in all $2,500,000 (the cheapest)")


def test_an_energy_budget_is_priced_by_the_mwh_a_month() -> None:
    """365 MWh drawn at no load, in a node of two months of which each has half of it: 65 MWh too much, 32.5 a month."""
    hall = HallSpec("hall", [BaySpec("gpu", "air_gpu", 5.0, no_load_mw=0.5)])
    instance = tiny_instance(months=2, step_hours=365.0, halls=[hall], energy_budget_mwh=300.0)
    lacking = 0.5 * float(instance.hours.weight_h.sum()) - 300.0
    (line,) = priced(instance)
    assert f"by {lacking / 2:.4g} MWh a month" in line
    assert f"${100.0 * lacking / 2:,.0f}" in line


def test_without_prices_there_is_no_priced_repair() -> None:
    instance = obliged(bay={"it_limit_mw": 2.0})
    assert priced_repairs(instance, build_monolithic(instance).problem) == []
