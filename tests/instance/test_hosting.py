"""Hosting agreements as the instance holds them: term, ends, fees, prices, and what is left beyond the horizon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance.hosting import Hosting
from allocator.instance.hosting_share import open_hours
from allocator.instance.hosting_terms import Term, relief
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.scenario.hosting import Relief
from tests.instance.scenario_files import compiled, document

MARCH, APRIL, MAY = 743, 720, 744
PLAINS: dict[str, Any] = {
    "name": "plains",
    "cooling": "air",
    "capacity_mw": 6.0,
    "overhead_share": 0.1,
    "price": {"kind": "all_in", "usd_per_mwh": {"by_month": [60.0, 70.0, 80.0]}},
    "management_usd_per_mwh": 3.0,
    "management_usd_per_month": {"by_month": [100.0, 200.0, 400.0]},
    "first_month": "2027-06",
    "last_month": "2028-12",
    "notice_months": 1,
    "termination": {"fee_usd": 5000.0, "fee_usd_per_month_left": 1000.0},
    "deposit_usd": 40_000.0,
    "removal_usd_per_unit": 15.0,
}
RIDGE: dict[str, Any] = {
    "name": "ridge",
    "cooling": "air",
    "capacity_mw": 2.0,
    "slots": 700,
    "price": {"kind": "indexed", "series": "spot", "adder_usd_per_mwh": 8.0},
    "first_month": "2028-04",
    "last_month": "2028-05",
    "deposit_usd": 10_000.0,
}


def hosted(folder: Path, *agreements: dict[str, Any]) -> Instance:
    changed = document()
    changed["hosting"] = list(agreements)
    return compiled(folder, changed)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return hosted(tmp_path_factory.mktemp("hosted"), PLAINS, RIDGE)


def test_an_agreement_is_a_site_with_one_hall_and_one_bay(instance: Instance) -> None:
    assert instance.sites.names == ("west", "plains", "ridge")
    assert instance.halls.names == ("barn", "shell", "plains", "ridge")
    assert instance.bays.names[3:] == ("plains/air_mining", "ridge/air_mining")
    assert instance.hosting.site.tolist() == [1, 2]
    assert instance.hosting.hall.tolist() == [2, 3]
    assert instance.hosting.bay.tolist() == [3, 4]
    assert instance.sites.power_limit_mw == pytest.approx([20.0, 6.6, 2.0])
    assert instance.bays.slots[4] == 700.0
    assert instance.bays.slots[3] * 3e-3 >= 6.0  # miners of 3 kW and one slot each


def test_hours_of_one_price_are_one_step(instance: Instance) -> None:
    """March is one step; April and May of one node cost differently: two."""
    node = site_node(instance, 1, 0)
    assert (node.weight_h.tolist(), node.price_usd_per_mwh.tolist()) == ([MARCH], [63.0])
    assert node.overhead.tolist() == [[0.1]]
    node = site_node(instance, 1, 1)
    assert (node.weight_h.tolist(), node.price_usd_per_mwh.tolist()) == ([APRIL, MAY], [73.0, 83.0])


def test_an_indexed_price_keeps_its_hours(instance: Instance) -> None:
    node = site_node(instance, 2, 1)
    assert node.hours == APRIL + MAY
    assert set(node.price_usd_per_mwh) == {58.0}


def test_an_agreement_is_in_force_in_the_nodes_within_its_term(instance: Instance) -> None:
    assert instance.hosting.in_term.tolist() == [[True, True], [False, True]]
    assert instance.hosting.begun.tolist() == [True, False]
    assert instance.hosting.pays_deposit.tolist() == [[False, False], [False, True]]


def test_what_it_costs_is_summed_and_averaged_over_the_months_of_a_node(instance: Instance) -> None:
    assert instance.hosting.management_usd[0].tolist() == [100.0, 600.0]
    assert instance.hosting.tariff_usd_per_mwh[0] == pytest.approx([60.0, (70 * APRIL + 80 * MAY) / (APRIL + MAY)])
    assert instance.hosting.tariff_usd_per_mwh[1, 1] == pytest.approx(58.0)


def test_an_early_end_costs_by_the_months_left(instance: Instance) -> None:
    """The term ends with 2028: ten months after the start of March, nine after that of April."""
    assert instance.hosting.end_fee_usd[0].tolist() == [15_000.0, 14_000.0]
    assert instance.hosting.may_end.tolist() == [[True, True], [False, False]]


def test_machines_at_a_host_have_no_years_of_their_own_beyond_the_horizon(instance: Instance) -> None:
    assert not instance.terminal.mining_usd_per_mw[3:].any()
    assert instance.terminal.years == 1


def test_months_lost_to_the_grid_are_said(tmp_path: Path) -> None:
    late = {**PLAINS, "first_month": "2028-05"}
    instance = hosted(tmp_path, late)
    assert not instance.hosting.in_term.any()
    assert "hosting plains: counts only in the nodes that lie wholly within its term" in instance.remarks


def test_relief_falls_with_hashprice_down_to_a_floor() -> None:
    stated = Relief(below_usd_per_ph_day=50.0, usd_per_mwh_per_usd=1.5, floor_usd_per_mwh=60.0)
    found = relief(stated, np.array([55.0, 46.0, 30.0, 30.0]), np.array([70.0, 70.0, 70.0, 55.0]))
    assert found.tolist() == [0.0, 6.0, 10.0, 0.0]
    assert relief(None, np.array([10.0]), np.array([70.0])).tolist() == [0.0]


def test_relief_lowers_the_price_of_its_nodes(tmp_path: Path) -> None:
    changed = document()
    changed["bitcoin"]["usd_per_ph_day"] = {"by_month": [48.0, 40.0, 40.0]}
    changed["hosting"] = [{**PLAINS, "relief": {"below_usd_per_ph_day": 44.0, "usd_per_mwh_per_usd": 0.5}}]
    instance = compiled(tmp_path, changed)
    assert instance.hosting.relief_usd_per_mwh[0] == pytest.approx([0.0, 2.0])
    assert site_node(instance, 1, 1).price_usd_per_mwh.tolist() == pytest.approx([71.0, 81.0])
    assert site_node(instance, 0, 1).price_usd_per_mwh[0] == pytest.approx(60.0)


def test_a_term_may_be_prolonged_once(tmp_path: Path) -> None:
    """The first term ends with April, so the choice not to renew falls on the next decision, in June."""
    changed = document()
    changed["horizon"] = {**changed["horizon"], "months": 3, "periods": [{"months": 1, "count": 3}]}
    changed["hosting"] = [{**PLAINS, "last_month": "2028-04", "renewal_months": 6}]
    hosting = compiled(tmp_path, changed).hosting
    assert hosting.in_term.tolist() == [[True, True, True]]
    assert hosting.end_fee_usd[0].tolist() == [7_000.0, 6_000.0, 0.0]
    changed["hosting"][0]["termination"] = None
    hosting = compiled(tmp_path, changed).hosting
    assert hosting.may_end.tolist() == [[False, False, True]]
    assert hosting.end_fee_usd[0].tolist() == [0.0, 0.0, 0.0]


def test_months_left_count_to_the_end_of_the_term_they_lie_in() -> None:
    term = Term(first=-3, renewal=5, end=11)
    assert [term.months_left(month) for month in (0, 4, 5, 10)] == [5, 1, 6, 1]


def _tail(folder: Path, **terms: Any) -> tuple[Hosting, Instance]:
    """Nothing discounted; the tail year's hashprice is 48; no machine runs at 150 USD/MWh."""
    changed = document()
    changed["discount"] = {"operations_per_year": 0.0, "contracted_per_year": 0.0}
    changed["terminal"] = {"hashprice_growth_per_year": 0.0, "halving_hashprice_share": 1.0}
    dear = {"price": {"kind": "all_in", "usd_per_mwh": 150.0}, "management_usd_per_month": 300.0}
    changed["hosting"] = [{**PLAINS, **dear, **terms}]
    instance = compiled(folder, changed)
    return instance.hosting, instance


