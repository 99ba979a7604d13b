"""PEAK: peaks that planning sets are one more limit on the whole site, in the hours that count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.conditions import NestedLimits, nested_limits
from allocator.dispatch.cuts import cut_from_prices
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.merit_order import MeritOrderDispatch
from allocator.instance.demand import NodePeak
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut, feasible
from tests.dispatch.random_sites import crossing_sites, nested_sites, random_capacity
from tests.dispatch.test_linear import TWO_SEGMENTS
from tests.quick import examples

SOME = examples(25)


def _billed(rng: np.random.Generator, site: SiteNode) -> SiteNode:
    counts = rng.random((2, site.hours)) < 0.6
    return replace(site, peaks=(NodePeak(3, counts[0]), NodePeak(7, counts[1])))


def _within(rng: np.random.Generator, site: SiteNode) -> Capacity:
    """A capacity whose peaks let at least the halls' own draw through."""
    here = random_capacity(rng, site)
    return replace(here, peak_mw=float(site.no_load_mw @ here.fitted) + rng.uniform(0.0, 40.0, 2))


def _merit(site: SiteNode) -> MeritOrderDispatch:
    limits = nested_limits(site, np.ones(site.bays, dtype=bool))
    assert isinstance(limits, NestedLimits)
    return MeritOrderDispatch(site, limits)


@SOME
@given(nested_sites(), st.integers(0, 2**32 - 1))
def test_peaks_keep_the_closed_form_which_equals_the_linear_program(plain: SiteNode, seed: int) -> None:
    rng = np.random.default_rng(seed)
    site = _billed(rng, plain)
    here, there = _within(rng, site), _within(rng, site)
    if not (feasible(site, here) and feasible(site, there)):
        return
    merit, linear = _merit(site), LinearDispatch(site)
    (value, cut), exact, other = merit.price(here), linear.solve(here).value_usd, linear.solve(there).value_usd
    scale = 1e-8 * (1 + abs(exact) + abs(other))
    assert value == pytest.approx(exact, abs=scale)
    assert cut.at(here) == pytest.approx(exact, abs=scale)
    assert cut.at(there) >= other - scale
    drawn = merit.solve(here).schedule.grid_mw
    for peak, most in zip(site.peaks, here.peak_mw, strict=True):
        assert (drawn[peak.counts] <= most + 1e-9).all()


@SOME
@given(nested_sites(), st.integers(0, 2**32 - 1))
def test_prices_of_the_closed_form_make_a_cut_that_is_tight(plain: SiteNode, seed: int) -> None:
    rng = np.random.default_rng(seed)
    site = _billed(rng, plain)
    here = _within(rng, site)
    if feasible(site, here):
        value, _ = _merit(site).price(here)
        cut = cut_from_prices(site, _merit(site).prices(here))
        assert cut.at(here) == pytest.approx(value, abs=1e-8 * (1 + abs(value)))


@SOME
@given(crossing_sites(), st.integers(0, 2**32 - 1))
def test_cuts_of_the_linear_program_are_tight_here_and_valid_elsewhere(plain: SiteNode, seed: int) -> None:
    rng = np.random.default_rng(seed)
    site = _billed(rng, plain)
    check_cut(site, _within(rng, site), _within(rng, site))
    prices = LimitPrices(*any_limits(rng, site), peak=rng.normal(5.0, 30.0, (2, site.hours)))
    check_bound(site, prices, _within(rng, site))


def test_a_peak_below_what_always_draws_is_refused_in_words() -> None:
    every = np.ones(TWO_SEGMENTS.hours, dtype=bool)
    here = replace(TWO_SEGMENTS, no_load_mw=np.array([2.0, 0.0]), peaks=(NodePeak(0, every),))
    with pytest.raises(ValueError, match="draws is more than the peak of 1 MW"):
        LinearDispatch(here).solve(Capacity(np.ones(2), np.zeros(2), np.zeros(2), np.ones(1)))
