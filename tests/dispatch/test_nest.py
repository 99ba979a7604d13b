"""Nested groups of any depth: the closed form equals a plain linear program, and one joint vector prices all limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.conditions import NestedLimits, nested_limits
from allocator.dispatch.interface import Capacity, SiteNode
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.dispatch.nest import SITE, Group, crossing, nest_of
from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.tenants import one_tenancy_a_bay
from tests.dispatch.plain import plain_value
from tests.dispatch.random_sites import nested_sites, random_capacity
from tests.quick import examples

MANY = examples(100)


def random_nest(rng: np.random.Generator, site: SiteNode) -> list[Group]:
    """Groups in groups, down to single bays, in any order; some of the same bays, limits that bind in some hours."""
    families: list[np.ndarray] = []

    def divide(bays: np.ndarray) -> None:
        families.extend([bays] * int(rng.integers(0, 3)))
        if len(bays) > 1:
            ends = rng.choice(np.arange(1, len(bays)), int(rng.integers(1, len(bays))), replace=False)
            for part in np.split(bays, np.sort(ends)):
                divide(part)

    divide(rng.permutation(site.bays))
    return [_group(rng, site, np.isin(np.arange(site.bays), bays)) for bays in families]


def _group(rng: np.random.Generator, site: SiteNode, inside: np.ndarray) -> Group:
    fixed = site.no_load_mw * inside * rng.integers(0, 2)
    most = float((site.it_limit_mw * inside).sum() * 1.3)
    limit = fixed.sum() + most * rng.choice([0.0, 0.2, 0.5, 1.0], site.hours)
    return Group("group", "feeder", 0, inside, limit, fixed, np.ones(site.hours))


def _flat_group(inside: np.ndarray, limit_mw: float) -> Group:
    """One hour, no draw at no load."""
    return Group("group", "feeder", 0, inside, np.array([limit_mw]), np.zeros(len(inside)), np.ones(1))


def merit(site: SiteNode, groups: Sequence[Group]) -> MeritOrderDispatch:
    limits = nested_limits(site, np.ones(site.bays, dtype=bool))
    assert isinstance(limits, NestedLimits)
    return MeritOrderDispatch(site, replace(limits, nest=nest_of(groups, site.bays, site.hours)))


def _drawn(data: st.DataObject) -> tuple[SiteNode, list[Group], list[Capacity]]:
    site = data.draw(nested_sites(most_bays=7))
    site = replace(site, site_limit_mw=site.site_limit_mw + site.no_load_mw.sum())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    return site, random_nest(rng, site), [random_capacity(rng, site) for _ in range(2)]


def _scale(site: SiteNode, capacity: Capacity) -> float:
    unserved = np.abs(site.unserved_usd_per_mwh()).max(axis=1) @ capacity.firm_mw
    earn = site.segment_value_usd_per_mwh @ capacity.segment_mw + unserved
    return max(1.0, float(site.weight_h.sum() * (earn + np.abs(site.price_usd_per_mwh).max() * 60)))


@MANY
@given(st.data())
def test_filling_earns_what_the_linear_program_earns(data: st.DataObject) -> None:
    site, groups, (capacity, _) = _drawn(data)
    value, _ = merit(site, groups).price(capacity)
    assert value == pytest.approx(plain_value(site, capacity, groups), abs=1e-7 * _scale(site, capacity))


@MANY
@given(st.data())
def test_the_cut_is_tight_at_its_own_capacity_and_valid_at_others(data: st.DataObject) -> None:
    site, groups, (capacity, other) = _drawn(data)
    dispatch = merit(site, groups)
    value, cut = dispatch.price(capacity)
    assert cut.at(capacity) == pytest.approx(value, abs=1e-9 * _scale(site, capacity))
    assert cut.at(other) >= plain_value(site, other, groups) - 1e-7 * _scale(site, other)


@MANY
@given(st.data())
def test_the_schedule_keeps_the_limit_of_every_group(data: st.DataObject) -> None:
    site, groups, (capacity, _) = _drawn(data)
    schedule = merit(site, groups).solve(capacity).schedule
    it_mw = firm_by_bay(site, capacity.firm_mw[:, None] - schedule.shed_mw)
    np.add.at(it_mw, site.segment_bay, schedule.load_mw)
    assert (schedule.load_mw >= 0).all()
    for group in groups:
        drawn = ((1 + site.overhead) * it_mw)[group.inside].sum(axis=0) + group.fixed_mw @ capacity.fitted
        assert (drawn <= group.limit_mw + 1e-9).all()


@MANY
@given(st.data())
def test_a_nest_names_the_next_larger_group_of_every_bay_and_group(data: st.DataObject) -> None:
    site, groups, _ = _drawn(data)
    assert crossing(groups) is None
    nest = nest_of(groups, site.bays, site.hours)
    inside = [group.inside for group in nest.members]
    for bay in range(site.bays):
        around, g = [], int(nest.above[bay])
        while g != SITE:
            around.append(g)
            g = int(nest.up[g])
        assert around == [g for g, bays in enumerate(inside) if bays[bay]]


def test_two_groups_that_share_a_bay_and_do_not_hold_each_other_cross() -> None:
    left, right = (_flat_group(np.array(inside), 1.0) for inside in ([True, True, False], [False, True, True]))
    assert crossing([left, right]) == (left, right)


def test_by_hand_three_levels() -> None:
    """Bays 0, 1, 2 earn 100, 90, 80 per MWh at no overhead, 10 MW of machines each; power is free.

    A busway of 8 MW around 0 and 1, a transformer of 12 MW around it and bay 2, a site of 30. Bay 0 takes the busway's
    8 MW, bay 1 nothing, bay 2 the other 4 of the transformer: 1,120 USD. One MW more of the transformer goes to bay 2,
    80; of the busway it goes to bay 0 and takes one from bay 2, 20; of both to bay 0, 100.
    """
    site = SiteNode(
        weight_h=np.ones(1), price_usd_per_mwh=np.zeros(1), site_limit_mw=np.array([30.0]), overhead=np.zeros((3, 1)),
        it_limit_mw=np.full(3, 10.0), air_limit_mw=np.full((3, 1), np.inf), liquid_limit_mw=np.full((3, 1), np.inf),
        no_load_mw=np.zeros(3), firm_air_share=np.ones(3), firm_liquid_share=np.zeros(3),
        segment_bay=np.arange(3), segment_air_share=np.ones(3), segment_liquid_share=np.zeros(3),
        segment_value_usd_per_mwh=np.array([100.0, 90.0, 80.0]), shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(bays=3, hours=1),
    )  # fmt: skip
    capacity = Capacity(np.ones(3), np.zeros(3), np.full(3, 10.0))

    def value(busway_mw: float, transformer_mw: float) -> float:
        transformer = _flat_group(np.ones(3, bool), transformer_mw)
        busway = _flat_group(np.array([True, True, False]), busway_mw)
        return merit(site, [transformer, busway]).price(capacity)[0]

    assert value(8.0, 12.0) == pytest.approx(1120.0)
    assert value(8.0, 13.0) - value(8.0, 12.0) == pytest.approx(80.0)
    assert value(9.0, 12.0) - value(8.0, 12.0) == pytest.approx(20.0)
    assert value(9.0, 13.0) - value(8.0, 12.0) == pytest.approx(100.0)
