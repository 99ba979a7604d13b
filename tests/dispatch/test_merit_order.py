"""The closed form equals the linear program where its conditions hold, and is not used where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.conditions import CrossingLimits, NestedLimits, nested_limits
from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, Schedule, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.tenants import one_tenancy_a_bay
from tests.dispatch.random_sites import capacities, crossing_sites, nested_sites, random_capacity
from tests.quick import examples

EVERYWHERE = examples(60)


def _merit(site: SiteNode) -> MeritOrderDispatch:
    limits = nested_limits(site, np.ones(site.bays, dtype=bool))
    assert isinstance(limits, NestedLimits)
    return MeritOrderDispatch(site, limits)


def _money(site: SiteNode, capacity: Capacity, schedule: Schedule) -> float:
    earnings = site.segment_value_usd_per_mwh @ schedule.load_mw
    shed = (site.unserved_usd_per_mwh() * schedule.shed_mw).sum(axis=0)
    return float(site.weight_h @ (earnings - site.price_usd_per_mwh * schedule.grid_mw - shed))


def _gross(site: SiteNode, capacity: Capacity) -> float:
    """A scale for comparisons: what all capacity would earn and pay if nothing netted out, USD."""
    unserved = np.abs(site.unserved_usd_per_mwh()).max(axis=1) @ capacity.firm_mw
    earn = site.segment_value_usd_per_mwh @ capacity.segment_mw + unserved
    return max(1.0, float(site.weight_h.sum() * (abs(earn) + np.abs(site.price_usd_per_mwh).max() * 60)))


@EVERYWHERE
@given(st.data())
def test_closed_form_and_linear_program_agree_on_nested_sites(data: st.DataObject) -> None:
    site = data.draw(nested_sites())
    capacity = data.draw(capacities(site))
    closed, linear = _merit(site).solve(capacity), LinearDispatch(site).solve(capacity)
    scale = _gross(site, capacity)
    assert closed.value_usd <= linear.cut.at(capacity) + 1e-9 * scale
    assert linear.value_usd <= closed.cut.at(capacity) + 1e-9 * scale
    assert closed.value_usd == pytest.approx(linear.value_usd, abs=1e-7 * scale)


@EVERYWHERE
@given(st.data())
def test_the_cut_is_tight_at_its_own_capacity_and_valid_at_others(data: st.DataObject) -> None:
    site = data.draw(nested_sites())
    capacity, other = data.draw(capacities(site)), data.draw(capacities(site))
    dispatch = _merit(site)
    value, cut = dispatch.price(capacity)
    assert cut.at(capacity) == pytest.approx(value, abs=1e-9 * _gross(site, capacity))
    assert dispatch.price(other)[0] <= cut.at(other) + 1e-9 * _gross(site, other)


@EVERYWHERE
@given(st.data())
def test_prices_of_either_way_bound_the_value_tightly(data: st.DataObject) -> None:
    """Weak duality holds for any prices, equality only for optimal ones: so both ways price the limits right."""
    site = data.draw(nested_sites())
    capacity = data.draw(capacities(site))
    closed = _merit(site)
    value, _ = closed.price(capacity)
    for prices in (closed.prices(capacity), LinearDispatch(site).prices(capacity)):
        assert cut_from_prices(site, prices).at(capacity) == pytest.approx(value, abs=1e-7 * _gross(site, capacity))


@EVERYWHERE
@given(st.data())
def test_the_schedule_keeps_every_limit_and_earns_the_value(data: st.DataObject) -> None:
    site = data.draw(nested_sites())
    capacity = data.draw(capacities(site))
    solved = _merit(site).solve(capacity)
    load, served = solved.schedule.load_mw, firm_by_bay(site, capacity.firm_mw[:, None] - solved.schedule.shed_mw)
    it_mw = np.array([load[site.segment_bay == bay].sum(axis=0) for bay in range(site.bays)]) + served
    air = np.array(
        [(site.segment_air_share[:, None] * load)[site.segment_bay == b].sum(axis=0) for b in range(site.bays)]
    )
    assert (load >= 0).all()
    assert (served >= 0).all()
    assert (load <= capacity.segment_mw[:, None] + 1e-9).all()
    assert (it_mw <= (site.it_limit_mw * capacity.fitted)[:, None] + 1e-9).all()
    assert (air + site.firm_air_share[:, None] * served <= site.air_limit_mw * capacity.fitted[:, None] + 1e-9).all()
    assert (solved.schedule.grid_mw <= site.site_limit_mw + 1e-9).all()
    assert _money(site, capacity, solved.schedule) == pytest.approx(solved.value_usd, abs=1e-9 * _gross(site, capacity))


@EVERYWHERE
@given(st.data())
def test_whatever_the_test_of_conditions_admits_is_solved_exactly(data: st.DataObject) -> None:
    """On sites that mix heat splits the closed form is either refused or still exact."""
    site = data.draw(crossing_sites())
    capacity = data.draw(capacities(site))
    choice = choose_dispatch(site, np.ones(site.bays, dtype=bool))
    exact = LinearDispatch(site).solve(capacity).value_usd
    assert choice.dispatch.solve(capacity).value_usd == pytest.approx(exact, abs=1e-7 * _gross(site, capacity))


def test_greedy_would_lose_much_of_the_value_on_crossing_limits_and_is_not_used() -> None:
    """One hall, two machines: the better one per MWh is all air heat, and air is scarce.

    10 MW electrical, 4 MW air. Machine A earns 100 and heats air only, machine B earns 90 and heats liquid
    only, 10 MW of each. A and B together: 4 MW of A and 6 MW of B earn 940; taking one limit of 4 MW for the
    hall would earn 400.
    """
    site = _two_machines(air_limit_mw=4.0)
    limits = nested_limits(site, np.zeros(1, dtype=bool))
    assert isinstance(limits, CrossingLimits)
    choice = choose_dispatch(site, np.zeros(1, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    capacity = Capacity(np.ones(1), np.zeros(1), np.array([10.0, 10.0]))
    assert choice.dispatch.solve(capacity).value_usd == pytest.approx(940.0)


def test_heat_limits_that_cannot_bind_do_not_forbid_the_closed_form() -> None:
    site = _two_machines(air_limit_mw=10.0)
    assert choose_dispatch(site, np.zeros(1, dtype=bool)).method is DispatchMethod.MERIT_ORDER


def _two_machines(air_limit_mw: float) -> SiteNode:
    return SiteNode(
        weight_h=np.ones(1),
        price_usd_per_mwh=np.zeros(1),
        site_limit_mw=np.full(1, 100.0),
        overhead=np.zeros((1, 1)),
        it_limit_mw=np.array([10.0]),
        air_limit_mw=np.array([[air_limit_mw]]),
        liquid_limit_mw=np.array([[10.0]]),
        no_load_mw=np.zeros(1),
        firm_air_share=np.ones(1),
        firm_liquid_share=np.zeros(1),
        segment_bay=np.array([0, 0]),
        segment_air_share=np.array([1.0, 0.0]),
        segment_liquid_share=np.array([0.0, 1.0]),
        segment_value_usd_per_mwh=np.array([100.0, 90.0]),
        shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(bays=1, hours=1),
    )


def test_by_hand_site_limit_shared_by_two_halls() -> None:
    """Hall 0 needs 1.0 gross MW an IT MW and earns 60, hall 1 needs 1.25 and earns 70; power costs 20; 15 gross MW.

    Per gross MWh hall 0 earns 60 and hall 1 earns 56: hall 0 runs its 10 MW, hall 1 gets the other 5 gross MW, 4 MW
    of IT. Value: 600 + 280 - 15 * 20 = 580. One more MW of hall 0 would displace hall 1: 60 - 56 = 4 USD.
    """
    site = SiteNode(
        weight_h=np.ones(1), price_usd_per_mwh=np.array([20.0]), site_limit_mw=np.array([15.0]),
        overhead=np.array([[0.0], [0.25]]), it_limit_mw=np.array([20.0, 20.0]),
        air_limit_mw=np.full((2, 1), 99.0), liquid_limit_mw=np.full((2, 1), 99.0), no_load_mw=np.zeros(2),
        firm_air_share=np.ones(2), firm_liquid_share=np.zeros(2), segment_bay=np.array([0, 1]),
        segment_air_share=np.ones(2), segment_liquid_share=np.zeros(2),
        segment_value_usd_per_mwh=np.array([60.0, 70.0]), shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(bays=2, hours=1),
    )  # fmt: skip
    solved = _merit(site).solve(Capacity(np.ones(2), np.zeros(2), np.array([10.0, 10.0])))
    assert solved.value_usd == pytest.approx(580.0)
    np.testing.assert_allclose(solved.schedule.load_mw[:, 0], [10.0, 4.0])
    np.testing.assert_allclose(solved.cut.segment_usd_per_mw, [4.0, 0.0], atol=1e-12)


def test_firm_load_is_shed_only_where_a_limit_leaves_no_room() -> None:
    site = _two_machines(air_limit_mw=10.0)
    capacity = Capacity(np.ones(1), np.array([12.0]), np.array([5.0, 5.0]))
    shed = choose_dispatch(site, np.zeros(1, dtype=bool)).dispatch.solve(capacity).schedule.shed_mw
    np.testing.assert_allclose(shed, [[2.0]])


def test_the_choice_does_not_depend_on_the_capacity() -> None:
    rng = np.random.default_rng(3)
    site = _two_machines(air_limit_mw=4.0)
    linear = LinearDispatch(site)
    choice = choose_dispatch(site, np.ones(1, dtype=bool))
    for _ in range(5):
        capacity = random_capacity(rng, site)
        assert choice.dispatch.solve(capacity).value_usd == pytest.approx(linear.solve(capacity).value_usd, abs=1e-6)
