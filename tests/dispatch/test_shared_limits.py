"""Feeders and plants: the closed form where they nest on one measure, the linear program wherever greedy would err."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.conditions import CrossingGroups, NestedLimits, nested_limits
from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.instance.shared_limits import SiteFeeder, SitePlant
from allocator.instance.tenants import one_tenancy_a_bay
from tests.dispatch.plain import plain_value
from tests.dispatch.random_sites import crossing_sites, nested_sites, random_capacity
from tests.dispatch.test_nest import random_nest
from tests.quick import examples

MANY = examples(60)


def feeder(inside: np.ndarray, limit_mw: float, label: int = 0) -> SiteFeeder:
    return SiteFeeder(label, f"f{label}", limit_mw, np.asarray(inside, bool))


def plant(inside: np.ndarray, limit_mw: np.ndarray, loop: str = "air", label: int = 0) -> SitePlant:
    return SitePlant(label, f"p{label}", loop, np.asarray(limit_mw, float), np.asarray(inside, bool))


@st.composite
def shared_sites(draw: st.DrawFn, nested: bool) -> SiteNode:
    """Sites with feeders and plants; halls of one or two bays. Nested: feeders in feeders, plants of like bays."""
    site = draw((nested_sites if nested else crossing_sites)(most_bays=6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    site = replace(site, site_limit_mw=site.site_limit_mw + site.no_load_mw.sum(), hall=_halls(rng, site.bays))
    if nested:
        return _with_nested_limits(rng, site)
    masks = rng.random((2, 3, site.bays)) < 0.6
    return replace(
        site,
        feeders=tuple(feeder(m, _feeder_limit(rng, site, m), k) for k, m in enumerate(masks[0]) if m.any()),
        plants=tuple(
            plant(m, _plant_limit(rng, site, m), str(rng.choice(["air", "liquid"])), k)
            for k, m in enumerate(masks[1][: rng.integers(0, 3)])
            if m.any()
        ),
    )


def _halls(rng: np.random.Generator, bays: int) -> np.ndarray:
    return np.cumsum(np.concatenate([[0], rng.integers(0, 2, bays - 1)]))


def _with_nested_limits(rng: np.random.Generator, site: SiteNode) -> SiteNode:
    """Plants serve groups of the nest whose bays are made alike: same overhead, same split of heat."""
    masks = [group.inside for group in random_nest(rng, site)]
    feeders = tuple(feeder(m, _feeder_limit(rng, site, m), k) for k, m in enumerate(masks) if rng.random() < 0.7)
    overhead, air = site.overhead.copy(), site.firm_air_share.copy()
    plants = []
    for m in masks:
        if len(plants) < 2 and rng.random() < 0.4:
            overhead[m], air[m] = overhead[m][0], 1.0
            plants.append(plant(m, _plant_limit(rng, site, m), "air", len(plants)))
    return replace(
        site,
        feeders=feeders,
        plants=tuple(plants),
        overhead=overhead,
        firm_air_share=air,
        firm_liquid_share=1.0 - air,
        segment_air_share=air[site.segment_bay],
        segment_liquid_share=1.0 - air[site.segment_bay],
    )


def _feeder_limit(rng: np.random.Generator, site: SiteNode, inside: np.ndarray) -> float:
    least = float(site.no_load_mw[inside].sum())
    return least + float(rng.choice([0.05, 0.3, 0.6, 2.0])) * float(site.it_limit_mw[inside].sum())


def _plant_limit(rng: np.random.Generator, site: SiteNode, inside: np.ndarray) -> np.ndarray:
    return rng.choice([0.1, 0.4, 0.8, 2.0], site.hours) * site.it_limit_mw[inside].sum()


def one_bay_a_hall(rng: np.random.Generator, site: SiteNode) -> Capacity:
    """A capacity that a plan could have: the bays of a hall share one fit-out between them."""
    capacity = random_capacity(rng, site)
    taken = np.bincount(site.bay_hall, capacity.fitted)[site.bay_hall]
    return replace(capacity, fitted=capacity.fitted / np.maximum(1.0, taken))


def scale(site: SiteNode, capacity: Capacity) -> float:
    earn = site.segment_value_usd_per_mwh @ capacity.segment_mw + site.shed_usd_per_mwh * capacity.firm_mw.sum()
    return max(1.0, float(site.weight_h.sum() * (earn + np.abs(site.price_usd_per_mwh).max() * 60)))


def drawn(data: st.DataObject, nested: bool) -> tuple[SiteNode, Capacity, Capacity]:
    site = data.draw(shared_sites(nested))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    return site, one_bay_a_hall(rng, site), one_bay_a_hall(rng, site)


def test_the_sites_drawn_as_nested_are_found_nested_and_are_limited_by_groups() -> None:
    """Otherwise the comparisons below would say little."""
    groups = 0

    @settings(max_examples=60, deadline=None, database=None)
    @given(shared_sites(nested=True))
    def count(site: SiteNode) -> None:
        nonlocal groups
        limits = nested_limits(site, np.ones(site.bays, dtype=bool))
        assert isinstance(limits, NestedLimits)
        groups += len(limits.nest.members)

    count()
    assert groups > 60


@MANY
@given(st.data())
def test_closed_form_and_plain_program_agree_on_nested_sites(data: st.DataObject) -> None:
    site, capacity, other = drawn(data, nested=True)
    limits = nested_limits(site, np.ones(site.bays, dtype=bool))
    assert isinstance(limits, NestedLimits)
    value, cut = MeritOrderDispatch(site, limits).price(capacity)
    assert value == pytest.approx(plain_value(site, capacity), abs=1e-7 * scale(site, capacity))
    assert cut.at(capacity) == pytest.approx(value, abs=1e-9 * scale(site, capacity))
    assert cut.at(other) >= plain_value(site, other) - 1e-7 * scale(site, other)


@MANY
@given(st.data())
def test_whatever_the_test_of_conditions_admits_is_solved_exactly(data: st.DataObject) -> None:
    """Feeders, plants and heat splits at random: each site gets the program, or a closed form that is still exact."""
    site, capacity, other = drawn(data, nested=False)
    choice = choose_dispatch(site, np.ones(site.bays, dtype=bool))
    found = choice.dispatch.solve(capacity)
    assert found.value_usd == pytest.approx(plain_value(site, capacity), abs=1e-7 * scale(site, capacity))
    assert found.cut.at(other) >= plain_value(site, other) - 1e-7 * scale(site, other)


@MANY
@given(st.data(), st.booleans())
def test_prices_of_either_way_bound_the_value_tightly(data: st.DataObject, nested: bool) -> None:
    """Weak duality holds for any prices, equality only for optimal ones: so feeders and plants are priced right."""
    site, capacity, _ = drawn(data, nested)
    choice = choose_dispatch(site, np.ones(site.bays, dtype=bool))
    value, _ = choice.dispatch.price(capacity)
    for prices in (choice.dispatch.prices(capacity), LinearDispatch(site).prices(capacity)):
        bound = cut_from_prices(site, prices).at(capacity)
        assert bound == pytest.approx(value, abs=1e-7 * scale(site, capacity))


@MANY
@given(st.data())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject) -> None:
    site, capacity, _ = drawn(data, nested=False)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    bays, count = (site.bays, site.hours), (len(site.feeders), len(site.plants))
    limits = [rng.normal(5.0, 30.0, size) for size in (site.hours, bays, bays, bays)]
    shared = [rng.normal(5.0, 30.0, (size, site.hours)) for size in count]
    bound = cut_from_prices(site, LimitPrices(*limits, 0.0, *shared)).at(capacity)
    assert bound >= plain_value(site, capacity) - 1e-7 * scale(site, capacity)


def two_halls(**changes: object) -> SiteNode:
    """One hour at no cost. Hall 0 earns 100 per MWh, hall 1 90, 10 MW each; both heat air, hall 1 draws 1.25 a MW."""
    site = SiteNode(
        weight_h=np.ones(1), price_usd_per_mwh=np.zeros(1), site_limit_mw=np.array([15.0]),
        overhead=np.array([[0.0], [0.25]]), it_limit_mw=np.full(2, 10.0), air_limit_mw=np.full((2, 1), np.inf),
        liquid_limit_mw=np.full((2, 1), np.inf), no_load_mw=np.zeros(2), firm_air_share=np.ones(2),
        firm_liquid_share=np.zeros(2), segment_bay=np.arange(2), segment_air_share=np.ones(2),
        segment_liquid_share=np.zeros(2), segment_value_usd_per_mwh=np.array([100.0, 90.0]), shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(2, 1),
    )  # fmt: skip
    return replace(site, **changes)


NOBODY = np.zeros(2, dtype=bool)
BOTH = np.ones(2, dtype=bool)
FULL = Capacity(np.ones(2), np.zeros(2), np.full(2, 10.0))


def test_a_plant_of_halls_that_draw_alike_keeps_the_closed_form() -> None:
    """12 MW of heat: 10 of hall 0, 2 of hall 1; one more MW is worth hall 1's 90."""
    site = two_halls(overhead=np.full((2, 1), 0.25), site_limit_mw=np.array([99.0]), plants=(plant(BOTH, [12.0]),))
    choice = choose_dispatch(site, NOBODY)
    assert choice.method is DispatchMethod.MERIT_ORDER
    assert choice.dispatch.solve(FULL).value_usd == pytest.approx(1180.0)
    assert choice.dispatch.prices(FULL).plant == pytest.approx(np.array([[90.0]]))