def test_a_burden_beyond_the_horizon_is_shed_by_notice_or_borne(tmp_path: Path) -> None:
    """Seven months are left after May: 2,100 USD of fees, or one month and 5,000 USD and 6 x 1,000 USD."""
    hosting, _ = _tail(tmp_path)
    assert hosting.tail_usd[0].tolist() == pytest.approx([0.0, -2_100.0])
    assert hosting.tail_deposit_usd[0].tolist() == [0.0, 40_000.0]
    cheap = {"fee_usd": 100.0, "fee_usd_per_month_left": 10.0}
    hosting, _ = _tail(tmp_path, termination=cheap)
    assert hosting.tail_usd[0, 1] == pytest.approx(-300.0 - 100.0 - 60.0)
    hosting, _ = _tail(tmp_path, termination=None)
    assert hosting.tail_usd[0, 1] == pytest.approx(-2_100.0)


def test_not_renewing_beyond_the_horizon_is_free(tmp_path: Path) -> None:
    """One month after the horizon the first term ends; twelve more would follow."""
    hosting, _ = _tail(tmp_path, last_month="2028-06", renewal_months=12, termination=None)
    assert hosting.tail_usd[0, 1] == pytest.approx(-300.0)


def test_mining_that_pays_beyond_the_horizon_counts_to_the_end_of_the_term(tmp_path: Path) -> None:
    """At a price of 5 + 3 USD/MWh: the miner's two steps less its price by the year, for 7 of 12 months.

    The envelope is 100 TH/s at 1,500 W, then 50 TH/s for 1,500 W more; at 48 USD less 1 % it earns
    48 x 0.99 x (66.67, 33.33) / 24 = 132 and 66 USD/MWh, less 2 of maintenance and 8 x 1.1 of power, at 90 % uptime.
    """
    hosting, _ = _tail(tmp_path, price={"kind": "all_in", "usd_per_mwh": 5.0})
    mwh = 8766.0 * 0.9
    running = mwh * 1.5e-3 * (132.0 - 2.0 - 8.8) + mwh * 1.5e-3 * (66.0 - 2.0 - 8.8)
    price = 2000.0 * 0.8**0.25 + 30.0
    per_mw = (running - price / 4.0) / 3e-3
    assert hosting.tail_usd[0, 1] == pytest.approx(7 / 12 * (6.0 * per_mw - 12 * 300.0))


