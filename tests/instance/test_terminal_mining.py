"""Mining beyond the horizon: hashprice with halvings, the spread over power, capital charges."""

from datetime import date

import numpy as np
import pytest

from allocator.instance.finance import annuity
from allocator.instance.terminal_mining import Machine, MiningYear, mining_usd_per_mw, spread, tail_hashprice

APRIL_2028, APRIL_2032 = date(2028, 4, 20), date(2032, 4, 20)


def test_hashprice_grows_from_the_last_node() -> None:
    assert tail_hashprice(40.0, "2029-01", 2, -0.05, [APRIL_2028], 0.65) == pytest.approx([38.0, 36.1])


def test_a_halving_inside_a_tail_year_counts_from_its_day_on() -> None:
    found = tail_hashprice(40.0, "2031-06", 2, 0.0, [APRIL_2032], 0.65)
    # Ten months before April 2032, 19 days of it before the 20th, one month after.
    first = (10 + (19 + 11 * 0.65) / 30 + 0.65) / 12
    assert found == pytest.approx([40.0 * first, 40.0 * 0.65])


def test_a_halving_before_the_end_of_the_horizon_is_in_the_last_hashprice_already() -> None:
    assert tail_hashprice(40.0, "2028-05", 1, 0.0, [APRIL_2028], 0.65) == pytest.approx([40.0])


def test_halvings_go_on_every_four_years_after_the_last_one_stated() -> None:
    found = tail_hashprice(1.0, "2028-05", 13, 0.0, [APRIL_2028], 0.5)
    assert found[[0, 2, 4, 6, 8, 12]] == pytest.approx([1.0, 1.0, 0.5, 0.5, 0.25, 0.125])


def test_a_leap_day_halving_keeps_to_february() -> None:
    found = tail_hashprice(1.0, "2030-03", 4, 0.0, [date(2028, 2, 29)], 0.5)
    assert found == pytest.approx([1.0, (11 + (27 + 2 * 0.5) / 29) / 12, 0.5, 0.5])


def test_no_tail_years_need_no_hashprice() -> None:
    assert tail_hashprice(40.0, "2030-01", 0, 0.0, [APRIL_2028], 0.65).shape == (0,)


def test_the_spread_is_a_weighted_sum_of_positive_parts() -> None:
    cost, weight = np.array([50.0, -10.0, 80.0]), np.array([2.0, 1.0, 3.0])
    assert spread(np.array([60.0, 50.0, 100.0, -20.0]), cost, weight) == pytest.approx([2 * 10 + 70, 60, 270, 0])


def test_the_spread_agrees_with_its_definition_on_random_figures() -> None:
    rng = np.random.default_rng(1)
    cost, weight, value = rng.normal(40, 30, 500), rng.random(500), rng.normal(60, 20, 7)
    direct = (weight * np.maximum(0.0, value[:, None] - cost)).sum(axis=1)
    assert spread(value, cost, weight) == pytest.approx(direct)


# One MW at 20 J/TH, always on, no uptime loss: 50 PH/s. At 48 USD/PH/day a MWh earns 100 USD.
WHOLE = Machine(steps=((1.0, 50.0),), power_mw=1.0, capital_usd=1e6, maintenance_usd_per_mwh=0.0)
YEAR = MiningYear(np.array([8766.0]), np.array([40.0]))


def test_a_mw_of_mining_earns_its_spread_less_the_annuity_of_its_machines() -> None:
    found = mining_usd_per_mw(YEAR, [WHOLE], np.array([48.0]), 1.0, 0.12)
    assert found == pytest.approx([8766 * 60 - 1e6 * annuity(0.12, 4)])


def test_the_best_machine_counts_and_never_less_than_nothing() -> None:
    dear = Machine(WHOLE.steps, 1.0, 1e7, 0.0)
    assert mining_usd_per_mw(YEAR, [dear], np.array([48.0]), 1.0, 0.12) == pytest.approx([0.0])
    both = mining_usd_per_mw(YEAR, [dear, WHOLE], np.array([48.0]), 1.0, 0.12)
    assert both == pytest.approx(mining_usd_per_mw(YEAR, [WHOLE], np.array([48.0]), 1.0, 0.12))
    assert mining_usd_per_mw(YEAR, [], np.array([48.0]), 1.0, 0.12) == pytest.approx([0.0])


def test_uptime_and_maintenance_lower_the_value() -> None:
    worn = Machine(steps=((0.9, 50.0),), power_mw=1.0, capital_usd=0.0, maintenance_usd_per_mwh=5.0)
    assert mining_usd_per_mw(YEAR, [worn], np.array([48.0]), 1.0, 0.12) == pytest.approx([0.9 * 8766 * 55])
