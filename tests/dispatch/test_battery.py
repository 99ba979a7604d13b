"""A battery behind the meter: by linear program, never both ways, never for the sake of burning energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.battery_value import least_energy_usd_per_mwh, most_earned_usd, storage_schedule
from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode, StorageSchedule
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.program import make_program
from allocator.dispatch.schedule import schedule_value
from allocator.instance.battery import Battery, NodeBattery
from allocator.instance.tenants import one_tenancy_a_bay
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Family, Problem
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_sites import capacities, crossing_sites, nested_sites, random_capacity
from tests.dispatch.test_linear import TWO_SEGMENTS
from tests.quick import examples

MANY = examples(20)
FEW = examples(10)
EXACT = SolveOptions(relative_gap=1e-9, feasibility_tolerance=1e-9)

PLAIN = Battery(
    charge_mw=4.0,
    discharge_mw=2.0,
    energy_mwh=10.0,
    charge_efficiency=0.5,
    discharge_efficiency=1.0,
    opening_mwh=0.0,
    wear_usd_per_mwh=5.0,
    kept_share_per_h=1.0,
    capture_share=1.0,
)
"""Stores half of what it takes."""
EMPTY = Capacity(np.ones(2), np.zeros(2), np.zeros(2))


def owned(battery: Battery, steps: int = 2) -> NodeBattery:
    """One run of hours."""
    return NodeBattery(battery, np.ones(steps), np.arange(steps) == 0)


WITH_BATTERY = replace(TWO_SEGMENTS, weight_h=np.ones(2), battery=owned(PLAIN))
"""Hours at 20 and 60 USD; bay 0 earns 50 USD, bay 1 100 USD at an overhead of 0.25; the site takes 8 MW."""


@st.composite
def stored_sites(draw: st.DrawFn, sites: Callable[[], st.SearchStrategy[SiteNode]] = crossing_sites) -> SiteNode:
    """A site with a battery; steps of different length and weight, in one or more runs."""
    site = draw(sites())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    opens = rng.random(site.hours) < 0.2
    opens[0] = True
    energy, loses = float(rng.uniform(1, 20)), bool(rng.random() < 0.3)
    battery = Battery(
        charge_mw=float(rng.uniform(0.5, 10)),
        discharge_mw=float(rng.uniform(0.5, 10)),
        energy_mwh=energy,
        charge_efficiency=float(rng.choice([1.0, 0.9, 0.6])),
        discharge_efficiency=float(rng.choice([1.0, 0.9, 0.6])),
        opening_mwh=0.0 if loses else energy * float(rng.choice([0.0, 0.5, 1.0])),
        wear_usd_per_mwh=float(rng.choice([0.0, 10.0])),
        kept_share_per_h=0.95 if loses else 1.0,
        capture_share=float(rng.choice([1.0, 0.7, 0.0])),
    )
    return replace(site, battery=NodeBattery(battery, rng.choice([0.25, 1.0, 2.0], site.hours), opens))


def larger(owned: NodeBattery) -> NodeBattery:
    """More of everything; it stores the same to begin with."""
    old = owned.battery
    more = replace(old, charge_mw=old.charge_mw + 1, discharge_mw=old.discharge_mw + 1, energy_mwh=old.energy_mwh + 2)
    return replace(owned, battery=more)


def test_machines_that_grid_energy_would_not_pay_for_run_on_stored_energy() -> None:
    """2 MW of bay 0. Hour 0: they run, 4 MW charge 2 MWh. Hour 1: at 60 USD they lose 10, on stored energy they earn.

    2 x 30 in hour 0; charging 4 x 20; in hour 1 earnings of 2 x 50, no energy from the grid, wear of 2 x 5.
    """
    value = LinearDispatch(WITH_BATTERY).solve(Capacity(np.ones(2), np.zeros(2), np.array([2.0, 0.0])))
    storage = value.schedule.storage
    assert storage is not None
    assert value.value_usd == pytest.approx(60 - 80 + 100 - 10)
    assert storage.charge_mw == pytest.approx([4.0, 0.0])
    assert storage.discharge_mw == pytest.approx([0.0, 2.0])
    assert storage.stored_mwh == pytest.approx([2.0, 0.0])
    assert value.schedule.grid_mw == pytest.approx([6.0, 0.0])


def test_a_capture_share_is_taken_off_what_trading_earns_and_nothing_else() -> None:
    """Trading earns 2 x 60 - 4 x 20 - 2 x 5 = 30; the machines' own loss of 2 x 10 on grid energy stays."""
    here = replace(WITH_BATTERY, battery=owned(replace(PLAIN, capture_share=0.8)))
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.array([2.0, 0.0])))
    assert value.value_usd == pytest.approx(60 - 20 + 0.8 * 30)