def test_a_plant_of_halls_that_draw_differently_goes_to_the_linear_program() -> None:
    """Heat counts a MW of IT as one, the site a MW of hall 1 as 1.25: two measures of the same load.

    15 gross MW and 12 MW of heat: hall 0 runs 10, hall 1 2 (12.5 gross MW); heat binds, 90 USD a MW.
    """
    choice = choose_dispatch(two_halls(plants=(plant(BOTH, [12.0]),)), NOBODY)
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "plant p0 serves halls that draw different power for the same heat"
    assert choice.dispatch.solve(FULL).value_usd == pytest.approx(1180.0)
    assert choice.dispatch.prices(FULL).plant == pytest.approx(np.array([[90.0]]))


def test_limits_that_cannot_bind_are_left_out() -> None:
    """20 MW of heat and 22.5 gross MW are all that two halls can come to; a hall is one bay at a time."""
    free = two_halls(plants=(plant(BOTH, [20.0]),), feeders=(feeder(BOTH, 22.5),))
    choice = choose_dispatch(free, NOBODY)
    assert choice.method is DispatchMethod.MERIT_ORDER
    one_hall = replace(free, hall=np.zeros(2, int), plants=(plant(BOTH, [10.0]),), feeders=(feeder(BOTH, 12.5),))
    for site in (free, one_hall):
        limits = nested_limits(site, NOBODY)
        assert isinstance(limits, NestedLimits)
        assert limits.nest.members == ()
        assert LinearDispatch(site).prices(FULL).feeder.shape == (1, 1)


