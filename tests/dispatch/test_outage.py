"""Hours that share an outage allowance of tenants: a linear program, and a fractional knapsack in the bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.schedule import schedule_value
from allocator.instance.tenants import one_tenancy_a_bay
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_sites import capacities, crossing_sites, nested_sites, random_capacity
from tests.dispatch.test_linear import TWO_SEGMENTS
from tests.quick import examples

MANY = examples(60)
PLAIN = one_tenancy_a_bay(bays=2, hours=2)
ALLOWED = replace(PLAIN, outage_h=np.array([1.5, 0.0]), outage_usd_per_mwh=np.array([5.0, 0.0]))
DEAR = replace(TWO_SEGMENTS, shed_usd_per_mwh=50.0, tenants=ALLOWED)
"""Bay 0, no overhead: a MWh costs 20 in hour 0 (1 h) and 60 in hour 1 (2 h), 5 if curtailed within 1.5 h, else 50."""
TENANT = Capacity(np.ones(2), np.array([4.0, 0.0]), np.zeros(2))


@st.composite
def allowing(draw: st.DrawFn, nested: bool = False) -> SiteNode:
    """A site of whose tenancies some allow an outage, shorter or longer than the node, at a low or a high credit."""
    site = draw(nested_sites() if nested else crossing_sites())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = rng.choice([0.0, 0.05, 0.3, 0.8, 2.0], site.tenancies)
    tenants = replace(
        site.tenants,
        outage_h=share * site.weight_h.sum(),
        outage_usd_per_mwh=rng.choice([0.0, 40.0, 150.0, 6000.0], site.tenancies),
    )
    return replace(site, tenants=tenants)


def modest(site: SiteNode) -> st.SearchStrategy[Capacity]:
    """Capacities whose tenants fit their hall, as planning sees to."""
    return capacities(site).map(lambda capacity: _modest(capacity, site))


def _modest(capacity: Capacity, site: SiteNode) -> Capacity:
    return replace(capacity, firm_mw=np.minimum(capacity.firm_mw, site.it_limit_mw[site.tenants.bay]))


def test_the_allowance_goes_to_the_hours_in_which_it_spares_most() -> None:
    """4 MW allow 6 MWh at 5. Hour 1: 8 MWh, of which 6 at 5 and 2 at 50, as power costs 60. Hour 0 is served at 20."""
    value = LinearDispatch(DEAR).solve(TENANT)
    assert value.schedule.shed_mw[0] == pytest.approx([0.0, 4.0])
    assert value.schedule.beyond_mwh == pytest.approx([2.0, 0.0])
    assert value.value_usd == pytest.approx(-(4 * 20 + 6 * 5 + 2 * 50))


def test_beyond_the_allowance_load_is_served_where_power_is_cheaper_than_the_credit() -> None:
    """Owed 200 beyond it: 6 MWh of hour 1 are curtailed, 2 served at 60."""
    value = LinearDispatch(replace(DEAR, shed_usd_per_mwh=200.0)).solve(TENANT)
    assert DEAR.weight_h @ value.schedule.shed_mw[0] == pytest.approx(6.0)
    assert value.value_usd == pytest.approx(-(4 * 20 + 6 * 5 + 2 * 60))


def test_an_allowance_that_can_run_out_goes_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(DEAR, np.ones(2, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "hours share an outage allowance of tenants that can run out"


@pytest.mark.parametrize(("outage_h", "credit"), [(3.0, 5.0), (1.5, 50.0), (0.0, 5.0)])
def test_an_allowance_of_every_hour_or_of_no_use_leaves_the_closed_form(outage_h: float, credit: float) -> None:
    tenants = replace(ALLOWED, outage_h=np.array([outage_h, 0.0]), outage_usd_per_mwh=np.array([credit, 0.0]))
    site = replace(DEAR, tenants=tenants)
    choice = choose_dispatch(site, np.ones(2, dtype=bool))
    assert choice.method is DispatchMethod.MERIT_ORDER
    assert choice.dispatch.solve(TENANT).value_usd == pytest.approx(LinearDispatch(site).solve(TENANT).value_usd)


def test_tenants_that_pay_their_power_are_curtailed_for_others_alone() -> None:
    """Their power costs the site nothing, so a credit of 5 is lost; yet machines that earn 40 over cost pay it."""
    tenants = replace(ALLOWED, pass_through_share=np.ones(2), spot_usd_per_mwh=DEAR.price_usd_per_mwh)
    site = replace(DEAR, tenants=tenants, site_limit_mw=np.full(2, 4.0))
    assert LinearDispatch(site).solve(TENANT).schedule.shed_mw == pytest.approx(np.zeros((2, 2)))
    both = LinearDispatch(site).solve(replace(TENANT, segment_mw=np.array([0.0, 3.2])))
    assert site.weight_h @ both.schedule.shed_mw[0] == pytest.approx(6.0)


@MANY
@given(st.data(), allowing())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(modest(site)), data.draw(modest(site))
    check_cut(site, here, there)


@MANY
@given(st.data(), allowing())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    check_bound(site, LimitPrices(*any_limits(rng, site)), _modest(random_capacity(rng, site), site))


@MANY
@given(st.data(), allowing(nested=True))
def test_at_the_prices_of_the_limits_every_tenancy_is_a_knapsack_of_its_own(
    data: st.DataObject, site: SiteNode
) -> None:
    """The bound from optimal prices of the limits alone is tight: no price of an allowance needs to travel."""
    capacity = data.draw(modest(site))
    if not feasible(site, capacity):
        return
    linear = LinearDispatch(site)
    value, prices = linear.solve(capacity).value_usd, linear.prices(capacity)
    scale = 1 + abs(value) + float(np.abs(site.unserved_usd_per_mwh()).max() * capacity.firm_mw.sum() * site.hours)
    assert cut_from_prices(site, prices).at(capacity) == pytest.approx(value, abs=1e-8 * scale)


@MANY
@given(st.data(), allowing())
def test_the_value_is_what_the_schedule_earns_and_what_is_beyond_is_not_allowed(
    data: st.DataObject, site: SiteNode
) -> None:
    capacity = data.draw(modest(site))
    if not feasible(site, capacity):
        return
    found = LinearDispatch(site).solve(capacity)
    assert found.value_usd == pytest.approx(schedule_value(site, found.schedule))
    if found.schedule.beyond_mwh is not None:
        within = found.schedule.shed_mw @ site.weight_h - found.schedule.beyond_mwh
        limited = site.outage_runs_out
        assert (within <= site.tenants.outage_h * capacity.firm_mw + 1e-9)[limited].all()
        assert (found.schedule.beyond_mwh[~limited] == 0.0).all()
