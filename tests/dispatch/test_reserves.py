"""Running load offered to ancillary services."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.cuts import cut_from_prices, largest, saturating_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.dispatch.reserve_value import offer_usd_per_mw
from allocator.dispatch.schedule import schedule_value
from allocator.instance.reserves import NodeReserves
from allocator.instance.site_node import site_node
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_reserves import offering
from tests.dispatch.random_sites import capacities, nested_sites, random_capacity
from tests.dispatch.test_linear import TWO_SEGMENTS
from tests.quick import examples
from tests.verify.stored import stored_instance

MANY = examples(60)


def one_service(**changes: object) -> NodeReserves:
    """Pays 30 USD per MW and hour to all of `TWO_SEGMENTS`, takes all, calls nothing."""
    plain = NodeReserves(
        price_usd_per_mw_hour=np.array([[30.0, 30.0]]),
        open=np.ones((1, 2), dtype=bool),
        qualifies=np.ones((1, 2), dtype=bool),
        most_mw=np.array([np.inf]),
        qualifying_share=np.ones(1),
        deployment_share=np.zeros(1),
        deployment_usd_per_mwh=np.zeros(1),
        kept_share=np.ones(1),
    )
    return replace(plain, **changes)


def offered(reserves: NodeReserves) -> SiteNode:
    return replace(TWO_SEGMENTS, reserves=reserves)


BOTH = Capacity(np.ones(2), np.zeros(2), np.array([9.0, 9.0]))


def test_load_that_loses_on_energy_runs_where_the_offer_pays_for_it() -> None:
    """Per gross MWh bay 0 earns 50 and bay 1 earns 80; energy costs 20, then 60; a gross MW offered earns 30.

    Hour 0 fills 8 gross MW as before: 5 x 60 + 3 x 30 = 390 and 240 for the offers. Hour 1 (2 h): bay 1 earns 5 x 20,
    bay 0 loses 3 x 10 to sell 3 MW more: 70 and 240 for the offers.
    """
    here = offered(one_service())
    closed = choose_dispatch(here, np.zeros(2, dtype=bool)).dispatch
    assert isinstance(closed, MeritOrderDispatch)
    for dispatch in (LinearDispatch(here), closed):
        value = dispatch.solve(BOTH)
        assert value.value_usd == pytest.approx(390 + 240 + 2 * (70 + 240))
        assert value.schedule.load_mw[0] == pytest.approx([3.0, 3.0])
        assert value.schedule.offer_mw.sum(axis=(0, 1)) == pytest.approx([8.0, 8.0])


def test_nothing_runs_at_a_loss_for_more_than_the_service_takes() -> None:
    """It takes 6 MW: in hour 1 bay 0 runs 1 MW at a loss of 10 to fill up what bay 1 leaves."""
    dispatch = LinearDispatch(offered(one_service(most_mw=np.array([6.0]))))
    value = dispatch.solve(BOTH)
    assert value.value_usd == pytest.approx(390 + 180 + 2 * (100 - 10 + 180))
    assert value.schedule.load_mw[0] == pytest.approx([3.0, 1.0])
    reserve = dispatch.prices(BOTH).reserve
    assert reserve is not None
    assert reserve[0] == pytest.approx([30.0, 2 * 20.0])


def test_a_price_below_the_minimum_is_not_offered() -> None:
    value = LinearDispatch(offered(one_service(open=np.array([[True, False]])))).solve(BOTH)
    assert value.schedule.offer_mw[0, :, 1] == pytest.approx([0.0, 0.0])
    assert value.value_usd == pytest.approx(390 + 240 + 2 * 100)


def test_what_is_called_loses_its_earnings_and_saves_its_energy() -> None:
    """A tenth is called. Hour 0: a gross MW of bay 0 earns 30 - (50 - 20) / 10 = 27, of bay 1 30 - (80 - 20) / 10 = 24.
    Hour 1: bay 1 30 - (80 - 60) / 10 = 28, bay 0 30 - (50 - 60) / 10 = 31, so it runs at a loss of 10."""
    here = offered(one_service(deployment_share=np.array([0.1])))
    assert offer_usd_per_mw(here)[0] == pytest.approx(np.array([[27.0, 31.0], [24.0, 28.0]]))
    assert LinearDispatch(here).solve(BOTH).value_usd == pytest.approx(
        390 + 3 * 27 + 5 * 24 + 2 * (70 + 3 * 31 + 5 * 28)
    )


def test_a_payment_for_energy_called_is_earned_with_it() -> None:
    here = offered(one_service(deployment_share=np.array([0.1]), deployment_usd_per_mwh=np.array([50.0])))
    assert offer_usd_per_mw(here)[0] == pytest.approx(np.array([[32.0, 36.0], [29.0, 33.0]]))


def test_of_two_services_each_running_mw_goes_to_the_one_that_pays_best() -> None:
    """The second pays 50 but a MW offered ties up two that run: 25 a running MW; it pays 80 in hour 1: 40."""
    here = offered(
        NodeReserves(
            price_usd_per_mw_hour=np.array([[30.0, 30.0], [50.0, 80.0]]),
            open=np.ones((2, 2), dtype=bool),
            qualifies=np.ones((2, 2), dtype=bool),
            most_mw=np.full(2, np.inf),
            qualifying_share=np.array([1.0, 0.5]),
            deployment_share=np.zeros(2),
            deployment_usd_per_mwh=np.zeros(2),
            kept_share=np.ones(2),
        )
    )
    offer = LinearDispatch(here).solve(BOTH).schedule.offer_mw.sum(axis=1)
    assert offer == pytest.approx(np.array([[8.0, 0.0], [0.0, 4.0]]))


def test_only_machines_that_qualify_are_offered() -> None:
    value = LinearDispatch(offered(one_service(qualifies=np.array([[False, True]])))).solve(BOTH)
    assert value.schedule.offer_mw[0, 0] == pytest.approx([0.0, 0.0])
    assert value.schedule.offer_mw[0, 1] == pytest.approx([5.0, 5.0])


def test_tenants_are_never_offered() -> None:
    """Bay 0 is full of tenants: 5 MW that run, and none of them is sold."""
    full = Capacity(np.ones(2), np.array([5.0, 0.0]), np.array([9.0, 0.0]))
    assert LinearDispatch(offered(one_service())).solve(full).schedule.offer_mw.sum() == 0.0


def test_a_site_cannot_earn_more_than_its_limit_at_the_best_margin_with_its_offer() -> None:
    here = offered(one_service())
    most = Capacity(np.ones(2), np.zeros(2), np.array([1e6, 1e6]))
    assert largest(cut_from_prices(here, saturating_prices(here)), most) == pytest.approx(8 * 90 + 2 * 8 * 50)


def test_offers_go_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(offered(one_service(most_mw=np.array([6.0]))), np.zeros(2, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "loads compete for what ancillary services take"


@MANY
@given(st.data(), offering())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    check_cut(site, here, there)


@MANY
@given(st.data(), offering())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    limits = any_limits(rng, site)
    assert site.reserves is not None
    reserve = rng.normal(5.0, 15.0, site.reserves.price_usd_per_mw_hour.shape)
    capacity = random_capacity(rng, site)
    if feasible(site, capacity):
        check_bound(site, LimitPrices(*limits, reserve=reserve), capacity)


@MANY
@given(st.data(), offering())
def test_prices_of_the_linear_program_bound_its_value_tightly(data: st.DataObject, site: SiteNode) -> None:
    """So the price of what a service takes is right, and so is the worth of an offer in the bound."""
    capacity = data.draw(capacities(site))
    if feasible(site, capacity):
        dispatch = LinearDispatch(site)
        value = dispatch.solve(capacity).value_usd
        bound = cut_from_prices(site, dispatch.prices(capacity)).at(capacity)
        assert bound == pytest.approx(value, abs=1e-7 * (1 + abs(value) + site.weight_h.sum() * 1000))


@MANY
@given(st.data(), offering())
def test_no_running_mw_is_sold_twice_and_no_service_is_sold_more_than_it_takes(
    data: st.DataObject, site: SiteNode
) -> None:
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity):
        return
    value = LinearDispatch(site).solve(capacity)
    schedule, stated = value.schedule, site.reserves
    assert stated is not None
    behind = (schedule.offer_mw / stated.qualifying_share[:, None, None]).sum(axis=0)
    runs = (1 + site.overhead[site.segment_bay]) * schedule.load_mw
    assert (behind <= runs + 1e-9).all()
    assert (schedule.offer_mw.sum(axis=1) <= stated.most_mw[:, None] + 1e-9).all()
    allowed = stated.open[:, None, :] & stated.qualifies[:, :, None]
    assert (schedule.offer_mw[~allowed] == 0).all()
    assert value.value_usd == pytest.approx(schedule_value(site, schedule))


@MANY
@given(st.data(), offering(nested_sites, capped=False))
def test_where_services_take_all_the_closed_form_is_exact(data: st.DataObject, site: SiteNode) -> None:
    """Its value is that of the linear program and of its own schedule, and its cut bounds the value elsewhere."""
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    closed = choose_dispatch(site, np.ones(site.bays, dtype=bool)).dispatch
    assert isinstance(closed, MeritOrderDispatch)
    if not (feasible(site, here) and feasible(site, there)):
        return
    linear, found = LinearDispatch(site), closed.solve(here)
    close = 1e-8 * (1 + site.weight_h.sum() * 1000)
    assert found.value_usd == pytest.approx(linear.solve(here).value_usd, rel=1e-8, abs=close)
    assert schedule_value(site, found.schedule) == pytest.approx(found.value_usd, rel=1e-8, abs=close)
    assert found.cut.at(here) == pytest.approx(found.value_usd, rel=1e-8, abs=close)
    assert found.cut.at(there) >= linear.solve(there).value_usd - close


@MANY
@given(st.data(), offering())
def test_selling_reserves_never_hurts(data: st.DataObject, site: SiteNode) -> None:
    capacity = data.draw(capacities(site))
    if feasible(site, capacity):
        without = LinearDispatch(replace(site, reserves=None)).solve(capacity).value_usd
        assert LinearDispatch(site).solve(capacity).value_usd >= without - 1e-7 * (1 + abs(without))


def test_a_battery_takes_what_it_feeds_out_of_the_offers() -> None:
    """4 MW earn 120 USD/MWh; 24 h at 200 USD, when 100 USD are paid: 1 MW given saves 200 and forgoes 100."""
    instance = stored_instance()
    here = site_node(instance, 0, 0)
    found = LinearDispatch(here).solve(Capacity(np.ones(1), np.zeros(0), np.array([4.0])))
    assert found.schedule.offer_mw[0, 0] == pytest.approx([0.0, 0.0, 3.0])
    assert found.value_usd == pytest.approx(48 * 4 * 80 + 24 * (4 * (120 - 200) + 3 * 100 + 200 - 10 - 40 / 0.8))
    alone = LinearDispatch(replace(here, battery=None)).solve(Capacity(np.ones(1), np.zeros(0), np.array([4.0])))
    assert alone.schedule.offer_mw[0, 0] == pytest.approx([0.0, 0.0, 4.0])
