"""An older plan gives the point to start from, by name, and never more than that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import allocator
from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import DecompositionOptions
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.settle import settle
from allocator.pipeline.solve import answered
from allocator.pipeline.start import all_decided_by, starting_point, taken_by
from allocator.plan.extract import extract_tables
from allocator.plan.marginal import no_marginal_values
from allocator.planning.build import build_master
from allocator.planning.treasury_point import EVENTS
from solvers.problem import Problem
from tests.instance.factory import random_instance
from tests.instance.scenario_files import write
from tests.quick import quick
from tests.scenarios.cases import SCENARIOS, instance_of, solved

TIGHT = DecompositionOptions(relative_gap=1e-9)


@dataclass(frozen=True)
class Solved:
    instance: Instance
    problem: Problem
    x: Floats
    tables: dict[str, pd.DataFrame]


def _solved(seed: int) -> Solved:
    instance = random_instance(seed)
    found = solve_decomposed(instance, TIGHT)
    assert found.x is not None
    settled = settle(instance, found.planning.point(found.x)).settled
    return Solved(instance, found.planning.problem, found.x, dict(extract_tables(settled, {}, no_marginal_values())))


@pytest.mark.parametrize("seed", quick(range(5), first=1))
def test_a_plan_gives_back_every_whole_decision_it_was_made_from(seed: int) -> None:
    old = _solved(seed)
    x = starting_point(old.instance, old.problem, old.tables)
    np.testing.assert_allclose(x[old.problem.integer], np.round(old.x[old.problem.integer]))


def test_names_the_new_scenario_does_not_know_are_left_out() -> None:
    old = _solved(1)
    names = tuple(f"new {name}" for name in old.instance.bays.names)
    renamed = replace(old.instance, bays=replace(old.instance.bays, names=names))
    x = starting_point(renamed, old.problem, old.tables)
    assert not x[old.problem.columns["fitted"].slice].any()


def test_a_conversion_that_is_ready_in_several_futures_is_taken_once() -> None:
    old = next(one for one in map(_solved, range(20)) if len(one.tables["conversions"]))
    conversions = old.tables["conversions"]
    parted = {**old.tables, "conversions": pd.concat([conversions, conversions.assign(ready_node="elsewhere")])}
    assert taken_by(old.instance, parted, ["convert"]) == taken_by(old.instance, old.tables, ["convert"]) != []


def test_starting_from_a_plan_gives_the_same_value_and_is_its_incumbent_at_once(tmp_path: Path) -> None:
    scenario = write(tmp_path)
    request = SolveRequest(hours="3", method="decomposed", relative_gap=1e-6)
    first = allocator.solve(scenario, tmp_path / "plan", request)
    again = allocator.solve(scenario, None, replace(request, start=first.plan))
    assert first.plan.relaxation is not None
    assert again.run.solver["rounds"] <= first.run.solver["rounds"]
    assert again.meta.objective_usd == pytest.approx(first.meta.objective_usd, rel=2e-6)
    assert again.meta.verified


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("credit_line", {"draws"}),
        pytest.param("released_collateral", {"releases"}, marks=pytest.mark.slow),
        ("extended_loan", {"releases", "extends"}),
        pytest.param("liquidation", {"liquidates"}, marks=pytest.mark.slow),
        ("wiped_out", {"liquidates", "exhausts"}),
    ],
)
def test_draws_releases_and_liquidations_are_looked_up_too(name: str, events: set[str]) -> None:
    folder = SCENARIOS / "hand" / name
    plan, instance = solved(folder, "decomposed").plan, instance_of(folder)
    problem = build_master(instance).problem
    x = starting_point(instance, problem, plan.tables)
    assert {event for event in EVENTS if x[problem.columns[event].slice].any()} == events
    request = SolveRequest(method="decomposed", relative_gap=1e-7, start=plan)
    again = allocator.solve(folder, None, request)
    assert again.meta.objective_usd == pytest.approx(plan.meta.objective_usd)


def test_a_plan_whose_decisions_are_held_is_found_again_where_its_hours_run() -> None:
    folder = SCENARIOS / "hand" / "thin_market"
    plan, instance = solved(folder, "decomposed").plan, instance_of(folder)
    assert instance.treasury is not None
    assert instance.treasury.coupled.any()
    held = replace(instance, decided=all_decided_by(instance, plan.tables))
    request = SolveRequest(method="decomposed", relative_gap=1e-8)
    found = [answered(held, replace(request, start=start), Stopwatch()) for start in (None, plan)]
    assert found[0].objective_usd == pytest.approx(found[1].objective_usd)
    assert found[0].statistics["rounds"] > found[1].statistics["rounds"] == 1
