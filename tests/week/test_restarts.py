"""Restarts: by hand, against all ways to switch, and by two routes that must agree."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.restarts import Restarts
from allocator.planning.families import row_labels
from allocator.week import moves, program
from allocator.week import restarts as week_restarts
from allocator.week.interface import DEFAULTS, Opening, WeekOptions, WeekPlan
from allocator.week.plan import FLEET_BY_FLEET, LINEAR_PROGRAM, MERIT_ORDER, plan_week
from allocator.week.standing import standing
from allocator.week.verified import checked_week
from tests.quick import quick
from tests.week.brute import best_usd
from tests.week.sites import Fleet, restarts, settling, site

ONE = [Fleet((10.0,), (60.0,))]
RUNS = Opening(running_mw=np.array([10.0]))


def decide(prices: list[float], terms: Restarts, opening: Opening = RUNS, step_h: float = 1.0) -> WeekPlan:
    made = site(ONE, len(prices), terms, step_h=step_h)
    found = checked_week(made, settling(made, prices), opening)
    assert found.broken == ()
    return found.plan


@pytest.mark.parametrize(
    ("usd", "load", "value"),
    [
        (9.0, [10, 0, 10], 2 * 200 - 90),  # a start of 90 USD against 100 USD lost in the dear hour
        (11.0, [10, 10, 10], 2 * 200 - 100),
    ],
)
def test_a_dear_hour_is_run_through_where_a_start_costs_more(usd: float, load: list[float], value: float) -> None:
    found = decide([40, 70, 40], restarts(usd=usd))
    assert found.load_mw[0].tolist() == load
    assert found.value_usd == pytest.approx(value)


def test_machines_draw_and_earn_nothing_until_they_are_back() -> None:
    found = decide([40, 90, 40], restarts(restart_h=0.25))
    assert found.load_mw[0].tolist() == [10, 0, 10]
    assert found.money.restarts == pytest.approx(0.25 * 60 * 10)
    assert found.value_usd == pytest.approx(200 + 200 - 150)


def test_a_restart_longer_than_a_step_costs_the_next_steps_too() -> None:
    found = decide([40, 200, 40, 40, 40, 40, 40], restarts(restart_h=1 / 3), step_h=0.25)
    assert found.load_mw[0].tolist() == [10, 0, 10, 10, 10, 10, 10]
    assert found.money.restarts == pytest.approx(60 * 10 / 3)


def test_what_is_stopped_stays_off_for_its_time() -> None:
    found = decide([40, 90, 40, 40], restarts(least_off_h=2))  # one dear hour and one good one: 300 against 200
    assert found.load_mw[0].tolist() == [10, 0, 0, 10]
    found = decide([40, 75, 40, 40], restarts(least_off_h=2))  # 150 against 200
    assert found.load_mw[0].tolist() == [10, 10, 10, 10]


def test_machines_that_stopped_before_the_window_stay_off_for_the_rest_of_their_time() -> None:
    opening = Opening(running_mw=np.zeros(1), off_h=np.array([1.0]))
    assert decide([40, 40, 40], restarts(least_off_h=3), opening).load_mw[0].tolist() == [0, 0, 10]


def test_what_is_started_runs_for_its_time() -> None:
    opening = Opening(running_mw=np.zeros(1))
    prices = [90.0, 40.0, 75.0, 90.0]
    assert decide(prices, restarts(least_run_h=2), opening).load_mw[0].tolist() == [0, 10, 10, 0]
    assert decide([90.0, 40.0, 90.0, 90.0], restarts(least_run_h=2), opening).load_mw[0].tolist() == [0, 0, 0, 0]


def test_without_a_term_the_hours_are_those_of_the_months() -> None:
    found = decide([40, 70, 40], restarts())
    assert found.method == MERIT_ORDER
    assert found.load_mw[0].tolist() == [10, 0, 10]


def test_where_the_opening_is_not_known_the_first_start_is_free() -> None:
    found = decide([40, 40], restarts(usd=1000.0), Opening())
    assert found.value_usd == pytest.approx(400)


def test_half_of_a_fleet_stops_where_a_limit_leaves_half() -> None:
    made = site(ONE, 3, restarts(usd=5.0))
    opening = Opening(running_mw=np.array([10.0]), site_limit_mw=np.array([np.inf, 4.0, np.inf]))
    found = checked_week(made, settling(made, [40, 40, 40]), opening)
    assert found.broken == ()
    assert found.plan.method == LINEAR_PROGRAM
    assert found.plan.load_mw[0] == pytest.approx([10, 4, 10])
    assert found.plan.value_usd == pytest.approx(20 * 24 - 5 * 6)


def test_the_rows_that_are_built_are_those_that_are_stated() -> None:
    made = site(ONE, 3, restarts(usd=5.0))
    opened = standing(made, settling(made, [40.0] * 3), RUNS)
    built = program.build(opened, np.zeros((1, 3)), WeekOptions(churn_usd_per_mw=1.0, most_moved_mw=5.0))
    stated = {*row_labels(week_restarts), *row_labels(moves)}
    assert {name for name in built.rows if name.split(".")[0] in ("RESTART", "MOVE")} == stated


@pytest.mark.parametrize("seed", quick(range(40), first=8))
def test_every_way_to_switch_is_beaten_or_met(seed: int) -> None:
    rng = np.random.default_rng(seed)
    step_h = float(rng.choice([0.25, 1.0]))
    unit = step_h * np.array([rng.choice([0.0, 0.5, 1.0, 1.5]), *rng.integers(0, 4, 2)])
    terms = restarts(*unit, usd=float(rng.choice([0.0, 3.0, 12.0])))
    ran = [None, False, True][rng.integers(3)]
    off_h = float(step_h * rng.integers(0, 4))
    prices = rng.uniform(30, 90, 9).tolist()
    opening = Opening() if ran is None else Opening(running_mw=np.array([10.0 * ran]), off_h=np.array([off_h]))
    found = decide(prices, terms, opening, step_h)
    assert found.value_usd == pytest.approx(best_usd(prices, 10.0, 60.0, terms, step_h, ran, off_h))


@pytest.mark.parametrize("seed", quick(range(40), first=6))
def test_dynamic_programming_and_the_linear_program_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fleets = [Fleet((10.0, 4.0), (70.0, 45.0), 0.05), Fleet((6.0,), (50.0,)), Fleet((3.0, 2.0), (55.0, 52.0))]
    terms = Restarts(rng.choice([0, 0.2, 0.7, 1.3], 3), *rng.integers(0, 4, (2, 3)), rng.choice([0.0, 4.0], 3))
    made = site(fleets, 24, terms, firm_mw=5.0)
    prices = settling(made, np.exp(rng.normal(4.0, 0.5, 24)))
    opening = Opening(running_mw=rng.choice([0.0, 2.0, 20.0], 5), off_h=rng.uniform(0, 3, 3))
    found = checked_week(made, prices, opening)
    assert found.broken == ()
    opened = standing(made, prices, opening)
    solved = program.solve(opened, np.full(found.plan.load_mw.shape, np.nan), DEFAULTS)
    assert found.plan.method in (FLEET_BY_FLEET, MERIT_ORDER)
    assert solved.bound_usd == pytest.approx(found.plan.value_usd)


@pytest.mark.parametrize("seed", quick(range(30), first=5))
def test_shared_limits_cost_money_and_break_no_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fleets = [Fleet((10.0, 4.0), (70.0, 45.0), 0.05), Fleet((6.0,), (50.0,)), Fleet((3.0, 2.0), (55.0, 52.0))]
    terms = Restarts(rng.choice([0, 0.2, 0.7, 1.3], 3), *rng.integers(0, 4, (2, 3)), rng.choice([0.0, 4.0], 3))
    free, tight = (site(fleets, 24, terms, limit, firm_mw=5.0) for limit in (100.0, 17.0))
    prices = settling(free, np.exp(rng.normal(4.0, 0.5, 24)))
    share = np.ones((5, 24))
    share[:, 6:12] = rng.choice([0.0, 0.5, 1.0], (5, 1))
    opening = Opening(running_mw=rng.choice([0.0, 2.0, 20.0], 5), available_share=share)
    found = checked_week(tight, prices, opening)
    assert found.broken == ()
    assert found.plan.method == LINEAR_PROGRAM
    assert found.plan.gap <= 1e-8
    assert found.plan.value_usd <= plan_week(free, prices, Opening(running_mw=opening.running_mw)).value_usd + 1e-6