def test_with_too_small_a_capture_share_it_stands_still() -> None:
    here = replace(WITH_BATTERY, battery=owned(replace(PLAIN, capture_share=0.6)))
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.array([2.0, 0.0])))
    assert value.value_usd == pytest.approx(60.0)


@pytest.mark.parametrize("capture_share", [1.0, 0.5])
def test_a_tenant_is_carried_over_a_peak_and_all_of_its_cost_counts(capture_share: float) -> None:
    """3 MW of tenants in bay 0, the site takes 2 MW in hour 1: 1 MW comes from the battery, 2 MWh went into it."""
    battery = owned(replace(PLAIN, capture_share=capture_share))
    here = replace(
        WITH_BATTERY, price_usd_per_mwh=np.full(2, 20.0), site_limit_mw=np.array([8.0, 2.0]), battery=battery
    )
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([3.0, 0.0]), np.zeros(2)))
    assert value.schedule.shed_mw == pytest.approx(np.zeros((2, 2)))
    assert value.schedule.grid_mw == pytest.approx([5.0, 2.0])
    assert value.value_usd == pytest.approx(-20 * 7 - 5)


def test_nothing_is_burnt_between_two_negative_prices() -> None:
    """No load: what is taken for money could never be given, unless it took and gave at once at 1 USD."""
    three = replace(
        WITH_BATTERY,
        weight_h=np.ones(3),
        price_usd_per_mwh=np.array([-50.0, 1.0, -50.0]),
        site_limit_mw=np.full(3, 8.0),
        overhead=np.zeros((2, 3)),
        air_limit_mw=np.full((2, 3), np.inf),
        liquid_limit_mw=np.full((2, 3), np.inf),
        tenants=one_tenancy_a_bay(bays=2, hours=3),
        battery=owned(PLAIN, 3),
    )
    assert LinearDispatch(three).solve(EMPTY).value_usd == pytest.approx(0.0, abs=1e-9)


def test_what_is_taken_at_a_negative_price_is_given_to_the_load_of_a_dear_hour() -> None:
    here = replace(WITH_BATTERY, price_usd_per_mwh=np.array([-30.0, 60.0]))
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([1.0, 0.0]), np.zeros(2)))
    assert value.value_usd == pytest.approx(30 * 1 + 30 * 2 - 5)


def test_a_battery_serves_the_energy_budget() -> None:
    """The tenant of 3 MW takes 6 MWh; the half MWh left is lost: 1 MWh taken at 20, 0.5 given at 60, wear of 2.5."""
    here = replace(WITH_BATTERY, energy_budget_mwh=6.5)
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([3.0, 0.0]), np.zeros(2)))
    assert here.weight_h @ value.schedule.grid_mw == pytest.approx(6.5)
    assert value.value_usd == pytest.approx(-3 * 80 - 20 + 30 - 2.5)


def test_each_run_ends_as_it_began() -> None:
    """Two days of one hour each: nothing can be carried from one to the other."""
    apart = replace(WITH_BATTERY, battery=NodeBattery(PLAIN, np.ones(2), np.ones(2, dtype=bool)))
    value = LinearDispatch(apart).solve(Capacity(np.ones(2), np.array([1.0, 0.0]), np.zeros(2)))
    assert value.value_usd == pytest.approx(-80.0)


