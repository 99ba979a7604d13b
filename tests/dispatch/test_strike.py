"""One strike price: the best of all by trying each, forced below it, idle above it, never worth more than the best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Capacity, SiteNode
from allocator.dispatch.strike import StrikeDispatch, best_strike_usd_per_mwh, both_ways, gain
from allocator.instance.tenants import one_tenancy_a_bay
from allocator.instance.tree import Bools
from tests.dispatch.random_sites import capacities, crossing_sites, nested_sites
from tests.quick import examples


def _all(count: int) -> Bools:
    return np.ones(count, dtype=bool)


def _value(site: SiteNode, capacity: Capacity, strike_usd_per_mwh: float) -> float:
    return StrikeDispatch(site, _all(site.segments), _all(site.bays), strike_usd_per_mwh).solve(capacity).value_usd


@examples(15)
@given(st.data())
def test_the_best_strike_price_is_the_best_of_all_and_worth_no_more_than_the_best_hours(data: st.DataObject) -> None:
    site = data.draw(st.one_of(nested_sites(), crossing_sites()))
    capacity = data.draw(capacities(site))
    runs, stops = both_ways(site, _all(site.segments), _all(site.bays), capacity)
    found = best_strike_usd_per_mwh([gain(site, runs, stops, 1.0)])
    tried = [_value(site, capacity, price) for price in (-np.inf, *np.unique(site.price_usd_per_mwh))]
    best = choose_dispatch(site, _all(site.bays)).dispatch.solve(capacity).value_usd
    slack = 1e-7 * max(1.0, abs(best), *map(abs, tried))
    assert _value(site, capacity, found) == pytest.approx(max(tried), abs=slack)
    assert max(tried) <= best + slack


def two_machines() -> tuple[SiteNode, Capacity]:
    """A new MW that earns 100 USD/MWh and an old one that earns 60, in hours of 40, 70, 90 and 150 USD/MWh."""
    wide = np.full((1, 4), 10.0)
    site = SiteNode(
        weight_h=np.ones(4),
        price_usd_per_mwh=np.array([90.0, 40.0, 150.0, 70.0]),
        site_limit_mw=np.full(4, 10.0),
        overhead=np.zeros((1, 4)),
        it_limit_mw=np.array([10.0]),
        air_limit_mw=wide,
        liquid_limit_mw=wide,
        no_load_mw=np.zeros(1),
        firm_air_share=np.ones(1),
        firm_liquid_share=np.zeros(1),
        segment_bay=np.array([0, 0]),
        segment_air_share=np.ones(2),
        segment_liquid_share=np.zeros(2),
        segment_value_usd_per_mwh=np.array([100.0, 60.0]),
        shed_usd_per_mwh=5000.0,
        tenants=one_tenancy_a_bay(1, 4),
    )
    return site, Capacity(np.ones(1), np.zeros(1), np.ones(2))


def test_a_strike_price_by_hand() -> None:
    """Both run at 40 (+60 +20) and at 70 (+30 -10); at 90 they would lose 20 (+10 -30). The best hours leave
    the old one off at 70, and run the new one at 90."""
    site, capacity = two_machines()
    runs, stops = both_ways(site, _all(2), _all(1), capacity)
    strike = best_strike_usd_per_mwh([gain(site, runs, stops, 1.0)])
    found = StrikeDispatch(site, _all(2), _all(1), strike).solve(capacity)
    assert strike == 70.0
    assert found.value_usd == pytest.approx(60 + 20 + 30 - 10)
    assert found.schedule.load_mw.tolist() == [[0, 1, 0, 1], [0, 1, 0, 1]]
    assert choose_dispatch(site, _all(1)).dispatch.solve(capacity).value_usd == pytest.approx(60 + 20 + 30 + 10)


def test_a_rule_that_always_loses_never_runs() -> None:
    """The old machine alone, in hours that all cost more than it earns."""
    site, capacity = two_machines()
    site = replace(site, price_usd_per_mwh=site.price_usd_per_mwh + 30.0)
    old = replace(capacity, segment_mw=np.array([0.0, 1.0]))
    runs, stops = both_ways(site, _all(2), _all(1), old)
    assert best_strike_usd_per_mwh([gain(site, runs, stops, 1.0)]) < site.price_usd_per_mwh.min()
    assert _value(site, old, -np.inf) == 0.0


def test_one_price_serves_all_sites_by_what_each_is_worth() -> None:
    """Alone one site stops above 70; a second, worth 3 times as much and earning 10 at 90, makes both run there."""
    site, capacity = two_machines()
    first = gain(site, *both_ways(site, _all(2), _all(1), capacity), 1.0)
    alone = Capacity(capacity.fitted, capacity.firm_mw, np.array([1.0, 0.0]))
    second = gain(site, *both_ways(site, _all(2), _all(1), alone), 3.0)
    assert best_strike_usd_per_mwh([first]) == 70.0
    assert best_strike_usd_per_mwh([first, second]) == 90.0


def test_what_does_not_mine_runs_as_is_best_in_hours_that_stop() -> None:
    site, capacity = two_machines()
    mines = np.array([False, True])
    found = StrikeDispatch(site, mines, _all(1), -np.inf).solve(capacity).schedule
    assert found.load_mw.tolist() == [[1, 1, 0, 1], [0, 0, 0, 0]]
