"""From files to the instance: every figure of a small scenario worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from allocator.instance.battery import Battery
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.scenario.faults import ScenarioFaults
from tests.instance.scenario_files import compiled, document, hours

MARCH, APRIL, MAY = 743, 720, 744

BATTERY = {
    "power_mw": 5.0,
    "energy_mwh": 8.0,
    "charge_efficiency_share": 0.9,
    "discharge_efficiency_share": 0.8,
    "wear_usd_per_mwh": 7.0,
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return compiled(tmp_path_factory.mktemp("small"))


def test_weights_sum_to_the_hours_of_each_node(instance: Instance) -> None:
    assert instance.tree.hours.tolist() == [MARCH, APRIL + MAY]
    assert instance.hours.offset.tolist() == [0, MARCH, MARCH + APRIL + MAY]
    assert instance.hours.full
    assert set(instance.hours.weight_h) == set(instance.hours.step_h) == {1.0}
    assert str(instance.hours.utc[0]) == "2028-03-01T06:00:00"
    assert str(instance.hours.utc[MARCH]) == "2028-04-01T05:00:00"


def test_price_is_scaled_spot_plus_adder(instance: Instance) -> None:
    assert instance.hours.spot_usd_per_mwh[[0, -1]] == pytest.approx([33.0, 55.0])
    assert instance.hours.price_usd_per_mwh[[0, -1]] == pytest.approx([38.0, 60.0])


def test_the_hours_of_a_node_are_views(instance: Instance) -> None:
    node = site_node(instance, 0, 1)
    assert np.shares_memory(node.price_usd_per_mwh, instance.hours.price_usd_per_mwh)
    assert np.shares_memory(node.overhead, instance.hours.overhead[0])
    assert np.shares_memory(node.air_limit_mw, instance.hours.air_limit_mw[0])
    assert node.overhead.shape == (3, APRIL + MAY)


def test_overhead_follows_the_ambient_between_points_and_is_flat_beyond(instance: Instance) -> None:
    overhead, hot = instance.hours.overhead[0], instance.hours.ambient_c == 40.0
    assert overhead[0, ~hot][0] == pytest.approx(0.04)  # 20 C, halfway between 10 and 30
    assert overhead[0, hot] == pytest.approx([0.06])
    assert set(overhead[1]) == {0.2}


def test_heat_limits_fall_with_the_ambient(instance: Instance) -> None:
    store = instance.hours
    assert store.air_limit_mw[0][0, store.ambient_c == 20.0].min() == 9.0
    assert store.air_limit_mw[0][0, store.ambient_c == 35.0] == pytest.approx([8.1])
    assert store.liquid_limit_mw[0][1, store.ambient_c == 35.0] == pytest.approx([4.5])
    assert np.isinf(store.air_limit_mw[0][1]).all()


def test_firm_limits_hold_in_the_hottest_hour_of_each_node(instance: Instance) -> None:
    assert instance.bays.firm_liquid_limit_mw[1] == pytest.approx([3.0, 4.5])
    assert instance.bays.firm_air_limit_mw[0] == pytest.approx([7.2, 8.1])


def test_a_design_ambient_replaces_the_hottest_hour(tmp_path: Path) -> None:
    changed = document()
    changed["sites"][0]["design_ambient_c"] = 38.0
    assert compiled(tmp_path, changed).bays.firm_liquid_limit_mw[1] == pytest.approx([3.6, 3.6])


def test_bays_halls_and_conversions(instance: Instance) -> None:
    bays = instance.bays
    assert bays.names == ("barn/air", "barn/racks", "shell/bare")
    assert bays.hall.tolist() == [0, 0, 1]
    assert instance.halls.opening_bay.tolist() == [0, 2]
    assert bays.convertible.tolist() == [False, True, False]
    assert bays.no_load_mw == pytest.approx([0.0, 0.08, 0.0])
    assert bays.capex_usd[1] == pytest.approx([8e6, 16e6])  # of the month in which a node begins
    assert (bays.lead_months[1], bays.downtime_months[1]) == (1, 1)
    assert bays.firm_liquid_share[1] == pytest.approx(0.85)


def test_fixed_opex_sums_over_the_months_of_a_node(instance: Instance) -> None:
    assert instance.sites.fixed_opex_usd.tolist() == [[100.0, 600.0]]


def test_a_site_without_an_energy_budget_has_none(instance: Instance) -> None:
    assert np.isinf(instance.sites.energy_budget_mwh).tolist() == [[True, True]]
    assert instance.tail_limit_mw == pytest.approx([20.0])
    assert not any("energy budget" in remark for remark in instance.remarks)


def test_the_energy_budget_of_a_node_is_the_sum_of_its_months(tmp_path: Path) -> None:
    """Beyond the horizon the last month's is spread evenly over a mean year; the plan says what foresight it has."""
    changed = document()
    changed["sites"][0]["energy_budget_mwh_per_month"] = {"by_month": [1000.0, 2000.0, 4000.0]}
    instance = compiled(tmp_path, changed)
    assert instance.sites.energy_budget_mwh.tolist() == [[1000.0, 6000.0]]
    assert instance.tail_limit_mw == pytest.approx([12 * 4000.0 / 8766.0])
    (remark,) = [remark for remark in instance.remarks if "energy budget" in remark]
    assert remark.startswith("site west: the energy budget of a period is spent with foresight of all its hours")


