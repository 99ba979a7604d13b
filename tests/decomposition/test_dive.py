"""What is near a relaxed optimum: first plans by a dive, and prices that prove the bound."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.decomposition.benders import STRUCTURE, solve_decomposed
from allocator.decomposition.dive import dive
from allocator.decomposition.inequalities import valid_inequalities
from allocator.decomposition.master import Master
from allocator.decomposition.no_load import with_no_load_limits
from allocator.decomposition.rounds import DecompositionOptions, Round
from allocator.instance.types import Instance
from allocator.planning.build import build_master
from solvers.options import SolveOptions
from solvers.residuals import residuals
from solvers.result import Reason
from solvers.safe_bound import safe_dual_bound
from tests.instance.factory import random_instance

SEEDS = range(8)
WITHIN = 1e-6


def small(seed: int) -> Instance:
    return random_instance(seed, sites=1 + seed % 2, nodes=4, steps=3)


def master_of(instance: Instance) -> Master:
    planning = with_no_load_limits(build_master(instance))
    master = Master(planning.problem, SolveOptions())
    master.add(valid_inequalities(planning))
    master.relax()
    return master


def test_a_dive_ends_at_a_whole_point_of_the_master_or_nowhere() -> None:
    ended = []
    for seed in SEEDS:
        master = master_of(small(seed))
        relaxed = master.solve()
        if relaxed.reason is Reason.INFEASIBLE:
            continue
        groups = [*(master.columns([family]) for family in STRUCTURE), master.integer]
        near = dive(master, relaxed.point(), groups)
        ended.append(near is not None)
        if near is not None:
            problem = master.bounded()
            found = residuals(problem, near)
            parts = (found.rows, found.bounds, found.integrality)
            assert max((at.amount for part in parts for at in part.values()), default=0.0) <= WITHIN
            assert problem.objective(near) <= relaxed.dual_bound + WITHIN
    assert any(ended)


@pytest.mark.parametrize("seed", [1, 6])
def test_prices_of_the_relaxation_prove_a_bound_on_every_plan(seed: int) -> None:
    found = solve_decomposed(small(seed), DecompositionOptions(relative_gap=1e-6))
    assert found.root_duals is not None
    assert found.root_duals.shape == (found.bounded.shape[0],)
    bound = safe_dual_bound(found.bounded, found.root_duals)
    assert bound is not None
    assert bound >= found.objective_musd - WITHIN


def test_a_start_that_is_good_enough_ends_with_the_relaxation() -> None:
    instance, rounds = small(6), list[Round]()
    best = solve_decomposed(instance, DecompositionOptions(relative_gap=1e-6))
    again = solve_decomposed(instance, DecompositionOptions(relative_gap=0.5), rounds.append, lambda _: best.x)
    assert {one.phase for one in rounds} == {"relaxed"}
    assert again.objective_musd == pytest.approx(best.objective_musd)
    assert np.isfinite(again.bound_musd)
