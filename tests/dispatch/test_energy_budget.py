"""Hours that share an energy budget: by linear program, with one more price in the joint cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.conditions import NestedLimits, nested_limits
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_sites import capacities, crossing_sites, nested_sites, random_capacity
from tests.dispatch.test_linear import TWO_SEGMENTS
from tests.quick import examples

WITH_BUDGET = replace(TWO_SEGMENTS, energy_budget_mwh=16.0)
MANY = examples(60)


@st.composite
def budgeted(draw: st.DrawFn, sites: Callable[[], st.SearchStrategy[SiteNode]] = crossing_sites) -> SiteNode:
    """A site whose budget lies between what its halls draw at no load and what its limit lets through."""
    site = draw(sites())
    least = float(site.no_load_mw.sum() * site.weight_h.sum())
    most = float(site.weight_h @ site.site_limit_mw)
    share = draw(st.floats(0.0, 1.0, allow_subnormal=False))
    return replace(site, energy_budget_mwh=least + share * max(0.0, most - least))


def test_the_budget_goes_to_the_best_margin_per_gross_mwh_of_any_hour() -> None:
    """16 MWh. Hour 0 (1 h): bay 1 takes 5 gross MW at 60 USD, bay 0 3 at 30. Hour 1 (2 h): bay 1 takes 5 at 20.

    All 18 MWh would pay; the least is earned in hour 1, so 2 MWh are left out there: 5 x 60 + 3 x 30 + 8 x 20 = 550.
    One more MWh would earn 20.
    """
    dispatch, capacity = LinearDispatch(WITH_BUDGET), Capacity(np.ones(2), np.zeros(2), np.array([9.0, 9.0]))
    value = dispatch.solve(capacity)
    assert value.value_usd == pytest.approx(550.0)
    assert value.schedule.grid_mw == pytest.approx([8.0, 4.0])
    assert dispatch.prices(capacity).energy == pytest.approx(20.0)


def test_a_budget_sheds_tenants_rather_than_fail() -> None:
    """2 MW of tenants in bay 0 would take 6 MWh; there are 4."""
    here = replace(TWO_SEGMENTS, energy_budget_mwh=4.0)
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([2.0, 0.0]), np.zeros(2)))
    assert here.weight_h @ value.schedule.grid_mw == pytest.approx(4.0)
    assert here.weight_h @ value.schedule.shed_mw[0] == pytest.approx(2.0)


def test_a_budget_that_can_bind_goes_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(WITH_BUDGET, np.zeros(2, dtype=bool))
    assert (choice.method, choice.reason) == (DispatchMethod.LINEAR, "hours share an energy budget that can bind")


def test_a_budget_beyond_what_the_site_can_draw_leaves_the_closed_form() -> None:
    """24 MWh is what 8 MW draw in 3 hours."""
    choice = choose_dispatch(replace(TWO_SEGMENTS, energy_budget_mwh=24.0), np.zeros(2, dtype=bool))
    assert choice.method is DispatchMethod.MERIT_ORDER


def test_no_load_draw_beyond_the_budget_is_refused_in_words() -> None:
    here = replace(TWO_SEGMENTS, no_load_mw=np.array([2.0, 0.0]), energy_budget_mwh=5.0)
    with pytest.raises(ValueError, match="draw 6 MWh at no load, more than the energy budget of 5 MWh"):
        LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.zeros(2)))


@MANY
@given(st.data(), budgeted())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    check_cut(site, here, there)


@MANY
@given(st.data(), budgeted())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    limits = any_limits(rng, site)
    capacity = random_capacity(rng, site)
    if feasible(site, capacity):
        check_bound(site, LimitPrices(*limits, energy=float(rng.normal(10.0, 30.0))), capacity)


@MANY
@given(st.data(), budgeted(nested_sites))
def test_with_its_price_fixed_the_hours_separate_again(data: st.DataObject, site: SiteNode) -> None:
    """The closed form at prices p + nu, and nu for each MWh of the budget, comes to the same: no gap of duality."""
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity):
        return
    linear = LinearDispatch(site)
    value, nu = linear.solve(capacity).value_usd, linear.prices(capacity).energy
    free = replace(site, price_usd_per_mwh=site.price_usd_per_mwh + nu, energy_budget_mwh=np.inf)
    limits = nested_limits(free, np.ones(site.bays, dtype=bool))
    assert isinstance(limits, NestedLimits)
    apart = MeritOrderDispatch(free, limits).price(capacity)[0] + nu * site.energy_budget_mwh
    assert apart == pytest.approx(value, abs=1e-7 * (1 + abs(value) + nu * site.energy_budget_mwh))


@MANY
@given(st.data(), budgeted())
def test_the_schedule_keeps_the_budget(data: st.DataObject, site: SiteNode) -> None:
    capacity = data.draw(capacities(site))
    if feasible(site, capacity):
        grid = LinearDispatch(site).solve(capacity).schedule.grid_mw
        assert site.weight_h @ grid <= site.energy_budget_mwh * (1 + 1e-6) + 1e-6


@MANY
@given(st.data(), budgeted())
def test_a_warm_session_returns_what_a_fresh_one_returns(data: st.DataObject, site: SiteNode) -> None:
    warm = LinearDispatch(site)
    for _ in range(3):
        capacity = data.draw(capacities(site))
        if feasible(site, capacity):
            value = warm.solve(capacity).value_usd
            assert value == pytest.approx(LinearDispatch(site).solve(capacity).value_usd, rel=1e-9, abs=1e-6)
