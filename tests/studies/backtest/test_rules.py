"""Machines in hours that happened: what each rule earns, and that nobody earns more than perfect foresight."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.instance.restarts import Restarts
from allocator.studies.backtest import rules
from allocator.studies.backtest.controller import Machines, State, all_running, operate
from allocator.studies.backtest.demand import Bill, billed_usd
from allocator.studies.backtest.perfect import FleetHours, best_run
from allocator.studies.backtest.site import Site
from tests.studies.backtest import past

SWITCHING = Machines(
    np.array([0]), np.array([0]), Restarts(np.array([0.5]), np.array([2.0]), np.array([3.0]), np.zeros(1))
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    prices = past.spiky()
    gap = (prices["utc"] >= pd.Timestamp("2023-03-09T12:00Z")) & (prices["utc"] < pd.Timestamp("2023-03-09T17:00Z"))
    prices["real_time"] = prices["real_time"].mask(gap)
    return past.site_of(past.write(tmp_path_factory.mktemp("past"), prices))[0]


def test_a_fleet_keeps_its_least_times_and_goes_on_where_no_price_is_seen() -> None:
    price = np.array([50, 99, 50, 50, 50, np.nan, 99, 99, np.nan, 50.0])
    strike = np.full((1, 10), 80.0)
    did = operate(price, strike, strike, SWITCHING, all_running(SWITCHING))
    assert did.on[0].astype(int).tolist() == [1, 0, 0, 1, 1, 1, 0, 0, 0, 1]
    assert did.run_h[0, 3:6].tolist() == [0, 1, 2]
    assert did.started[0].nonzero()[0].tolist() == [3, 9]


def test_hysteresis_stays_on_above_and_off_below() -> None:
    free = Machines(np.array([0]), np.array([0]), Restarts(*(np.zeros(1) for _ in range(4))))
    price = np.array([90.0, 101, 95, 85, 79, 95])
    did = operate(price, np.full((1, 6), 80.0), np.full((1, 6), 100.0), free, all_running(free))
    assert did.on[0].astype(int).tolist() == [1, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("seed", range(8))
def test_perfect_foresight_finds_the_best_of_all_ways(seed: int) -> None:
    """Every sequence of on and off over seven hours, as the operator's own rules let it happen."""
    rng = np.random.default_rng(seed)
    terms = rng.choice([0, 0.25, 1.5]), int(rng.integers(0, 3)), int(rng.integers(0, 4))
    restarts = Restarts(np.array([float(terms[0])]), np.array([terms[1]]), np.array([terms[2]]), np.zeros(1))
    machines = Machines(np.zeros(2, dtype=np.int64), np.array([0]), restarts)
    earns, costs = rng.uniform(50, 150, (2, 7)), rng.uniform(20, 220, (2, 7))
    start_usd = rng.uniform(0, 60, 7)
    fleet = FleetHours(earns, costs, start_usd, terms[0], int(machines.least_run[0]), int(machines.least_off[0]))
    opening = State(np.array([bool(seed % 2)] * 2), np.array([1 + seed % 3]))
    best = -np.inf
    for ways in product((0.0, 1.0), repeat=7):
        wish = np.where(np.array(ways) > 0, np.inf, -np.inf)[None, :].repeat(2, axis=0)
        did = operate(np.zeros(7), wish, wish, machines, opening)
        lost = np.clip(terms[0] - did.run_h[0], 0, 1)
        first = (1 - lost) * earns[0] - costs[0] - did.started[0] * start_usd
        later = np.maximum((1 - lost) * (earns[1] - costs[1]), 0.0)
        best = max(best, float((did.on[0] * (first + later)).sum()))
    assert best_run(fleet, bool(opening.on[0]), int(opening.for_h[0])).usd == pytest.approx(best, abs=1e-9)


def test_missing_hours_count_for_nobody(site: Site) -> None:
    assert int((~site.counted).sum()) == 5
    run = rules.always(site)
    assert run.hours.metered_mwh[~site.counted].tolist() == [0.0] * 5
    assert run.hours.margin.sum() == pytest.approx(float((past.margins(site) * [[4.0], [6.0]])[:, site.counted].sum()))


def test_nobody_earns_more_than_perfect_foresight_and_it_no_more_than_machines_without_terms(site: Site) -> None:
    free = rules.free(site)
    perfect = rules.perfect(site, rules.PERFECT, float(free.hours.margin.sum()))
    assert perfect.bound_usd is not None
    assert perfect.bound_usd == pytest.approx(float(perfect.hours.margin.sum()))
    assert float(free.hours.margin.sum()) == pytest.approx(
        float(np.maximum(past.margins(site) * [[4.0], [6.0]], 0.0)[:, site.counted].sum())
    )
    others = [rules.always(site), rules.never(site), *(rules.break_even(site, lag) for lag in (0, 1))]
    others += [rules.fixed(site, rules.STATED, strike, 0) for strike in (40.0, 80.0, 120.0, 200.0)]
    for run in others:
        assert float(run.hours.margin.sum()) <= perfect.bound_usd + 1e-6
    assert perfect.bound_usd <= float(free.hours.margin.sum())


def test_energy_bought_ahead_settles_at_its_own_price(site: Site) -> None:
    """What the rule bought and ran cost its day-ahead price: both markets together."""
    run = rules.day_ahead(site)
    on = run.operated.on & site.counted
    cost = float((run.hours.energy - run.hours.day_ahead).sum())
    mw = np.array([[4.0], [6.0]])
    assert cost == pytest.approx(float((on * mw * site.day_ahead).sum()))


def test_where_limits_part_machines_perfect_foresight_says_that_it_is_a_bound(tmp_path: Path) -> None:
    site, _ = past.site_of(past.write(tmp_path, past.spiky(), limit_mw=7.0))
    free = rules.free(site)
    perfect = rules.perfect(site, rules.PERFECT, float(free.hours.margin.sum()))
    assert not site.full[1].any()
    assert rules.always(site).hours.metered_mwh.max() == pytest.approx(7.0)
    assert float(perfect.hours.margin.sum()) <= (perfect.bound_usd or 0.0) <= float(free.hours.margin.sum()) + 1e-6


def test_a_ratchet_bills_what_earlier_months_did() -> None:
    """Peaks of 4, 1 and 3 MW in hours that count, at 10 USD a MW; 80 % of the month before, and 2 MW, are the least."""
    draw = np.array([9.0, 4.0, 1.0, 1.0, 3.0, 0.0])
    counts = np.array([[0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], dtype=bool)
    bills = [Bill(own, 2 * i + 1, 10.0, 2.0, 0.8, (i - 1,) if i else ()) for i, own in enumerate(counts)]
    assert billed_usd(bills, draw) == pytest.approx([0.0, 40.0, 0.0, 32.0, 0.0, 30.0])
