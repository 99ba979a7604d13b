"""The way from points to capacities and from cuts to rows, and the master against the whole model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from allocator.decomposition.no_load import with_no_load_limits, within_no_load_limits
from allocator.dispatch.interface import Capacity
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.schedule import schedule_value
from allocator.instance.chance import NO_CHANCES
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.planning.axes import most_blocks
from allocator.planning.build import PlanningModel, build_master, build_monolithic, theta_bounds
from allocator.planning.capacity_map import CutRow
from allocator.planning.point import capacity
from solvers.backends.highs import HighsSession
from tests.instance.factory import random_instance
from tests.planning.cases import golden_instance, two_branches
from tests.planning.solving import EXACT, best, relaxed, run

CASES = [
    replace(golden_instance(), treasury=None, debt=None, covenants=None, chances=NO_CHANCES),
    random_instance(4),
    random_instance(11),
    two_branches(random_instance(1, nodes=3)),
]


def pairs(instance: Instance) -> list[tuple[int, int]]:
    return [(s, n) for s in range(len(instance.sites.names)) for n in range(len(instance.tree))]


@pytest.mark.parametrize("instance", CASES)
def test_capacity_from_columns_equals_capacity_from_the_rounded_decisions(instance: Instance) -> None:
    plan = best(instance)
    for s, n in pairs(instance):
        own, rounded = plan.model.capacity_map.capacity(plan.x, s, n), capacity(instance, plan.point, s, n)
        for name in ("fitted", "firm_mw", "segment_mw"):
            assert getattr(own, name) == pytest.approx(getattr(rounded, name), abs=1e-6)


@pytest.mark.parametrize("instance", CASES)
def test_the_hours_of_the_whole_model_earn_what_dispatch_earns_at_the_same_capacity(instance: Instance) -> None:
    plan = best(instance)
    for s, n in pairs(instance):
        here = site_node(instance, s, n)
        own = schedule_value(here, plan.model.schedule(plan.x, s, n))
        dispatched = LinearDispatch(here).solve(plan.model.capacity_map.capacity(plan.x, s, n)).value_usd
        assert own == pytest.approx(dispatched, rel=1e-7, abs=1e-3)


@pytest.mark.parametrize("instance", CASES)
def test_a_master_with_cuts_reaches_the_relaxation_of_the_whole_model(instance: Instance) -> None:
    """Kelley's method: the bound falls to the optimum of the relaxation that carries the hours."""
    whole = run(relaxed(build_monolithic(instance).problem)).primal_bound
    master = with_no_load_limits(build_master(instance))
    session = HighsSession(relaxed(master.problem), EXACT)
    dispatch = {pair: LinearDispatch(site_node(instance, *pair)) for pair in pairs(instance)}
    for _ in range(100):
        result = session.solve()
        rows = _violated(master, dispatch, result.point())
        if not rows:
            break
        matrix = _matrix(rows, master.problem.shape[1])
        session.add_rows(matrix, np.full(len(rows), -np.inf), np.array([r.rhs for r in rows]), "MARGIN.cut")
    assert not rows
    assert result.primal_bound == pytest.approx(whole, rel=1e-6, abs=1e-6)


def _violated(master: PlanningModel, dispatch: dict[tuple[int, int], LinearDispatch], x: np.ndarray) -> list[CutRow]:
    rows = []
    stated = [master.capacity_map.capacity(x, s, n) for s, n in dispatch]
    kept = within_no_load_limits(master.instance, stated)
    for ((s, n), hours), here in zip(dispatch.items(), kept, strict=True):
        value = hours.solve(here)
        if x[master.capacity_map.theta[s, n]] > value.value_usd / 1e6 + 1e-7:
            rows.append(master.capacity_map.cut_row(value.cut, s, n))
    return rows


def _matrix(rows: list[CutRow], columns: int) -> sp.csr_matrix:
    row = np.repeat(np.arange(len(rows)), [len(r.cols) for r in rows])
    cols, coefs = np.concatenate([r.cols for r in rows]), np.concatenate([r.coefs for r in rows])
    return sp.csr_matrix((coefs, (row, cols)), shape=(len(rows), columns))


@pytest.mark.parametrize("instance", CASES)
def test_a_cut_row_at_a_point_says_what_the_cut_says_at_its_capacity(instance: Instance) -> None:
    """Left side less right side equals theta less the cut, in millions, also at fractional points."""
    master = build_master(instance)
    x = np.random.default_rng(0).uniform(0.0, 1.0, master.problem.shape[1])
    for s, n in pairs(instance):
        here = master.capacity_map.capacity(x, s, n)
        cut = LinearDispatch(site_node(instance, s, n)).solve(here).cut
        row = master.capacity_map.cut_row(cut, s, n)
        theta = x[master.capacity_map.theta[s, n]]
        assert row.coefs @ x[row.cols] - row.rhs == pytest.approx(theta - cut.at(here) / 1e6, abs=1e-9)


def test_a_model_that_carries_the_hours_takes_no_cuts_and_a_master_has_no_schedule() -> None:
    instance = CASES[0]
    whole, master = build_monolithic(instance), build_master(instance)
    x = np.zeros(whole.problem.shape[1])
    cut = LinearDispatch(site_node(instance, 0, 0)).solve(whole.capacity_map.capacity(x, 0, 0)).cut
    with pytest.raises(ValueError, match="cuts belong to the master"):
        whole.capacity_map.cut_row(cut, 0, 0)
    with pytest.raises(ValueError, match="holds no hours"):
        master.schedule(np.zeros(master.problem.shape[1]), 0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_the_static_bound_of_theta_holds_at_every_capacity(seed: int) -> None:
    instance, rng = random_instance(seed), np.random.default_rng(seed)
    bounds, placements, segments = theta_bounds(instance), instance.placements, instance.segments
    units = np.maximum(most_blocks(instance) * instance.models.block_units[placements.model], placements.opening_units)
    fleet_mw = segments.mw_per_unit * units[segments.placement]
    for s, n in pairs(instance):
        here = site_node(instance, s, n)
        dispatch = LinearDispatch(here)
        for _ in range(3):
            fitted = rng.integers(0, 2, here.bays).astype(float)
            firm = rng.uniform(0.0, 1.0, here.tenancies) * (here.it_limit_mw * fitted)[here.tenants.bay]
            trial = Capacity(fitted, firm, rng.uniform(0.0, 1.0, here.segments) * fleet_mw[segments.site == s])
            assert dispatch.solve(trial).value_usd <= bounds[s, n] + 1e-6


def test_a_point_whose_decisions_are_not_whole_is_refused() -> None:
    model = build_monolithic(CASES[0])
    x = np.zeros(model.problem.shape[1])
    x[model.problem.columns["sign"].start] = 0.5
    with pytest.raises(ValueError, match=r"sign is 0\.5"):
        model.point(x)