def test_a_site_without_a_battery_has_none(instance: Instance) -> None:
    assert instance.batteries == (None,)
    assert site_node(instance, 0, 0).battery is None


def test_a_battery_is_compiled_and_its_foresight_remarked(tmp_path: Path) -> None:
    changed = document()
    changed["sites"][0]["battery"] = BATTERY
    instance = compiled(tmp_path, changed)
    owned = site_node(instance, 0, 1).battery
    assert owned is not None
    assert owned.battery == Battery(5.0, 5.0, 8.0, 0.9, 0.8, 4.0, 7.0, 1.0, 1.0)
    assert np.flatnonzero(owned.opens).tolist() == [0]
    assert np.flatnonzero(owned.closes).tolist() == [APRIL + MAY - 1]
    (remark,) = [remark for remark in instance.remarks if "battery" in remark]
    assert remark.startswith("site west: the battery is run with foresight of all hours of a period, so what it earns")


def test_a_battery_is_there_in_nodes_that_begin_in_or_after_its_month(tmp_path: Path) -> None:
    """The second node is April and May."""
    changed = document()
    there = []
    for month in ("2028-02", "2028-03", "2028-04", "2028-05"):
        changed["sites"][0]["battery"] = {**BATTERY, "available_from": month, "capture_share": 0.75}
        instance = compiled(tmp_path, changed)
        there.append([site_node(instance, 0, node).battery is not None for node in range(2)])
        assert not any("battery" in remark for remark in instance.remarks)
    assert there == [[True, True], [True, True], [False, True], [False, False]]


def test_a_battery_begins_and_ends_every_representative_day_at_its_level(tmp_path: Path) -> None:
    changed = document()
    changed["horizon"]["hours"] = {"representative_days": 3}
    changed["sites"][0]["battery"] = BATTERY
    owned = site_node(compiled(tmp_path, changed), 0, 0).battery
    assert owned is not None
    assert set(owned.step_h) == {1.0}
    assert np.flatnonzero(owned.opens).tolist() == [0, 24, 48]
    assert np.flatnonzero(owned.closes).tolist() == [23, 47, 71]


def test_prices_of_machines_grow_to_the_start_of_each_node(instance: Instance) -> None:
    assert instance.models.price_usd[0] == pytest.approx([2000.0, 2000.0 * 0.8 ** (1 / 12)])
    assert instance.models.resale_usd[0] == pytest.approx([1000.0, 1000.0 * 0.8 ** (1 / 12)])
    assert instance.models.purchase_limit_units.tolist() == [500.0, np.inf]
    assert instance.models.opening_stored_units.tolist() == [20.0, 0.0]
    assert instance.models.power_kw.tolist() == [3.0, 10.0]
    assert instance.models.hash_th_per_s.tolist() == [150.0, 0.0]


def test_machines_stand_where_their_cooling_allows(instance: Instance) -> None:
    assert list(zip(instance.placements.model, instance.placements.bay, strict=True)) == [(0, 0), (1, 1)]
    assert instance.placements.opening_units.tolist() == [1000.0, 0.0]