def test_a_host_takes_its_share_of_the_margin_or_of_the_revenue(tmp_path: Path) -> None:
    """A machine of two steps earns 132 and 66 USD/MWh at 48 USD less 1 %, less 2 of maintenance of our own."""
    plain = hosted(tmp_path, PLAINS)
    own = plain.segments.site == 1
    earned = plain.segments.value_usd_per_mwh[own] + 2.0
    of_margin = hosted(tmp_path, {**PLAINS, "profit_share": {"share": 0.25}})
    assert of_margin.segments.value_usd_per_mwh[own] == pytest.approx(0.75 * earned - 2.0)
    assert of_margin.segments.value_usd_per_mwh[~own] == pytest.approx(plain.segments.value_usd_per_mwh[~own])
    assert site_node(of_margin, 1, 1).price_usd_per_mwh == pytest.approx([0.75 * 73.0, 0.75 * 83.0])
    assert of_margin.hosting.tariff_usd_per_mwh[0, 0] == pytest.approx(60.0)
    of_revenue = hosted(tmp_path, {**PLAINS, "profit_share": {"share": 0.25, "of": "revenue"}})
    assert of_revenue.segments.value_usd_per_mwh[own] == pytest.approx(0.75 * earned - 2.0)
    assert site_node(of_revenue, 1, 1).price_usd_per_mwh == pytest.approx([73.0, 83.0])


