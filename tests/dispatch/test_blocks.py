"""Power bought for own use: drawn before spot, and never a reason to draw where spot is negative."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.schedule import schedule_value
from allocator.instance.blocks import NodeBlock
from allocator.instance.site_node import site_node
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut
from tests.dispatch.random_sites import capacities, crossing_sites, random_capacity
from tests.quick import examples
from tests.verify.hosts import hosts_instance

MANY = examples(30)


@st.composite
def supplied(draw: st.DrawFn) -> SiteNode:
    """A site with a block in some of its hours."""
    site = draw(crossing_sites())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mw = rng.choice([0.0, 0.5, 4.0, 50.0], site.hours)
    return replace(site, block=NodeBlock(mw, np.maximum(site.price_usd_per_mwh - 3.0, 0.0)))


def test_machines_run_on_the_block_where_spot_is_too_dear_and_not_beyond_it() -> None:
    """A MW draws 1.02 at the meter: hours at 68 pay, those at 88 do not; there 0.51 MW of block carry half a MW."""
    deck = site_node(hosts_instance(), 2, 3)
    block = NodeBlock(np.full(deck.hours, 0.51), deck.price_usd_per_mwh - 3.0)
    here = replace(deck, segment_value_usd_per_mwh=np.array([75.0]), block=block)
    found = LinearDispatch(here).solve(Capacity(np.ones(1), np.zeros(0), np.ones(1)))
    assert found.schedule.load_mw[0] == pytest.approx([1.0, 0.5])
    earned = 360 * (75.0 - 1.02 * 68.0 + 0.51 * 65.0) + 360 * (0.5 * 75.0 - 0.51 * 88.0 + 0.51 * 85.0)
    assert found.value_usd == pytest.approx(earned)


def test_in_hours_of_negative_spot_the_block_is_left_untaken() -> None:
    block = NodeBlock(np.array([2.0, 2.0]), np.array([40.0, 0.0]))
    assert block.used_mw(np.array([3.0, 3.0])).tolist() == [2.0, 0.0]
    assert block.used_mw(np.array([1.0, 3.0])).tolist() == [1.0, 0.0]


def test_a_block_goes_to_the_linear_program_with_a_reason() -> None:
    deck = site_node(hosts_instance(), 2, 3)
    here = replace(deck, block=NodeBlock(np.ones(deck.hours), deck.price_usd_per_mwh))
    choice = choose_dispatch(here, np.zeros(1, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "a block of power is used before spot is bought"


@MANY
@given(st.data(), supplied())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    own = check_cut(site, here, there)
    assert own is None or own.value_usd == pytest.approx(schedule_value(site, own.schedule))


@MANY
@given(st.data(), supplied())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    check_bound(site, LimitPrices(*any_limits(rng, site)), random_capacity(rng, site))
