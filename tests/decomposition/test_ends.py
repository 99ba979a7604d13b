"""How a decomposition ends: no plan, limits, hints, workers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from allocator.decomposition import benders
from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.master import Master
from allocator.decomposition.rounds import Decomposed, DecompositionOptions, Round
from allocator.instance.types import Instance
from solvers.options import SolveOptions
from solvers.result import Limit, Reason
from tests.decomposition.solving import GAP, OPTIONS, WITHIN, solve_both
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, random_instance, tiny_instance
from tests.quick import quick
from tests.reference.cases import awkward, branched, chain

SEEDS = (1, 6, 11)


def small(seed: int) -> Instance:
    return random_instance(seed, sites=1 + seed % 2, nodes=4, steps=3)


@cache
def small_solved(seed: int) -> Decomposed:
    return solve_decomposed(small(seed), OPTIONS)


def owing(**spec: object) -> Instance:
    """One GPU hall of 4 MW, and a tenant that must be accepted."""
    tenant = {"critical_it_mw": 2.0, "rent_usd_per_mw_month": 1e5, "must_accept": True, **spec}
    hall = HallSpec("hall", [BaySpec("gpu", "liquid_gpu", 4.0)])
    return tiny_instance(nodes=3, halls=[hall], contracts=[ContractSpec("tenant", bays=["hall/gpu"], **tenant)])


def test_a_contract_that_must_be_accepted_and_does_not_fit_leaves_no_plan() -> None:
    pair = solve_both(owing(critical_it_mw=5.0))
    assert (pair.result.reason, pair.parts.reason) == (Reason.INFEASIBLE, Reason.INFEASIBLE)
    assert pair.parts.x is None
    assert pair.parts.objective_musd is None


def test_a_contract_that_must_be_accepted_and_never_starts_leaves_no_plan() -> None:
    assert solve_both(owing(first_service_month=50)).parts.reason is Reason.INFEASIBLE


def test_a_contract_that_must_be_accepted_is_signed_at_a_loss() -> None:
    pair = solve_both(replace(owing(rent_usd_per_mw_month=-1e5), name="loss"))
    assert pair.parts.reason is Reason.OPTIMAL
    assert pair.parts.objective_musd == pytest.approx(pair.result.primal_bound) == pytest.approx(-0.2)


def test_cash_that_runs_out_leaves_no_plan() -> None:
    miner = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 100.0)], opening={"barn": 2})
    for opex, reason in ((1.5e4, Reason.OPTIMAL), (5e4, Reason.INFEASIBLE)):
        pair = solve_both(tiny_instance(nodes=3, step_hours=100.0, opening_cash_usd=1e3, minimum_cash_usd=0.0,
                                        fixed_opex_usd=opex, models=[miner], price=50.0))  # fmt: skip
        assert (pair.result.reason, pair.parts.reason) == (reason, reason)


def thirsty(limit_mw: float, energy_mwh: float = np.inf) -> Instance:
    """Two halls that each draw 6 MW at no load once they are GPU halls; each would take one of two tenants. 2 h."""
    fit_outs = [BaySpec("barn", "air_mining", 5.0), BaySpec("gpu", "liquid_gpu", 4.0, no_load_mw=6.0, capex_usd=1e3)]
    tenants = [ContractSpec(f"t{k}", 3.0, ["a/gpu", "b/gpu"], rent_usd_per_mw_month=1e6) for k in range(2)]
    return tiny_instance(
        nodes=2, halls=[HallSpec(h, fit_outs) for h in "ab"], contracts=tenants, site_limit_mw=[limit_mw],
        energy_budget_mwh=energy_mwh,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit_mw", "energy_mwh", "conversions"),
    [(5.0, np.inf, 0), (10.0, np.inf, 1), (12.0, np.inf, 2), (30.0, np.inf, 2), (30.0, 11.0, 0), (30.0, 23.0, 1)],
)
def test_halls_that_together_draw_too_much_at_no_load_are_not_all_converted(
    limit_mw: float, energy_mwh: float, conversions: int
) -> None:
    pair = solve_both(thirsty(limit_mw, energy_mwh))
    assert pair.parts.objective_musd == pytest.approx(pair.result.primal_bound, rel=WITHIN)
    assert pair.parts.planning.point(pair.parts.x).convert.sum() == conversions


def test_a_hall_that_opens_drawing_more_than_its_site_may_leaves_no_plan() -> None:
    hall = HallSpec("hall", [BaySpec("gpu", "liquid_gpu", 4.0, no_load_mw=12.0)])
    pair = solve_both(tiny_instance(nodes=2, halls=[hall]))
    assert (pair.result.reason, pair.parts.reason) == (Reason.INFEASIBLE, Reason.INFEASIBLE)


def test_a_branch_that_ends_early_may_leave_capital_unpaid() -> None:
    """Two conversions for 6 each and a budget of 10: in the short branch one of them is paid by two thirds only.

    The root converts a, ready after three months in the long branch; the short branch converts b at once.
    """
    halls = [
        HallSpec(
            "a", [BaySpec("shell", "empty", 1.0), BaySpec("gpu", "liquid_gpu", 2.0, capex_usd=6e6, lead_months=3)]
        ),
        HallSpec("b", [BaySpec("shell", "empty", 1.0), BaySpec("gpu", "liquid_gpu", 2.0, capex_usd=6e6)]),
    ]
    tenants = [
        ContractSpec(name, 1.0, [f"{name}/gpu"], rent_usd_per_mw_month=rent, first_service_month=first)
        for name, rent, first in (("a", 3e8, 3), ("b", 3e7, 1))
    ]
    chain = tiny_instance(nodes=5, halls=halls, contracts=tenants, capex_budget_usd=10e6)
    pair = solve_both(branched(chain, [-1, 0, 0, 1, 3], dict.fromkeys(range(5), 1.0)))
    assert pair.parts.objective_musd == pytest.approx(pair.result.primal_bound)
    point = pair.parts.planning.point(pair.parts.x)
    assert (point.convert[1].tolist(), point.convert[3].tolist()) == ([1, 0, 0, 0, 0], [0, 0, 1, 0, 0])


def test_an_instance_where_nothing_can_be_earned_is_worth_nothing() -> None:
    pair = solve_both(tiny_instance())
    assert (pair.parts.reason, pair.parts.objective_musd, pair.parts.bound_musd) == (Reason.OPTIMAL, 0.0, 0.0)


@pytest.mark.parametrize("seed", quick(SEEDS, first=1))
def test_the_number_of_workers_does_not_change_the_plan(seed: int) -> None:
    instance = small(seed)
    one, two = (solve_decomposed(instance, replace(OPTIONS, workers=workers)) for workers in (1, 2))
    assert np.array_equal(one.x, two.x)
    assert (one.objective_musd, one.bound_musd, one.methods) == (two.objective_musd, two.bound_musd, two.methods)
    assert [without_clock(r) for r in one.rounds] == [without_clock(r) for r in two.rounds]
    assert all(np.array_equal(value, getattr(two.relaxation, name)) for name, value in vars(one.relaxation).items())


def without_clock(line: Round) -> Round:
    return replace(line, seconds=0.0)


@pytest.mark.parametrize("seed", quick(SEEDS, first=1))
def test_the_last_plan_as_a_hint_gives_the_same_objective(seed: int) -> None:
    instance = small(seed)
    first = small_solved(seed)
    again = solve_decomposed(instance, OPTIONS, hint=lambda _: first.x)
    assert again.reason is Reason.OPTIMAL
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=2 * GAP)
    assert again.rounds[0].incumbent_musd == pytest.approx(first.objective_musd, rel=1e-9)


def test_a_hint_that_is_no_plan_gives_the_same_objective() -> None:
    instance = small(6)
    first = small_solved(6)
    again = solve_decomposed(instance, OPTIONS, hint=lambda _: np.full_like(first.x, 1.0))
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=2 * GAP)


def test_a_gap_in_money_is_enough_however_near_to_nothing_the_value_is() -> None:
    best = small_solved(6)
    wide = solve_decomposed(small(6), replace(OPTIONS, relative_gap=0.0, gap_musd=0.2 * best.objective_musd))
    assert wide.reason is Reason.OPTIMAL
    assert len(wide.rounds) < len(best.rounds)
    assert wide.bound_musd - wide.objective_musd <= 0.2 * best.objective_musd


@pytest.mark.parametrize("seed", quick(SEEDS, first=1))
def test_a_time_limit_returns_the_best_plan_found_and_a_bound(seed: int) -> None:
    instance = small(seed)
    full = small_solved(seed)
    poor = solve_decomposed(instance, DecompositionOptions(relative_gap=0.5))
    stopped = solve_decomposed(instance, replace(OPTIONS, time_limit_s=1e-3), hint=lambda _: poor.x)
    assert stopped.objective_musd >= poor.objective_musd - 1e-9
    assert stopped.bound_musd >= full.objective_musd - 1e-9
    assert (stopped.reason, stopped.limit) in ((Reason.FEASIBLE, Limit.TIME), (Reason.OPTIMAL, None))


def test_a_time_limit_before_any_plan_says_so() -> None:
    stopped = solve_decomposed(small(6), replace(OPTIONS, time_limit_s=1e-3))
    assert (stopped.reason, stopped.limit) == (Reason.NO_POINT, Limit.TIME)
    assert stopped.x is None
    assert np.isfinite(stopped.bound_musd)


def test_a_work_limit_returns_the_best_plan_found() -> None:
    instance = small(6)
    full = small_solved(6)
    stopped = solve_decomposed(instance, replace(OPTIONS, rounds=1))
    assert (stopped.reason, stopped.limit) == (Reason.FEASIBLE, Limit.WORK)
    assert stopped.objective_musd <= full.objective_musd + WITHIN
    assert stopped.bound_musd >= full.objective_musd - 1e-9


def test_giving_up_on_structure_alone_changes_only_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one node the master is asked for all integers instead."""
    instance = awkward(chain(133), 133)
    monkeypatch.setattr(benders, "STRUCTURE_NODES", 1)
    pair = solve_both(instance)
    assert pair.parts.reason is Reason.OPTIMAL
    assert pair.parts.objective_musd == pytest.approx(pair.result.primal_bound, abs=pair.tolerance)


