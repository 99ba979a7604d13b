"""Hours by linear programming, and the cuts made from prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.cuts import cut_from_prices, largest, no_prices, saturating_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.schedule import firm_by_bay, schedule_value
from allocator.instance.tenants import one_tenancy_a_bay
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_sites import capacities, crossing_sites, random_capacity
from tests.quick import examples

TWO_SEGMENTS = SiteNode(
    weight_h=np.array([1.0, 2.0]),
    price_usd_per_mwh=np.array([20.0, 60.0]),
    site_limit_mw=np.array([8.0, 8.0]),
    overhead=np.array([[0.0, 0.0], [0.25, 0.25]]),
    it_limit_mw=np.array([5.0, 4.0]),
    air_limit_mw=np.array([[np.inf, np.inf], [np.inf, np.inf]]),
    liquid_limit_mw=np.array([[np.inf, np.inf], [np.inf, np.inf]]),
    no_load_mw=np.array([0.0, 0.0]),
    firm_air_share=np.array([1.0, 1.0]),
    firm_liquid_share=np.array([0.0, 0.0]),
    segment_bay=np.array([0, 1]),
    segment_air_share=np.array([1.0, 1.0]),
    segment_liquid_share=np.array([0.0, 0.0]),
    segment_value_usd_per_mwh=np.array([50.0, 100.0]),
    shed_usd_per_mwh=500.0,
    tenants=one_tenancy_a_bay(bays=2, hours=2),
)
"""Bay 0: earns 50. Bay 1: earns 100 at an overhead of 0.25, so 80 per gross MWh."""


def test_the_best_margin_per_gross_mwh_runs_first() -> None:
    """Hour 0: 4 MW of bay 1 take 5 gross MW, 3 MW of bay 0 the rest. Hour 1: only bay 1 beats 60."""
    value = LinearDispatch(TWO_SEGMENTS).solve(Capacity(np.ones(2), np.zeros(2), np.array([9.0, 9.0])))
    assert value.schedule.load_mw == pytest.approx(np.array([[3.0, 0.0], [4.0, 4.0]]))
    assert value.schedule.grid_mw == pytest.approx([8.0, 5.0])
    assert value.value_usd == pytest.approx(3 * 30 + 4 * (100 - 25) + 2 * 4 * (100 - 75))


def test_firm_load_goes_first_and_is_shed_only_where_it_must() -> None:
    """4 MW of firm load in bay 1 and a site of 3 MW: 2.4 MW are served, 1.6 MW shed."""
    here = replace(TWO_SEGMENTS, site_limit_mw=np.array([3.0, 8.0]))
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([0.0, 4.0]), np.array([9.0, 9.0])))
    assert value.schedule.shed_mw == pytest.approx(np.array([[0.0, 0.0], [1.6, 0.0]]))
    assert value.schedule.load_mw == pytest.approx(np.zeros((2, 2)))


def test_firm_load_whose_power_costs_more_than_its_credit_is_shed() -> None:
    here = replace(TWO_SEGMENTS, shed_usd_per_mwh=70.0)  # served in hour 1 a MWh costs 75
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.array([0.0, 4.0]), np.zeros(2)))
    assert value.schedule.shed_mw[1] == pytest.approx([0.0, 4.0])


def test_negative_prices_run_machines_that_earn_nothing() -> None:
    here = replace(TWO_SEGMENTS, price_usd_per_mwh=np.array([-10.0, 60.0]), segment_value_usd_per_mwh=np.zeros(2))
    value = LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.array([2.0, 2.0])))
    assert value.value_usd == pytest.approx(10 * (2 + 2.5))


def test_a_site_without_machines_and_tenants_pays_its_no_load_draw() -> None:
    here = replace(
        TWO_SEGMENTS, no_load_mw=np.array([1.0, 0.5]), segment_bay=np.empty(0, int), segment_air_share=np.empty(0),
        segment_liquid_share=np.empty(0), segment_value_usd_per_mwh=np.empty(0),
    )  # fmt: skip
    value = LinearDispatch(here).solve(Capacity(np.array([1.0, 0.0]), np.zeros(2), np.empty(0)))
    assert value.value_usd == pytest.approx(-(20 + 2 * 60))
    assert value.cut.at(Capacity(np.ones(2), np.zeros(2), np.empty(0))) == pytest.approx(-1.5 * 140)


def test_no_load_draw_beyond_the_site_limit_is_refused_in_words() -> None:
    here = replace(TWO_SEGMENTS, no_load_mw=np.array([9.0, 0.0]))
    with pytest.raises(ValueError, match="draw 9 MW at no load, more than the site limit of 8 MW"):
        LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.zeros(2)))


@examples(60)
@given(st.data(), crossing_sites())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    check_cut(site, here, there)


@examples(60)
@given(st.data(), crossing_sites())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    """Prices drawn at random, some negative (they count as 0): weak duality needs nothing more."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    check_bound(site, LimitPrices(*any_limits(rng, site)), random_capacity(rng, site))


