"""Every engine finds the same optimum: HiGHS, SCIP and CBC on hand scenarios, CP-SAT where all columns are whole."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from allocator.planning import contracts, fleets, halls, hosting, power, terminal
from allocator.planning.context import USD_PER_MUSD, make_context
from solvers import SolveOptions, get_backend, solve
from solvers.backends.base import Capability
from solvers.problem import Problem
from solvers.result import Reason
from tests.scenarios.cases import SCENARIOS, hand_case, instance_of, problem_of

WHOLE_MODELS = ("site_limit", "slots", "one_of_group", "tranches", "whole_hall", "cash_floor")
ENGINES = ("highs", "scip", "cbc")
ALL_INTEGER_TOYS = ("tranches", "convert_once", "capex_budget", "whole_hall")
"""Hand scenarios whose megawatts, lots and tranches are whole; scenarios/README.md lists them."""
ENOUGH = 1e4
"""Lots, tranches and megawatts no toy comes near: an upper bound for columns that have none."""
GAP = 1e-7


def decisions_of(name: str) -> Problem:
    """The decisions of a hand scenario, without its hours and its cash, in whole numbers throughout.

    Objective: what contracts and trades bring less what conversions, moves and signatures cost, MUSD.
    """
    context = make_context(instance_of(hand_case(name).folder))
    agreements = hosting.add(context)
    halls.add(context)
    fleets.add(context)
    hosting.close(context, agreements)
    contracts.add(context)
    halls.close(context)
    power.add(context)
    terminal.add(context)
    expected = (context.ledgers.npv_usd.total * context.instance.tree.probability).total()
    context.model.objective(expected / USD_PER_MUSD)
    problem = context.model.build()
    return replace(
        problem,
        integer=np.ones_like(problem.integer),
        upper=np.minimum(problem.upper, ENOUGH),
        name=f"{name} decisions",
    )


def optimum_musd(problem: Problem, engine: str) -> float:
    """The optimum an engine proves."""
    result = solve(problem, engine, SolveOptions(relative_gap=GAP, time_limit_s=60.0))
    assert result.reason is Reason.OPTIMAL
    assert result.primal_bound is not None
    assert result.dual_bound == pytest.approx(result.primal_bound, rel=10 * GAP)
    return result.primal_bound


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", WHOLE_MODELS)
def test_each_engine_finds_the_optimum_worked_out_by_hand(name: str, engine: str) -> None:
    case = hand_case(name)
    found = optimum_musd(problem_of(case.folder), engine) * USD_PER_MUSD
    assert found == pytest.approx(case.objective_usd, rel=1e-6)


@pytest.mark.parametrize("name", ALL_INTEGER_TOYS)
def test_cp_sat_agrees_with_highs_where_all_columns_are_whole(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert Capability.INTEGER_ONLY in get_backend("cp_sat").capabilities
    problem = decisions_of(name)
    by_highs, by_cp_sat = optimum_musd(problem, "highs"), optimum_musd(problem, "cp_sat")
    assert by_cp_sat == pytest.approx(by_highs, rel=1e-6)
    assert by_highs > 0.1
    with capsys.disabled():
        columns = problem.shape[1]
        sys.stdout.write(f"\nCP-SAT and HiGHS agree on {name}: {by_highs:.6f} MUSD, {columns} columns\n")


def test_the_toys_are_listed_for_readers() -> None:
    text = (SCENARIOS / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in ALL_INTEGER_TOYS)