def test_segments_of_an_asic_are_its_steps_with_net_earnings(instance: Instance) -> None:
    segments = instance.segments
    assert segments.step.tolist() == [0, 1, 0]
    assert segments.mw_per_unit[:2] == pytest.approx([0.0015 * 0.9, 0.0015 * 0.9])
    # 15 J/TH, then 50 TH/s for another 1500 W: 30 J/TH. Pool fee 1 %, maintenance 2 USD/MWh.
    assert segments.hash_ph_per_mw[:2] == pytest.approx([1000 / 15, 1000 / 30])
    assert segments.value_usd_per_mwh[:2, 0] == pytest.approx(
        [48 * 0.99 / (0.024 * 15) - 2, 48 * 0.99 / (0.024 * 30) - 2]
    )


def test_the_segment_of_a_gpu_system_earns_its_sold_hours(instance: Instance) -> None:
    segments = instance.segments
    draw_mw = 10e-3 * (0.7 + 0.3 * 0.2)
    assert segments.mw_per_unit[2] == pytest.approx(draw_mw * 0.95)
    assert segments.value_usd_per_mwh[2] == pytest.approx([2.0 * 8 * 0.7 / draw_mw] * 2)
    assert (segments.air_share[2], segments.liquid_share[2]) == (0.2, 0.8)


def test_a_gpu_market_without_buyers_leaves_no_segment(tmp_path: Path) -> None:
    changed = document()
    changed["gpu_rental"]["h100"]["sold_share"] = 0.0
    assert compiled(tmp_path, changed).segments.step.tolist() == [0, 1]


def test_a_mode_that_is_never_worth_running_is_named(instance: Instance) -> None:
    assert instance.remarks == ("equipment miner: mode 110 TH/s at 2400 W lies below a mix of others; not used",)


def test_hashprice_of_the_network_halves_inside_april(tmp_path: Path) -> None:
    changed = document()
    changed["bitcoin"] = {
        "kind": "network", "btc_price_usd": 1e5, "difficulty": 1.465e14, "fee_share_of_subsidy": 0.0,
        "pool_fee_share": 0.0, "sale_fee_share": 0.0, "halving_dates": [date(2028, 4, 20)],
    }  # fmt: skip
    changed["equipment"]["miner"] |= {"maintenance_usd_per_mwh": 0.0}
    instance = compiled(tmp_path, changed)
    march = 86400e15 * 3.125 / (1.465e14 * 2**32)
    april, may = march * (19 + 11 * 0.5) / 30, march * 0.5
    btc = np.array([march, (april * APRIL + may * MAY) / (APRIL + MAY)])
    assert instance.segments.value_usd_per_mwh[0] == pytest.approx(btc * 1e5 / (0.024 * 15))
    assert instance.market.btc_per_ph_day == pytest.approx(btc)
    assert instance.market.btc_price_usd == pytest.approx([1e5, 1e5])


def test_the_price_of_a_node_is_the_one_its_production_fetches(tmp_path: Path) -> None:
    """A price that moves while the subsidy halves: hashprice = BTC x price holds in every node."""
    changed = document()
    changed["bitcoin"] = {
        "kind": "network", "btc_price_usd": {"by_month": [6e4, 8e4, 1e5]},
        "difficulty": {"by_month": [1e14, 1e14, 2e14]}, "fee_share_of_subsidy": 0.0,
        "pool_fee_share": 0.01, "sale_fee_share": 0.02, "halving_dates": [date(2028, 5, 1)],
    }  # fmt: skip
    market = compiled(tmp_path, changed).market
    one = 86400e15 * 3.125 / (1e14 * 2**32)
    assert market.network is not None
    assert market.network.btc_per_ph_day[1] == pytest.approx((one * APRIL + one / 4 * MAY) / (APRIL + MAY))
    assert market.network.btc_price_usd == pytest.approx([6e4, (8e4 * APRIL + 1e5 * MAY / 4) / (APRIL + MAY / 4)])
    assert market.network.difficulty[1] == pytest.approx((1e14 * APRIL + 2e14 * MAY) / (APRIL + MAY))
    assert market.hashprice_usd_per_ph_day == pytest.approx(
        market.network.btc_per_ph_day * market.network.btc_price_usd
    )
    assert market.mining_net_share == pytest.approx(0.99 * 0.98)


def test_a_hashprice_alone_names_no_price_of_bitcoin(instance: Instance) -> None:
    assert instance.market.hashprice_usd_per_ph_day.tolist() == [48.0, 48.0]
    assert instance.market.btc_price_usd is None
    assert instance.market.btc_per_ph_day is None
    assert instance.market.rentals["h100"].usd_per_gpu_hour.tolist() == [2.0, 2.0]