def test_cuts_that_an_engine_cannot_keep_to_the_last_digit_do_not_lose_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a tolerance below zero every cut counts as broken for ever."""
    instance = small(6)
    full = small_solved(6)
    monkeypatch.setattr(benders, "VIOLATION", -1.0)
    monkeypatch.setattr(benders, "RELAXED_ROUNDS", 3)
    found = solve_decomposed(instance, OPTIONS)
    assert found.objective_musd == pytest.approx(full.objective_musd, rel=2 * GAP)


def test_a_hint_a_hair_outside_its_bounds_is_a_hint() -> None:
    first = small_solved(6)
    master = Master(first.planning.problem, SolveOptions())
    master.ask_whole(master.integer)
    assert master.solve(hint=first.x - 1e-6 * (first.x <= first.planning.problem.lower)).has_point


def test_the_log_tightens_and_ends_with_what_is_returned() -> None:
    lines: list[Round] = []
    done = solve_decomposed(small(1), OPTIONS, on_round=lines.append)
    assert tuple(lines) == done.rounds
    bounds = [line.bound_musd for line in lines]
    assert bounds == sorted(bounds, reverse=True)
    incumbents = [line.incumbent_musd for line in lines if line.incumbent_musd is not None]
    assert incumbents == sorted(incumbents)
    assert (lines[-1].bound_musd, lines[-1].incumbent_musd) == (done.bound_musd, done.objective_musd)