@examples(40)
@given(st.data(), crossing_sites())
def test_a_warm_session_returns_what_a_fresh_one_returns(data: st.DataObject, site: SiteNode) -> None:
    warm = LinearDispatch(site)
    for _ in range(3):
        capacity = data.draw(capacities(site))
        if feasible(site, capacity):
            value = warm.solve(capacity).value_usd
            assert value == pytest.approx(LinearDispatch(site).solve(capacity).value_usd, rel=1e-9, abs=1e-6)


@examples(40)
@given(st.data(), crossing_sites())
def test_a_schedule_respects_every_limit_and_its_value_is_recomputed_from_it(
    data: st.DataObject, site: SiteNode
) -> None:
    capacity = data.draw(capacities(site))
    if not feasible(site, capacity):
        return
    value = LinearDispatch(site).solve(capacity)
    load, served = value.schedule.load_mw, firm_by_bay(site, capacity.firm_mw[:, None] - value.schedule.shed_mw)
    assert (load <= capacity.segment_mw[:, None] + 1e-9).all()
    for share, firm_share, limit in (
        (np.ones(site.segments), np.ones(site.bays), np.repeat(site.it_limit_mw[:, None], site.hours, axis=1)),
        (site.segment_air_share, site.firm_air_share, site.air_limit_mw),
        (site.segment_liquid_share, site.firm_liquid_share, site.liquid_limit_mw),
    ):
        used = served * firm_share[:, None]
        np.add.at(used, site.segment_bay, load * share[:, None])
        assert (used <= limit * capacity.fitted[:, None] + 1e-6).all()
    assert (value.schedule.grid_mw <= site.site_limit_mw + 1e-6).all()
    assert value.value_usd == pytest.approx(schedule_value(site, value.schedule))


def test_an_infinite_heat_limit_has_no_price() -> None:
    free = no_prices(TWO_SEGMENTS)
    priced = cut_from_prices(TWO_SEGMENTS, replace(free, air=np.full((2, 2), 3.0)))
    unpriced = cut_from_prices(TWO_SEGMENTS, free)
    assert priced.fitted_usd == pytest.approx(unpriced.fitted_usd)
    assert priced.segment_usd_per_mw == pytest.approx(unpriced.segment_usd_per_mw)


def test_a_site_cannot_earn_more_than_its_limit_at_the_best_margin() -> None:
    """Hour 0: 8 MW x (80 - 20); hour 1: 2 h x 8 MW x (80 - 60)."""
    cut = cut_from_prices(TWO_SEGMENTS, saturating_prices(TWO_SEGMENTS))
    most = Capacity(np.ones(2), np.zeros(2), np.array([1e6, 1e6]))
    assert largest(cut, most) == pytest.approx(8 * 60 + 2 * 8 * 20)
