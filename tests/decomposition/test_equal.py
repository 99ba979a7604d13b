"""Decomposition and the whole model agree on random small instances, and every number it states holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from allocator.dispatch.linear import LinearDispatch
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.planning.context import USD_PER_MUSD
from solvers.result import Reason
from tests.decomposition.solving import Pair, solve_both, with_integers_of
from tests.instance.coincident import with_coincident
from tests.instance.demand import with_demand
from tests.instance.factory import random_instance
from tests.reference.cases import (
    at_work,
    averse,
    awkward,
    budgeted,
    chain,
    converted_twice,
    crowded,
    far_sighted,
    selling,
    short_of_cash,
    tree,
    with_batteries,
)
from tests.reference.hosted_cases import hosted_fleet
from tests.reference.outage_cases import with_outages
from tests.reference.shared_limits import behind_feeders
from tests.reference.treasuries import holding

KINDS: dict[str, Callable[[int], Instance]] = {
    "chain": lambda seed: random_instance(seed, steps=3),
    "no heat limits": lambda seed: random_instance(seed, steps=3, heat_limits=False),
    "tree": tree,
    "awkward chain": lambda seed: awkward(chain(300 + seed), seed),
    "awkward tree": lambda seed: awkward(tree(400 + seed), seed),
    "converted twice": converted_twice,
    "crowded": crowded,
    "batteries beside reserves": lambda seed: selling(with_batteries((chain, tree)[seed % 2](820 + seed), seed), seed),
    "batteries": lambda seed: with_batteries((chain, tree)[seed % 2](800 + seed), seed),
    "energy budgets": lambda seed: budgeted((chain, tree)[seed % 2](600 + seed), seed),
    "demand charges": lambda seed: with_demand((chain, tree)[seed % 2](600 + seed), 4e3 * (1 + seed % 5)),
    "coincident peaks, short of cash": lambda seed: with_coincident(
        short_of_cash((chain, tree)[seed % 2](800 + seed), seed), 2e5 * (1 + seed % 3), 5e4
    ),
    "hosted": hosted_fleet,
    "short of cash": lambda seed: short_of_cash((chain, tree)[seed % 2](800 + seed), seed),
    "holding Bitcoin": lambda seed: holding((chain, tree)[seed % 2](900 + seed), seed),
    "deferrable work": lambda seed: at_work((chain, tree)[seed % 2](1060 + seed), seed),
    "outages": lambda seed: with_outages((chain, tree, crowded)[seed % 3](1100 + seed), seed),
    "worst paths": lambda seed: averse(tree(600 + seed), seed),
    "worst children": lambda seed: far_sighted(tree(600 + seed), seed),
    "feeders and plants": lambda seed: behind_feeders((chain, tree, crowded)[seed % 3](900 + seed), seed),
}
FEW = [(kind, place % 2) for place, kind in enumerate(KINDS)]
"""One of each, in turn along one future and along several."""
SLOW = [
    pytest.param(kind, seeds, marks=pytest.mark.slow)
    for kind in KINDS
    for seeds in (range(6), *(range(first, first + 10) for first in range(6, 56, 10)))
]


@cache
def solved(kind: str, seed: int) -> Pair:
    return solve_both(KINDS[kind](seed))


@pytest.mark.parametrize(("kind", "seed"), FEW)
def test_both_ways_agree(kind: str, seed: int) -> None:
    check_agree(solved(kind, seed))


@pytest.mark.parametrize(("kind", "seeds"), SLOW)
def test_both_ways_agree_and_hold_on_many(kind: str, seeds: range) -> None:
    for seed in seeds:
        pair = solve_both(KINDS[kind](seed))
        check_agree(pair)
        if pair.parts.x is not None:
            check_margins(pair)
            check_cuts(pair)
            check_plan(pair)


def feasible() -> list[Pair]:
    found = [solved(*case) for case in FEW]
    return [pair for pair in found if pair.parts.x is not None]


def test_some_cases_have_no_plan_and_most_do() -> None:
    assert 1 <= len(FEW) - len(feasible()) <= len(FEW) // 3


def test_the_margins_of_a_plan_are_what_its_hours_earn() -> None:
    for pair in feasible()[::2]:
        check_margins(pair)


def test_no_cut_removes_the_optimum_of_the_whole_model() -> None:
    for pair in feasible():
        check_cuts(pair)


def test_a_plan_is_a_plan_of_the_whole_model_with_the_same_objective() -> None:
    for pair in feasible():
        check_plan(pair)


def check_agree(pair: Pair) -> None:
    """Same end; same objective; a bound no plan beats, and no incumbent beyond the optimum."""
    assert pair.parts.reason is pair.result.reason
    if pair.result.reason is Reason.OPTIMAL:
        best = pair.result.primal_bound
        assert pair.parts.objective_musd == pytest.approx(best, abs=pair.tolerance)
        assert pair.parts.bound_musd >= best - 1e-9 * max(1.0, abs(best))


def check_margins(pair: Pair) -> None:
    """Each theta equals the value of dispatching the capacity of the plan."""
    instance, planning, x = pair.whole.instance, pair.parts.planning, pair.parts.x
    for (site, node), column in np.ndenumerate(planning.capacity_map.theta):
        dispatch = LinearDispatch(site_node(instance, site, node))
        earned = dispatch.solve(planning.capacity_map.capacity(x, site, node)).value_usd / USD_PER_MUSD
        assert x[column] == pytest.approx(earned, rel=1e-7, abs=1e-8)


def check_cuts(pair: Pair) -> None:
    """The optimum of the whole model keeps every row of the master, and all cuts and inequalities it ever had."""
    problem, x = pair.parts.planning.problem, pair.optimum_in_master()
    check_rows(problem.matrix, problem.row_lower, problem.row_upper, x)
    for rows in pair.cuts:
        check_rows(rows.matrix, np.full(len(rows.upper), -np.inf), rows.upper, x)


def check_rows(matrix: sp.spmatrix, lower: np.ndarray, upper: np.ndarray, x: np.ndarray) -> None:
    activity = matrix @ x
    slack = 1e-8 * np.maximum(1.0, abs(matrix) @ np.abs(x))
    assert (activity <= upper + slack).all()
    assert (activity >= lower - slack).all()


def check_plan(pair: Pair) -> None:
    """With the integers of the plan, the whole model earns what the plan says."""
    result = with_integers_of(pair.whole, pair.parts)
    assert result.reason is Reason.OPTIMAL
    assert pair.parts.objective_musd == pytest.approx(result.primal_bound, abs=pair.tolerance)
