"""Marginal values are what the plan gains when a limit is raised by a little, decisions kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import DecompositionOptions
from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.types import Instance
from allocator.pipeline.evidence import worth_of_margin
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd
from allocator.plan.marginal import BASIS, marginal_values, no_marginal_values, prices_of_dispatch, prices_of_rows
from allocator.planning.build import build_monolithic
from allocator.planning.point import PlanPoint
from solvers.duals import fix_and_price
from solvers.registry import solve
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance

STEP_MW = 1e-3


def crowded(site_limit_mw: float, it_limit_mw: float, air_limit_mw: float = np.inf) -> Instance:
    """A year of two nodes; a barn whose one block of machines is more than any of its limits takes."""
    return tiny_instance(
        nodes=2,
        months=6,
        steps=2,
        step_hours=2190.0,
        site_limit_mw=[site_limit_mw],
        halls=[HallSpec("barn", [BaySpec("air", "air_mining", it_limit_mw, overhead=0.1, air_limit_mw=air_limit_mw)])],
        models=[ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 70.0)], opening={"barn": 10.0}, block_units=10)],
        price=40.0,
        operations_per_year=0.1,
        mining_tail_usd_per_mw=[1000.0],
    )


Priced = Callable[[Instance], tuple[pd.DataFrame, PlanPoint]]


def by_whole_model(instance: Instance) -> tuple[pd.DataFrame, PlanPoint]:
    model = build_monolithic(instance)
    result = solve(model.problem)
    point = model.point(result.point())
    duals = fix_and_price(model.problem, result.point()).duals
    assert duals is not None
    settled = settle(instance, point).settled
    return marginal_values(model.problem, duals, settled, prices_of_rows(model.problem, duals, settled)), point


def by_decomposition(instance: Instance) -> tuple[pd.DataFrame, PlanPoint]:
    found = solve_decomposed(instance, DecompositionOptions(relative_gap=1e-9))
    assert found.x is not None
    point = found.planning.point(found.x)
    duals = fix_and_price(found.bounded, found.x).duals
    assert duals is not None
    operation = settle(instance, point)
    hourly = prices_of_dispatch(operation.prices, worth_of_margin(instance, found.bounded, duals), operation.settled)
    return marginal_values(found.bounded, duals, operation.settled, hourly), point


@pytest.fixture(params=[by_whole_model, by_decomposition])
def priced(request: pytest.FixtureRequest) -> Priced:
    """Both ways to price a plan."""
    way: Priced = request.param
    return way


def worth(instance: Instance, point: PlanPoint) -> float:
    settled = settle(instance, point).settled
    return objective_usd(extract_tables(settled, {}, no_marginal_values())["cash_flow"])


def value(table: pd.DataFrame, quantity: str, node: str = "") -> float:
    row = table[(table["quantity"] == quantity) & (table["node"] == node)]
    assert len(row) == 1
    return float(row["value_usd_per_unit"].iloc[0])


def test_one_more_megawatt_at_the_meter_is_worth_what_the_plan_gains(priced: Priced) -> None:
    instance = crowded(4.0, 9.0)
    table, point = priced(instance)
    gained = worth(crowded(4.0 + STEP_MW, 9.0), point) - worth(instance, point)
    tail = value(table, "site_power_tail", "2027-07")
    assert value(table, "site_power") + tail == pytest.approx(gained / STEP_MW, rel=1e-6)
    assert set(table["quantity"]) == {"site_power", "site_power_tail"}


def test_one_more_megawatt_of_hall_is_worth_what_the_plan_gains(priced: Priced) -> None:
    instance = crowded(20.0, 4.0)
    table, point = priced(instance)
    gained = worth(crowded(20.0, 4.0 + STEP_MW), point) - worth(instance, point)
    tail = value(table, "hall_it_tail", "2027-07")
    assert value(table, "hall_it") + tail == pytest.approx(gained / STEP_MW, rel=1e-6)


def test_one_more_megawatt_of_air_cooling_is_worth_what_the_plan_gains(priced: Priced) -> None:
    instance = crowded(20.0, 9.0, air_limit_mw=3.0)
    table, point = priced(instance)
    gained = worth(crowded(20.0, 9.0, air_limit_mw=3.0 + STEP_MW), point) - worth(instance, point)
    assert value(table, "cooling_air") == pytest.approx(gained / STEP_MW, rel=1e-6)


def test_values_of_nodes_are_per_year_and_the_horizon_is_their_mean(priced: Priced) -> None:
    instance = crowded(4.0, 9.0)
    table, _ = priced(instance)
    factors = instance.finance.discount_operations
    by_hand = [(70.0 / 1.1 - 40.0) * 8760.0 * factor for factor in factors]
    assert [value(table, "site_power", node) for node in instance.tree.name] == pytest.approx(by_hand)
    assert value(table, "site_power") == pytest.approx(sum(by_hand) / 2)


def test_units_and_basis_are_stated(priced: Priced) -> None:
    table, _ = priced(crowded(4.0, 9.0))
    assert set(table["unit"]) == {"USD/MW-year", "USD/MW"}
    assert set(table["basis"]) == {BASIS}


def with_battery(power_mw: float, energy_mwh: float) -> Instance:
    """5 MW that always run, at 20 and 80 USD/MWh for half of each of two half-years."""
    battery = Battery(power_mw, power_mw, energy_mwh, 0.9, 1.0, 0.0, 4.0, 1.0, 0.8)
    return tiny_instance(
        nodes=2,
        months=6,
        steps=2,
        step_hours=2190.0,
        halls=[HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])],
        models=[ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 200.0)], opening={"barn": 5.0})],
        price=[[[20.0, 80.0], [20.0, 80.0]]],
        operations_per_year=0.1,
        batteries=(SiteBattery(battery, np.ones(2, dtype=bool)),),
    )


def test_more_power_of_a_battery_is_worth_what_the_plan_gains(priced: Priced) -> None:
    """A MW more takes 2,190 MWh at 20 and gives nine tenths of them at 80, wear of 4; a fifth of that is foresight."""
    instance = with_battery(1.0, 1e5)
    table, point = priced(instance)
    gained = worth(with_battery(1.0 + STEP_MW, 1e5), point) - worth(instance, point)
    by_hand = 0.8 * 2190.0 * (0.9 * (80.0 - 4.0) - 20.0) * 2 * instance.finance.discount_operations.mean()
    assert value(table, "battery_power") == pytest.approx(gained / STEP_MW, rel=1e-6)
    assert value(table, "battery_power") == pytest.approx(by_hand, rel=1e-6)
    assert not (table["quantity"] == "battery_energy").any()


def test_more_energy_of_a_battery_is_worth_what_the_plan_gains(priced: Priced) -> None:
    instance = with_battery(1.0, 500.0)
    table, point = priced(instance)
    gained = worth(with_battery(1.0, 500.0 + STEP_MW), point) - worth(instance, point)
    assert value(table, "battery_energy") == pytest.approx(gained / STEP_MW, rel=1e-5)
    assert set(table[table["quantity"] == "battery_energy"]["unit"]) == {"USD/MWh-year"}
    assert not (table["quantity"] == "battery_power").any()


def test_limits_that_do_not_bind_have_no_row(priced: Priced) -> None:
    table, _ = priced(crowded(50.0, 20.0))
    assert not set(table["quantity"]) & {"site_power", "hall_it", "cooling_air", "cooling_liquid"}


def test_cash_that_is_never_short_and_a_budget_that_is_not_set_have_no_row(priced: Priced) -> None:
    table, _ = priced(crowded(4.0, 9.0))
    assert not set(table["quantity"]) & {"cash", "capex_budget"}