def test_a_host_closes_the_dearest_hours_of_each_month() -> None:
    price = np.array([5.0, 9.0, 7.0, 9.0, 1.0, 1.0, 3.0])
    assert open_hours(price, [4, 3], 2, True).tolist() == [True, False, True, False, True, False, False]
    assert open_hours(price, [4, 3], 1, False).tolist() == [True, True, True, False, True, True, False]
    assert open_hours(price, [4, 3], 0, True).all()


def test_closed_hours_of_a_price_by_month_are_a_step_of_their_own(tmp_path: Path) -> None:
    instance = hosted(tmp_path, {**PLAINS, "curtailed_h_per_month": 50}, {**RIDGE, "curtailed_h_per_month": 9})
    node = site_node(instance, 1, 1)
    assert sorted(zip(node.weight_h.tolist(), node.site_limit_mw.tolist(), strict=True)) == [
        (50.0, 0.0), (50.0, 0.0), (APRIL - 50, pytest.approx(6.6)), (MAY - 50, pytest.approx(6.6)),
    ]  # fmt: skip
    assert instance.hosting.closed_h[0].tolist() == [50.0, 100.0]
    assert instance.hosting.closed_h[1, 1] == 18.0
    assert site_node(instance, 0, 1).site_limit_mw.min() == 20.0
    utc, step = instance.hours.every_hour(1, 1)
    assert (np.diff(utc) == np.timedelta64(1, "h")).all()
    given = node.site_limit_mw[step] > 0.0
    assert np.flatnonzero(~given).tolist() == [*range(APRIL - 50, APRIL), *range(APRIL + MAY - 50, APRIL + MAY)]


def test_shares_and_closed_hours_count_beyond_the_horizon(tmp_path: Path) -> None:
    """As above, but for a quarter of the margin before maintenance, and 100 hours of every month."""
    terms = {"price": {"kind": "all_in", "usd_per_mwh": 5.0}, "profit_share": {"share": 0.25}}
    hosting, _ = _tail(tmp_path, **terms, curtailed_h_per_month=100)
    mwh = 8766.0 * 0.9 * (1.0 - 300.0 / (MARCH + APRIL + MAY))
    running = mwh * 1.5e-3 * (0.75 * (132.0 - 8.8) - 2.0) + mwh * 1.5e-3 * (0.75 * (66.0 - 8.8) - 2.0)
    price = 2000.0 * 0.8**0.25 + 30.0
    per_mw = (running - price / 4.0) / 3e-3
    assert hosting.tail_usd[0, 1] == pytest.approx(7 / 12 * (6.0 * per_mw - 12 * 300.0))


def test_what_has_to_be_taken_is_a_share_of_contracted_power_while_the_host_gives_any(tmp_path: Path) -> None:
    terms = {"minimum_take": {"share": 0.5}, "curtailed_h_per_month": 43}
    hosting = hosted(tmp_path, {**PLAINS, **terms}).hosting
    assert hosting.take_mwh[0] == pytest.approx([3.3 * (MARCH - 43), 3.3 * (APRIL + MAY - 86)])
    assert hosting.untaken_usd_per_mwh[0, 0] == pytest.approx(63.0)
    stated = hosted(tmp_path, {**PLAINS, "minimum_take": {"share": 0.5, "usd_per_mwh": 20.0}})
    assert stated.hosting.untaken_usd_per_mwh[0].tolist() == [20.0, 20.0]
    take = site_node(stated, 1, 0).take
    assert take is not None
    assert (take.take_mwh, take.untaken_usd_per_mwh) == (pytest.approx(3.3 * MARCH), 20.0)
    assert site_node(stated, 0, 0).take is None


def test_what_is_not_taken_beyond_the_horizon_is_owed_or_notice_given(tmp_path: Path) -> None:
    """Half of 6.6 MW over seven months of a mean year, at 2 USD/MWh, besides the monthly fee."""
    hosting, _ = _tail(tmp_path, termination=None, minimum_take={"share": 0.5, "usd_per_mwh": 2.0})
    assert hosting.tail_usd[0, 1] == pytest.approx(7 / 12 * (-0.5 * 6.6 * 8766.0 * 2.0 - 12 * 300.0))