def test_standing_losses_are_made_up() -> None:
    """8 MWh to begin with, a tenth lost each hour: 1.6 MWh taken an hour, 0.8 stored."""
    battery = replace(PLAIN, opening_mwh=8.0, kept_share_per_h=0.9, wear_usd_per_mwh=100.0)
    here = replace(WITH_BATTERY, price_usd_per_mwh=np.full(2, 20.0), battery=owned(battery))
    value = LinearDispatch(here).solve(EMPTY)
    assert value.value_usd == pytest.approx(-20 * (8.0 - 8.0 * 0.9**2) / 0.5)


def test_a_limit_that_leaves_no_room_to_make_up_losses_is_refused_in_words() -> None:
    battery = replace(PLAIN, opening_mwh=8.0, kept_share_per_h=0.9)
    here = replace(WITH_BATTERY, no_load_mw=np.array([7.0, 0.0]), battery=owned(battery))
    with pytest.raises(ValueError, match="more than the site limit of 8 MW"):
        LinearDispatch(here).solve(EMPTY)


def test_a_battery_goes_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(WITH_BATTERY, np.zeros(2, dtype=bool))
    assert (choice.method, choice.reason) == (DispatchMethod.LINEAR, "a battery carries energy from hour to hour")


def test_stored_energy_costs_at_least_its_losses_and_wear() -> None:
    assert least_energy_usd_per_mwh(WITH_BATTERY) == pytest.approx([20.0, 45.0])
    assert least_energy_usd_per_mwh(replace(WITH_BATTERY, battery=None)) == pytest.approx([20.0, 60.0])


@MANY
@given(st.data(), stored_sites())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    check_cut(site, here, there)


@MANY
@given(st.data(), stored_sites())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    check_bound(site, LimitPrices(*any_limits(rng, site)), random_capacity(rng, site))


@MANY
@given(st.data(), stored_sites())
def test_a_schedule_keeps_every_limit_of_the_battery_and_is_worth_what_is_said(
    data: st.DataObject, site: SiteNode
) -> None:
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity) or site.battery is None:
        return
    value = LinearDispatch(site).solve(capacity)
    storage, battery = value.schedule.storage, site.battery.battery
    assert storage is not None
    loads = value.schedule.grid_mw - storage.charge_mw + storage.discharge_mw
    before = np.where(site.battery.opens, battery.opening_mwh, np.roll(storage.stored_mwh, 1)) * site.battery.kept_share
    change = battery.charge_efficiency * storage.charge_mw - storage.discharge_mw / battery.discharge_efficiency
    assert storage.stored_mwh == pytest.approx(before + site.battery.step_h * change, abs=1e-6)
    assert storage.stored_mwh[site.battery.closes] == pytest.approx(battery.opening_mwh)
    assert (storage.discharge_mw <= np.where(site.price_usd_per_mwh < 0, 0.0, loads + 1e-6)).all()
    assert np.minimum(storage.charge_mw, storage.discharge_mw) == pytest.approx(0.0, abs=1e-12)
    assert (value.schedule.grid_mw <= site.site_limit_mw + 1e-6).all()
    assert value.value_usd == pytest.approx(schedule_value(site, value.schedule))


@FEW
@given(st.data(), stored_sites())
def test_taking_and_giving_at_once_would_earn_nothing(data: st.DataObject, site: SiteNode) -> None:
    """The same program with a whole number a step that lets the battery do one of the two is worth the same."""
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity):
        return
    program = make_program(site)
    lower, upper = program.row_bounds(capacity)
    least, most = program.column_bounds(capacity)
    problem = replace(program.problem, row_lower=lower, row_upper=upper, lower=least, upper=most)
    free, either = (HighsSession(p, EXACT).solve().primal_bound for p in (problem, one_way(problem)))
    assert free is not None
    assert either == pytest.approx(free, abs=1e-6 * (1 + abs(free)))


