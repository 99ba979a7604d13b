"""The error of thinned hours is the change of the operating margin under the same decisions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.full_hours import measured, operating_usd, operating_usd_over
from allocator.pipeline.settle import settle
from allocator.plan.meta import HoursMeta
from allocator.plan.plan import Plan
from allocator.planning.build import build_monolithic
from allocator.scenario.load import load_scenario
from solvers.options import SolveOptions
from solvers.registry import solve
from tests.conftest import REPOSITORY
from tests.plan.factory import pivot_instance, pivot_point, plan_of

THIN = HoursMeta("by hand", False, "3")
OPERATING = ["mining_revenue", "gpu_rental_revenue", "power_cost", "sla_credits", "power_pass_through"]


def dearer(instance: Instance, usd_per_mwh: float) -> Instance:
    """The same hours with dearer energy; spot and what tenants pay for it as they were."""
    price = instance.hours.price_usd_per_mwh + usd_per_mwh
    return replace(instance, hours=replace(instance.hours, price_usd_per_mwh=price))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(settle(pivot_instance(), pivot_point(pivot_instance())))


def test_what_depends_on_hours_is_the_sum_of_its_lines(plan: Plan) -> None:
    instance = pivot_instance()
    settled = settle(instance, pivot_point(instance)).settled
    table = plan.tables["cash_flow"]
    lines = table.loc[table["line"].isin(OPERATING), "discounted_usd"].sum()
    assert operating_usd(settled) == pytest.approx(lines, rel=1e-12)


def test_the_same_hours_have_no_error(plan: Plan) -> None:
    instance = pivot_instance()
    settled = settle(instance, pivot_point(instance)).settled
    hours = measured(THIN, instance, settled, plan.meta.objective_usd)
    assert hours.error_usd == 0.0
    assert hours.error_share == 0.0
    assert hours.full_hours_objective_usd == plan.meta.objective_usd


def test_dearer_hours_cost_what_the_same_load_pays_more_for(plan: Plan) -> None:
    instance = pivot_instance()
    settled = settle(instance, pivot_point(instance)).settled
    full = dearer(instance, 1.0)
    gross = plan.tables["power"].groupby("node", sort=False)["gross_mwh"].sum().to_numpy()
    expected = -float(gross @ instance.finance.discount_operations)
    assert operating_usd_over(full, settled) - operating_usd(settled) == pytest.approx(expected, rel=1e-9)
    hours = measured(THIN, full, settled, plan.meta.objective_usd)
    assert hours.error_usd == pytest.approx(expected, rel=1e-9)
    assert hours.full_hours_objective_usd == pytest.approx(plan.meta.objective_usd + expected, rel=1e-9)


def test_machines_that_no_longer_pay_stand_still_over_the_full_hours() -> None:
    instance = pivot_instance()
    settled = settle(instance, pivot_point(instance)).settled
    served = np.array([0, 0, 1, 1, 1, 1]) * 730.0
    rented = np.array([0, 0, 0, 1, 1, 1]) * 730.0
    operations = rented * 0.8 * (300.0 - 1.2 * 140.0) - served * 140.0 * (1.6 * 1.2 + 0.1)
    passed = served * 0.5 * 1.6 * 1.2 * 36.0
    expected = operations @ instance.finance.discount_operations + passed @ instance.finance.discount_contracted
    assert operating_usd_over(dearer(instance, 100.0), settled) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["kept_bitcoin", "holdings_floor"])
def test_the_same_hours_have_no_error_where_bitcoin_is_worth_more_than_its_price(name: str) -> None:
    """Hours may mine more or less at the same value there, so it is the value that is compared."""
    instance = compile_instance(load_scenario(REPOSITORY / "scenarios" / "hand" / name))
    model = build_monolithic(instance)
    result = solve(model.problem, options=SolveOptions(relative_gap=0.0))
    settled = settle(instance, model.point(result.point())).settled
    assert settled.point.trades is not None
    assert settled.point.trades.premium_usd_per_btc.max() > 1.0
    assert operating_usd_over(instance, settled) == pytest.approx(operating_usd(settled), rel=1e-9, abs=1e-6)