def test_contract_columns_and_places(instance: Instance) -> None:
    offers = instance.offers
    assert offers.first_service_month.tolist() == [1, 0]
    assert offers.last_service_month.tolist() == [2, 2]
    assert offers.signing_capex_usd.tolist() == [1e5 + 4 * 5e4, 0.0]
    assert instance.compatibility.contract.tolist() == [0, 1]
    assert instance.compatibility.bay.tolist() == [1, 1]
    assert instance.compatibility.exclusive == ((0, 1),)
    assert instance.compatibility.group_required == (False,)


def test_service_rows_of_both_contracts(instance: Instance) -> None:
    service = instance.service
    rows = list(zip(service.contract, service.signed, service.node, strict=True))
    assert rows == [(0, 0, 1), (1, 0, 0), (1, 0, 1), (1, 1, 1)]
    assert service.metered_mw == pytest.approx([3.2, 2.0, 2.0, 2.0])
    assert service.rent_usd == pytest.approx([1.2e6, 2e5, 4e5, 4e5])


def test_pass_through_is_spot_with_overhead(instance: Instance) -> None:
    assert instance.pass_through.usd_per_mw[1] == pytest.approx([33 * 1.2 * MARCH, 55 * 1.2 * (APRIL + MAY)])
    assert instance.pass_through.usd_per_mw[0, 0] == pytest.approx(33 * (1.04 * (MARCH - 1) + 1.06))


def test_finance_factors(instance: Instance) -> None:
    finance = instance.finance
    assert finance.discount_operations == pytest.approx([1.12 ** -(0.5 / 12), 1.12 ** -(2 / 12)])
    assert finance.discount_contracted == pytest.approx([1.09 ** -(0.5 / 12), 1.09 ** -(2 / 12)])
    assert finance.discount_horizon == pytest.approx(1.12**-0.25)
    assert finance.capex_budget_usd == np.inf


def test_the_tail_of_contracts_and_opex(instance: Instance) -> None:
    terminal = instance.terminal
    # "tenant" begins in month 1 and has 12 of 14 months left; "rival" 1 or 2 of 3.
    assert terminal.years == 1
    months = 1.09 ** -((3 + np.arange(12) + 0.5) / 12)
    assert terminal.contract_usd[0] == pytest.approx([0.9 * 6e5 * months.sum(), 0.0])
    assert terminal.contract_mw[:, :, 0] == pytest.approx(np.array([[4.0, 0.0], [0.0, 2 / 12]]))
    # All spot is passed through; the adder of 5 USD/MWh, with overhead, stays.
    energy = 0.9 * 0.8 * 730.5 * months.sum() * 5.0 * 1.2
    assert terminal.contract_energy_usd_per_mw[0, 0, 1] == pytest.approx(energy)
    assert terminal.fixed_opex_usd == pytest.approx([12 * 400 * 1.12**-0.75])


def test_the_tail_of_mining_deducts_energy_and_capital(instance: Instance) -> None:
    weights = np.where(instance.hours.ambient_c == 40.0, 7.2, 9.0) / 10.0
    weights[instance.hours.ambient_c == 35.0] = 8.1 / 10.0
    weights *= 8766 / (MARCH + APRIL + MAY)
    cost = instance.hours.price_usd_per_mwh * (1 + instance.hours.overhead[0][0])
    price = 48 * 0.95 * 0.99
    running = sum(0.5 * 0.9 * (weights * np.maximum(0.0, price / (0.024 * j) - 2 - cost)).sum() for j in (15.0, 30.0))
    capital = (2000 * 0.8**0.25 + 30) / 0.003 * 0.12 / (1 - 1.12**-4)
    assert capital < running
    assert instance.terminal.mining_usd_per_mw[:, 0, 1] == pytest.approx([(running - capital) * 1.12**-0.75, 0.0, 0.0])


