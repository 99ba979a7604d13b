"""FLEET: blocks, store, lead times, limits, moves. Hours are 1 h steps, power is free unless said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.solving import best

BARN = BaySpec("barn", "air_mining", 50.0)
HALL = HallSpec("hall", [BARN])
S21 = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 100.0)], buyable=True, price_usd=150.0, limit_units=50.0)


def test_machines_are_bought_in_whole_blocks() -> None:
    """Slots for seven units, blocks of three: six units. Each earns 2 h x 100 and costs 150."""
    hall = HallSpec("hall", [replace(BARN, slots=7.0)])
    plan = best(tiny_instance(halls=[hall], models=[replace(S21, block_units=3)], site_limit_mw=[100.0]))
    assert plan.point.buy_units[0, 0] == 6.0
    assert plan.usd == pytest.approx(6 * (200 - 150))


def test_an_order_arrives_after_its_lead_and_earns_only_then() -> None:
    """Lead of one month in three: two nodes of 200 each for a price of 150."""
    plan = best(tiny_instance(nodes=3, halls=[HALL], models=[replace(S21, lead_months=1, limit_units=1.0)]))
    assert plan.point.buy_units[0].tolist() == [1, 0, 0]
    assert plan.point.delivered_units[0].tolist() == [0, 1, 0]
    assert plan.point.installed_units[0].tolist() == [0, 1, 1]
    assert plan.usd == pytest.approx(2 * 200 - 150)


def test_the_purchase_limit_counts_whole_blocks() -> None:
    """At most five units in blocks of two: four."""
    plan = best(tiny_instance(halls=[HALL], models=[replace(S21, limit_units=5.0, block_units=2)]))
    assert plan.point.buy_units.sum() == 4.0


def test_machines_that_earn_less_than_their_resale_loses_are_sold_at_once() -> None:
    """Four units earning 120 a node for two nodes, resale falling from 300 to 50: 300 now beats 2 x 120 + 50."""
    old = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(1.0, 60.0)], opening={"hall": 4.0}, resale_usd=[300.0, 50.0])
    plan = best(tiny_instance(nodes=2, halls=[HALL], models=[old]))
    assert plan.point.sell_units[0].tolist() == [4.0, 0.0]
    assert plan.usd == pytest.approx(4 * 300)
    steady = best(tiny_instance(nodes=2, halls=[HALL], models=[replace(old, resale_usd=300.0)]))
    assert steady.usd == pytest.approx(4 * (2 * 120 + 300))


def test_machines_move_between_halls_through_the_store_at_the_cost_of_installing() -> None:
    """Hall b has cheap power (its site), a move costs 10 a unit: 4 units gain 2 h x 40 each."""
    halls = [replace(HALL, name="a"), replace(HALL, name="b", site=1)]
    old = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(1.0, 100.0)], opening={"a": 4.0}, install_usd=10.0)
    plan = best(
        tiny_instance(halls=halls, models=[old], site_limit_mw=[100.0, 100.0], price=[[[50.0] * 2], [[10.0] * 2]])
    )
    assert plan.point.remove_units[0, :, 0].tolist() == [4, 0]
    assert plan.point.install_units[0, :, 0].tolist() == [0, 4]
    assert plan.usd == pytest.approx(4 * (2 * 90 - 10))


def test_between_decision_nodes_fleets_stand_still() -> None:
    """The value falls below power in the second node; machines could only be sold at the third."""
    old = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(1.0, [100.0, 0.0, 0.0])], opening={"hall": 4.0},
                    resale_usd=[0.0, 70.0, 60.0])  # fmt: skip
    plan = best(tiny_instance(nodes=3, halls=[HALL], models=[old], decision=[True, False, True]))
    assert plan.point.installed_units[0, :2].tolist() == [4, 4]
    assert plan.usd == pytest.approx(4 * (200 + 60))


def test_machines_at_the_horizon_are_worth_their_resale_and_late_orders_their_refund() -> None:
    """A unit in store is worth 40; an order that never arrives, bought for a rebate of 120 %, pays 20 % of 150."""
    stored = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(1.0, 0.0)], stored=3.0, resale_usd=40.0)
    late = replace(S21, lead_months=9, refund_share=1.2, limit_units=2.0)
    plan = best(tiny_instance(halls=[HALL], models=[stored, late]))
    assert plan.usd == pytest.approx(3 * 40 + 2 * 0.2 * 150)


def test_power_modes_share_the_units_of_a_fleet() -> None:
    """Steps of 0.6 MW worth 100 and 0.4 MW worth 30: at a price of 50 only the first runs."""
    two = ModelSpec("two", {"air_mining": 1.0}, [StepSpec(0.6, 100.0), StepSpec(0.4, 30.0)], opening={"hall": 10.0})
    plan = best(tiny_instance(halls=[HALL], models=[two], price=50.0))
    assert plan.load_mw()[0] == pytest.approx([6.0, 6.0])
    cheap = best(tiny_instance(halls=[HALL], models=[two], price=20.0))
    assert cheap.load_mw()[0] == pytest.approx([10.0, 10.0])


def test_opening_machines_may_exceed_what_power_can_run() -> None:
    plan = best(tiny_instance(halls=[HALL], models=[replace(S21, buyable=False, opening={"hall": 40.0})]))
    assert plan.load_mw()[0] == pytest.approx([10.0, 10.0])  # the site's 10 MW
    assert np.all(plan.point.installed_units == 40.0)
