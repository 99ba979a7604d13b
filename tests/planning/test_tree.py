"""Trees: decisions are taken before the branch is known, by construction of the index."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.types import Instance
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.cases import two_branches
from tests.planning.solving import best


def one_machine(lead_months: int) -> Instance:
    """One unit to be had for 300; it earns 2 h x 400 in the branch "up" (probability 0.4), nothing in "down"."""
    miner = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, [0.0, 400.0, 0.0])], buyable=True, price_usd=300.0,
                      lead_months=lead_months, limit_units=1.0)  # fmt: skip
    hall = HallSpec("hall", [BaySpec("barn", "air_mining", 5.0)])
    return two_branches(tiny_instance(nodes=3, halls=[hall], models=[miner]))


def test_an_order_before_the_branch_is_paid_in_both_branches() -> None:
    """0.4 x 800 - 300 = 20 with a lead of one month; knowing the branch would be worth 0.4 x 500."""
    plan = best(one_machine(lead_months=1))
    assert plan.point.buy_units[0].tolist() == [1, 0, 0]
    assert plan.usd == pytest.approx(20.0)


def test_an_order_after_the_branch_is_made_where_it_pays() -> None:
    plan = best(one_machine(lead_months=0))
    assert plan.point.buy_units[0].tolist() == [0, 1, 0]
    assert plan.usd == pytest.approx(0.4 * 500.0)


def test_limits_hold_along_each_path_and_not_across_branches() -> None:
    """One unit a path: with earnings in both branches, and dearer before, each branch buys its own."""
    instance = one_machine(lead_months=0)
    both = replace(instance.segments, value_usd_per_mwh=instance.segments.value_usd_per_mwh[:, [0, 1, 1]])
    dear = replace(instance.models, price_usd=np.array([[301.0, 300.0, 300.0]]))
    plan = best(replace(instance, segments=both, models=dear))
    assert plan.point.buy_units[0].tolist() == [0, 1, 1]
    assert plan.usd == pytest.approx(500.0)


def test_a_contract_signed_at_the_root_binds_both_branches() -> None:
    """Signed at the root it is served in three nodes; signed in a branch only there."""
    tenant = ContractSpec("tenant", 1.0, ["hall/gpu"], rent_usd_per_mw_month=100.0)
    hall = HallSpec("hall", [BaySpec("gpu", "liquid_gpu", 5.0)])
    instance = two_branches(
        tiny_instance(nodes=3, halls=[hall], contracts=[tenant], price=[[[0.0] * 2, [0.0] * 2, [80.0] * 2]])
    )
    plan = best(instance)
    assert plan.point.sign[0].tolist() == [1, 0, 0]
    assert plan.usd == pytest.approx(100 + 100 - 0.6 * 160)
    dear = replace(instance, hours=replace(instance.hours, price_usd_per_mwh=instance.hours.price_usd_per_mwh * 5))
    plan = best(dear)  # the branch "down" would lose 700 of energy: signed only in "up"
    assert plan.point.sign[0].tolist() == [0, 1, 0]
    assert plan.usd == pytest.approx(0.4 * 100)


def test_a_conversion_at_the_root_is_a_fit_out_in_both_branches() -> None:
    bays = [BaySpec("barn", "air_mining", 5.0), BaySpec("gpu", "liquid_gpu", 5.0, lead_months=1, downtime_months=1)]
    tenant = ContractSpec("tenant", 1.0, ["hall/gpu"], rent_usd_per_mw_month=100.0, first_service_month=1)
    plan = best(two_branches(tiny_instance(nodes=3, halls=[HallSpec("hall", bays)], contracts=[tenant])))
    assert plan.point.convert[1].tolist() == [1, 0, 0]
    assert plan.point.fitted.tolist() == [[0, 0, 0], [0, 1, 1]]