def test_representative_days_weigh_every_hour_of_their_node(tmp_path: Path) -> None:
    changed = document()
    changed["horizon"]["hours"] = {"representative_days": 3}
    instance = compiled(tmp_path, changed)
    store = instance.hours
    assert store.offset.tolist() == [0, 72, 144]
    assert [store.weight_h[:72].sum(), store.weight_h[72:].sum()] == pytest.approx([MARCH, APRIL + MAY])
    assert not store.full
    assert "3 weighted days" in store.representation
    assert 40.0 in store.ambient_c[:72]
    assert set(store.step_h) == {1.0}
    assert np.flatnonzero(store.opens).tolist() == [0, 24, 48, 72, 96, 120]
    # Promises to tenants look at every hour, chosen or not.
    assert instance.bays.firm_liquid_limit_mw[1] == pytest.approx([3.0, 4.5])
    assert instance.pass_through.usd_per_mw[1] == pytest.approx([33 * 1.2 * MARCH, 55 * 1.2 * (APRIL + MAY)])


def test_a_value_from_a_series_is_averaged_by_month(tmp_path: Path) -> None:
    changed, table = document(), hours()
    table["hashprice"] = table["price"]
    source = {**changed["series"]["spot"], "column": "hashprice", "unit": "USD/PH/day"}
    changed["series"]["hash"] = source
    changed["bitcoin"]["usd_per_ph_day"] = {"series": "hash"}
    values = compiled(tmp_path, changed, table).segments.value_usd_per_mwh[0]
    assert values == pytest.approx([30 * 0.99 / 0.36 - 2, 50 * 0.99 / 0.36 - 2])


def test_series_that_end_early_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        compiled(tmp_path, None, hours()[:-24])
    places = " ".join(fault.place for fault in caught.value.faults)
    assert "price" in places
    assert "ambient" in places


def test_a_zone_that_shifts_its_clocks_by_half_an_hour_is_refused(tmp_path: Path) -> None:
    changed = document()
    changed["horizon"]["time_zone"] = "Australia/Lord_Howe"
    with pytest.raises(ScenarioFaults, match="whole hours"):
        compiled(tmp_path, changed)


def test_repaired_gaps_are_remarked(tmp_path: Path) -> None:
    changed, table = document(), hours().drop(index=[100, 101])
    for name in ("spot", "air"):
        changed["series"][name]["gaps"] = {"repair": "interpolate", "max_hours": 3}
    remarks = compiled(tmp_path, changed, table).remarks
    assert [remark for remark in remarks if remark.startswith("series spot: 2 steps filled (interpolate)")]


def test_the_input_hash_is_that_of_the_scenario(instance: Instance) -> None:
    assert len(instance.input_hash) == 64


def test_feeders_hold_the_bays_of_all_halls_behind_them(tmp_path: Path) -> None:
    """A busway of the barn hangs on a transformer that also feeds the shell; limits are those stated."""
    stated = document()
    stated["sites"][0]["feeders"] = [
        {"name": "transformer", "limit_mw": 12.0, "feeders": ["busway"], "halls": ["shell"]},
        {"name": "busway", "limit_mw": 8.0, "halls": ["barn"]},
    ]
    here = site_node(compiled(tmp_path, stated), 0, 1)
    assert [feeder.name for feeder in here.feeders] == ["transformer", "busway"]
    assert [feeder.limit_mw for feeder in here.feeders] == [12.0, 8.0]
    assert [feeder.inside.tolist() for feeder in here.feeders] == [[True, True, True], [True, True, False]]
    assert here.hall.tolist() == [0, 0, 1]


def test_a_plant_follows_the_ambient_and_promises_its_least(tmp_path: Path) -> None:
    """20 C, halfway between 10 and 30, but 40 C in an hour of the first node and 35 C in one of the second."""
    stated = document()
    stated["sites"][0]["plants"] = [
        {"name": "tower", "loop": "air", "heat_limit_mw": [[10, 12.0], [30, 8.0], [40, 5.0]], "halls": ["barn"]}
    ]
    instance = compiled(tmp_path, stated)
    for node, least in ((0, 5.0), (1, 6.5)):
        plant = site_node(instance, 0, node).plants[0]
        assert sorted(plant.limit_mw)[:2] == pytest.approx([least, 10.0])
        assert plant.inside.tolist() == [True, True, False]
        assert instance.plants.firm_limit_mw[0, node] == pytest.approx(least)
    assert instance.plants.tail_limit_mw == pytest.approx([10.0 - (5.0 + 3.5) / (MARCH + APRIL + MAY)])


def test_the_overhead_promised_is_the_largest(instance: Instance) -> None:
    assert instance.bays.firm_overhead[:2] == pytest.approx(np.array([[0.06, 0.06], [0.2, 0.2]]))