def one_way(problem: Problem) -> Problem:
    """With columns w in {0, 1} and rows charge - C w <= 0, discharge + D w <= D."""
    charge, discharge = problem.columns["charge_mw"], problem.columns["discharge_mw"]
    steps, columns = len(charge.index), problem.shape[1]
    upper_c, upper_d = problem.upper[charge.slice], problem.upper[discharge.slice]

    def pick(family: Family) -> sp.csc_matrix:
        at = np.arange(steps)
        return sp.csc_matrix((np.ones(steps), (at, family.start + at)), shape=(steps, columns))

    whole = sp.bmat([
        [problem.matrix, None],
        [pick(charge), -sp.diags(upper_c)],
        [pick(discharge), sp.diags(upper_d)],
    ]).tocsc()  # fmt: skip
    stop, endless = problem.shape[0], np.full(2 * steps, -np.inf)
    return replace(
        problem,
        matrix=whole,
        cost=np.append(problem.cost, np.zeros(steps)),
        lower=np.append(problem.lower, np.zeros(steps)),
        upper=np.append(problem.upper, np.ones(steps)),
        integer=np.append(problem.integer, np.ones(steps, dtype=bool)),
        row_lower=np.append(problem.row_lower, endless),
        row_upper=np.concatenate([problem.row_upper, np.zeros(steps), upper_d]),
        rows={
            **problem.rows,
            "one_way.charge": Family("one_way.charge", stop, charge.index),
            "one_way.discharge": Family("one_way.discharge", stop + steps, charge.index),
        },
        columns={**problem.columns, "takes": Family("takes", columns, charge.index)},
    )


@FEW
@given(st.data(), stored_sites())
def test_more_battery_never_hurts(data: st.DataObject, site: SiteNode) -> None:
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity) or site.battery is None:
        return
    value = LinearDispatch(site).solve(capacity).value_usd
    scale = 1e-7 * (1 + abs(value))
    assert LinearDispatch(replace(site, battery=larger(site.battery))).solve(capacity).value_usd >= value - scale
    assert LinearDispatch(replace(site, battery=None)).solve(capacity).value_usd <= value + scale


@MANY
@given(st.data(), stored_sites(nested_sites))
def test_what_a_battery_adds_is_within_its_bound(data: st.DataObject, site: SiteNode) -> None:
    """At the prices of the site limit with the battery in place, where the rest of the hours is dispatched apart."""
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity):
        return
    dispatch = LinearDispatch(site)
    value, prices = dispatch.solve(capacity).value_usd, dispatch.prices(capacity)
    energy = site.weight_h * site.price_usd_per_mwh + prices.site
    apart = cut_from_prices(replace(site, battery=None), prices).at(capacity)
    assert value <= apart + most_earned_usd(site, energy) + 1e-7 * (1 + abs(value))


@FEW
@given(st.data(), stored_sites())
def test_a_warm_session_returns_what_a_fresh_one_returns(data: st.DataObject, site: SiteNode) -> None:
    warm = LinearDispatch(site)
    for _ in range(3):
        capacity = data.draw(capacities(site))
        if feasible(site, capacity):
            value = warm.solve(capacity).value_usd
            assert value == pytest.approx(LinearDispatch(site).solve(capacity).value_usd, rel=1e-9, abs=1e-6)


def test_a_schedule_that_takes_and_gives_at_once_is_made_one_way() -> None:
    """1 MW given against 4 MW taken at a round trip of one half: 2 MW less taken, and what is stored stays."""
    both = StorageSchedule(np.array([4.0, 0.0]), np.array([1.0, 0.0]), np.array([1.0, 1.0]))
    made = storage_schedule(WITH_BATTERY, owned(PLAIN), both)
    assert made.charge_mw == pytest.approx([2.0, 0.0])
    assert made.discharge_mw == pytest.approx([0.0, 0.0])
    assert made.stored_mwh == pytest.approx([1.0, 1.0])