def test_feeders_that_cross_go_to_the_linear_program_where_greedy_would_lose() -> None:
    """Three halls of 10 MW earn 100, 70, 70; feed A carries 10 MW of halls 0 and 1, feed B 10 MW of halls 0 and 2.

    The best hall first would fill both feeds with hall 0: 1,000 USD. Halls 1 and 2 together earn 1,400.
    """
    site = SiteNode(
        weight_h=np.ones(1), price_usd_per_mwh=np.zeros(1), site_limit_mw=np.array([99.0]), overhead=np.zeros((3, 1)),
        it_limit_mw=np.full(3, 10.0), air_limit_mw=np.full((3, 1), np.inf), liquid_limit_mw=np.full((3, 1), np.inf),
        no_load_mw=np.zeros(3), firm_air_share=np.ones(3), firm_liquid_share=np.zeros(3), segment_bay=np.arange(3),
        segment_air_share=np.ones(3), segment_liquid_share=np.zeros(3),
        segment_value_usd_per_mwh=np.array([100.0, 70.0, 70.0]), shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(3, 1),
        feeders=(feeder([True, True, False], 10.0), feeder([True, False, True], 10.0, 1)),
    )  # fmt: skip
    capacity = Capacity(np.ones(3), np.zeros(3), np.full(3, 10.0))
    limits = nested_limits(site, np.zeros(3, dtype=bool))
    assert limits == CrossingGroups("feeder f0 and feeder f1 share halls, and neither holds the other")
    assert choose_dispatch(site, np.zeros(3, dtype=bool)).dispatch.solve(capacity).value_usd == pytest.approx(1400.0)


def test_no_load_draw_beyond_a_feeder_is_refused_in_words() -> None:
    site = two_halls(no_load_mw=np.array([2.0, 2.0]), feeders=(feeder([False, True], 1.5),))
    with pytest.raises(ValueError, match=r"behind feeder f0 draw 2 MW at no load, more than its limit of 1\.5 MW"):
        LinearDispatch(site).solve(FULL)


def test_what_stands_in_a_feeder_before_anything_runs_is_taken_from_it() -> None:
    """1 MW of no-load draw leaves 4 of the feeder's 5 MW: 3.2 MW of hall 1 beside hall 0's 9 of the site's 15 MW."""
    site = two_halls(no_load_mw=np.array([0.0, 1.0]), feeders=(feeder([False, True], 5.0),))
    choice = choose_dispatch(site, NOBODY)
    assert choice.method is DispatchMethod.MERIT_ORDER
    for dispatch in (choice.dispatch, LinearDispatch(site)):
        found = dispatch.solve(FULL)
        assert found.schedule.load_mw[:, 0] == pytest.approx([10.0, 3.2])
        assert found.cut.at(FULL) == pytest.approx(1000.0 + 288.0)
        assert dispatch.prices(FULL).feeder == pytest.approx(np.array([[72.0]]))
