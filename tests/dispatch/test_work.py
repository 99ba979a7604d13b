"""Deferrable work: done in the hours that suit, by machines that run."""

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
from allocator.instance.jobs import NodeJobs
from allocator.instance.site_node import site_node
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut
from tests.dispatch.random_sites import capacities, crossing_sites, random_capacity
from tests.quick import examples
from tests.verify.worked import worked_instance

MANY = examples(30)
RACKS = Capacity(np.ones(1), np.zeros(0), np.array([3.0]))


@st.composite
def owing(draw: st.DrawFn) -> SiteNode:
    """A site that owes one or two pieces of work, some of more than it can do."""
    site = draw(crossing_sites())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = int(rng.integers(1, 3))
    jobs = NodeJobs(
        qualifies=rng.random((count, site.segments)) < 0.7,
        work_mwh=rng.choice([1.0, 8.0, 1000.0], count),
        most_mw=rng.choice([1.0, 4.0, np.inf], count),
        worth_usd_per_mwh=rng.choice([30.0, 90.0, 250.0], count),
    )
    return replace(site, jobs=jobs)


def test_work_goes_to_cheap_hours_as_much_as_may_run() -> None:
    """Twenty days at 40: 3 MW run, 2 of them work for 110 instead of 90. Ten at 200: nothing pays."""
    here = site_node(worked_instance(), 0, 0)
    found = LinearDispatch(here).solve(RACKS)
    assert found.schedule.work_mw[0, 0] == pytest.approx([2.0, 2.0, 0.0])
    assert found.value_usd == pytest.approx(480 * (3 * (90 - 40) + 2 * 20))


def test_what_is_owed_makes_load_run_that_rent_would_not() -> None:
    """At 100 USD a MWh of rent loses 10 and one of work earns 10: the 40 MWh still owed are done there."""
    here = site_node(worked_instance(), 0, 0)
    dear = replace(here, price_usd_per_mwh=np.array([40.0, 40.0, 100.0]))
    found = LinearDispatch(dear).solve(RACKS)
    assert found.schedule.load_mw[0] == pytest.approx([3.0, 3.0, 40.0 / 240.0])
    assert found.value_usd == pytest.approx(480 * (3 * 50 + 2 * 20) + 40 * 10)


def test_work_goes_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(site_node(worked_instance(), 0, 0), np.zeros(1, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "deferrable work may be done in any hour of the period"


@MANY
@given(st.data(), owing())
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(data: st.DataObject, site: SiteNode) -> None:
    here, there = data.draw(capacities(site)), data.draw(capacities(site))
    own = check_cut(site, here, there)
    assert own is None or own.value_usd == pytest.approx(schedule_value(site, own.schedule))


@MANY
@given(st.data(), owing())
def test_a_cut_from_any_prices_is_valid(data: st.DataObject, site: SiteNode) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    check_bound(site, LimitPrices(*any_limits(rng, site)), random_capacity(rng, site))
