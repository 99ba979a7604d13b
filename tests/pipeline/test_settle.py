"""Settling makes a point exact and never worse; every random plan then passes the verifier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.dispatch.linear import LinearDispatch
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.pipeline.tail import fill_tail, tenants_tail_mw
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.extract.settled import capacity
from allocator.plan.marginal import no_marginal_values
from allocator.planning.build import build_monolithic
from allocator.verify import verify_plan
from solvers.options import SolveOptions
from solvers.registry import solve
from tests.instance.factory import random_instance
from tests.plan.factory import pivot_instance, pivot_point, still_point
from tests.quick import quick
from tests.reference.shared_limits import behind_feeders


def linear(instance: Instance, site: int, node: int) -> LinearDispatch:
    return LinearDispatch(site_node(instance, site, node))


@pytest.mark.parametrize("seed", quick(range(10), first=2))
def test_a_settled_plan_is_worth_what_the_engine_says_and_passes_the_verifier(seed: int) -> None:
    instance = random_instance(seed)
    model = build_monolithic(instance)
    result = solve(model.problem, options=SolveOptions(relative_gap=1e-6))
    operation = settle(instance, model.point(result.point()))
    tables = extract_tables(operation.settled, {}, no_marginal_values())
    assert result.primal_bound is not None
    assert objective_usd(tables["cash_flow"]) == pytest.approx(result.primal_bound * 1e6, rel=1e-9)
    report = verify_plan(instance, tables, ScheduleTables(operation.settled))
    assert [str(violation) for violation in report.violations] == []


@pytest.mark.parametrize("seed", quick(range(3), first=1))
def test_closed_form_and_linear_program_settle_to_the_same_value(seed: int) -> None:
    instance = random_instance(seed, nodes=3)
    model = build_monolithic(instance)
    point = model.point(solve(model.problem).point())
    one, other = (
        objective_usd(extract_tables(operation.settled, {}, no_marginal_values())["cash_flow"])
        for operation in (settle(instance, point), settle(instance, point, linear))
    )
    assert one == pytest.approx(other, rel=1e-9)


def test_schedules_hold_their_limits_to_the_last_watt() -> None:
    instance = pivot_instance()
    settled = settle(instance, pivot_point(instance)).settled
    for (site, node), schedule in settled.schedules.items():
        hours = settled.hours(site, node)
        assert (schedule.grid_mw <= hours.site_limit_mw + 1e-9).all()
        assert (schedule.load_mw >= 0).all()


def test_cuts_are_tight_where_they_were_made() -> None:
    instance = pivot_instance()
    operation = settle(instance, pivot_point(instance))
    settled = operation.settled
    for (site, node), cut in operation.cuts.items():
        here = capacity(instance, settled.point, settled.tenancy_mw, site, node)
        hours, schedule = settled.hours(site, node), settled.schedules[site, node]
        earned = (schedule.load_mw * hours.weight_h).sum(axis=1) @ hours.segment_value_usd_per_mwh
        paid = (schedule.grid_mw * hours.weight_h) @ hours.price_usd_per_mwh
        assert cut.at(here) == pytest.approx(earned - paid, rel=1e-9)


def test_power_beyond_the_horizon_goes_to_the_best_value_per_gross_megawatt() -> None:
    made = pivot_instance()
    value = made.terminal.mining_usd_per_mw.copy()
    value[0], value[2] = [[50.0], [10.0]], [[40.0], [60.0]]
    instance = replace(
        made,
        terminal=replace(made.terminal, mining_usd_per_mw=value, overhead=np.array([0.5, 0.0, 0.0])),
        sites=replace(made.sites, power_limit_mw=np.array([8.0])),
    )
    filled = fill_tail(instance, still_point(instance))
    assert filled[:, 0, 0] == pytest.approx([2.0 / 1.5, 0.0, 6.0])
    assert filled[:, 1, 0] == pytest.approx([2.0 / 1.5, 0.0, 6.0])


def test_contracts_still_in_term_come_before_mining_beyond_the_horizon() -> None:
    made = pivot_instance()
    instance = replace(made, sites=replace(made.sites, power_limit_mw=np.array([5.0])))
    point = pivot_point(instance)
    assert tenants_tail_mw(instance, point)[:, :, 0].sum(axis=0) == pytest.approx([1.6, 1.6])
    assert fill_tail(instance, point)[2, :, 0] == pytest.approx([3.4, 3.4])


@pytest.mark.parametrize("seed", quick(range(4), first=2))
def test_a_tail_behind_feeders_and_plants_is_the_best_there_is(seed: int) -> None:
    """Filled again by itself it is worth what the whole model made of it, and verifies."""
    instance = behind_feeders(random_instance(seed, nodes=3), seed)
    model = build_monolithic(instance)
    point = model.point(solve(model.problem, options=SolveOptions(relative_gap=1e-9)).point())
    value = instance.terminal.mining_usd_per_mw[:, :, instance.tree.leaves]
    filled = settle(instance, point).settled.point
    assert (value * filled.tail_mw).sum() == pytest.approx((value * point.tail_mw).sum(), rel=1e-6, abs=1.0)
