"""What is bought ahead, what the site takes at which price, and what moving a schedule costs."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.week.interface import DayAhead, Opening, Prices, Spread, WeekOptions, WeekPlan
from allocator.week.verified import checked_week
from tests.week.sites import Fleet, restarts, settling, site


def decide(made, prices, opening=None, **asked) -> WeekPlan:
    found = checked_week(made, prices, opening or Opening(), WeekOptions(**asked))
    assert found.broken == ()
    return found.plan


def test_energy_is_bought_ahead_where_it_is_cheaper_and_never_more_than_is_used() -> None:
    made = site([Fleet((10.0,), (60.0,), 0.1)], 4)
    prices = Prices(made.utc, np.array([40.0, 40.0, 40.0, 80.0]), np.array([35.0, 42.0, np.nan, 30.0]))
    found = decide(made, prices)
    assert found.day_ahead_mw == pytest.approx([11, 0, 0, 0])  # nothing runs in the last hour
    assert found.money.day_ahead == pytest.approx(11 * 5)
    hedged = decide(made, prices, day_ahead=DayAhead(most_share=0.5, premium_usd_per_mwh=2.0))
    assert hedged.day_ahead_mw == pytest.approx([5.5, 5.5, 0, 0])
    assert hedged.money.day_ahead == pytest.approx(5.5 * (5 - 2))
    assert hedged.value_usd == pytest.approx(found.value_usd)


def test_what_was_bought_stands_where_bids_are_closed() -> None:
    made = site([Fleet((10.0,), (60.0,))], 3)
    prices = Prices(made.utc, np.array([40.0, 90.0, 40.0]), np.array([50.0, 50.0, 30.0]))
    found = decide(made, prices, Opening(bought_mw=np.array([6.0, 6.0, np.nan])))
    assert found.load_mw[0].tolist() == [10, 0, 10]
    assert found.day_ahead_mw == pytest.approx([6, 6, 10])
    assert found.money.day_ahead == pytest.approx(6 * -10 + 6 * 40 + 10 * 10)


def test_quarters_of_an_hour_are_bought_as_one_hour() -> None:
    made = site([Fleet((10.0,), (60.0,))], 4, step_h=0.25)
    found = decide(made, Prices(made.utc, np.array([40.0, 40.0, 40.0, 90.0]), np.full(4, 50.0)))
    assert found.load_mw[0].tolist() == [10, 10, 10, 0]
    assert found.day_ahead_mw == pytest.approx([7.5] * 4)
    assert found.money.day_ahead == pytest.approx(7.5 * (52.5 - 50))


def test_stairs_fall_in_price_and_keep_within_what_tiers_share() -> None:
    made = site([Fleet((10.0, 5.0), (66.0, 44.0), 0.1), Fleet((8.0,), (50.0,))], 1, site_limit_mw=22.0, firm_mw=2.0)
    found = decide(made, settling(made, [45.0]))
    stairs = [(float(stair.price_usd_per_mwh[0]), float(stair.mw[0])) for stair in found.curve]
    # Tenants first, then 11 MW at 60, 8 MW at 50, and of the second mode at 40 what is left under the meter.
    assert np.array(stairs) == pytest.approx(np.array([(5000, 0), (5000, 2), (60, 13), (50, 21), (40, 22)]))


def test_what_runs_bids_the_price_at_which_it_stops() -> None:
    made = site([Fleet((10.0,), (60.0,))], 3, restarts(usd=10.0))
    runs = decide(made, settling(made, [40.0] * 3), Opening(running_mw=np.array([10.0])))
    assert runs.curve[1].price_usd_per_mwh[0] == pytest.approx(70.0)
    stands = decide(made, settling(made, [58.0] * 3), Opening(running_mw=np.zeros(1)))
    assert stands.load_mw.sum() == 0.0
    assert stands.curve[1].price_usd_per_mwh[0] == pytest.approx(60 - 10 + 2 + 2)


def test_a_schedule_that_is_out_is_moved_only_where_that_pays_its_price() -> None:
    made = site([Fleet((10.0,), (60.0,))], 4)
    prices = settling(made, [57.0, 40.0, 63.0, 90.0])
    scheduled = np.array([[0.0, 0.0, 10.0, np.nan]])
    found = decide(made, prices, Opening(scheduled_mw=scheduled), churn_usd_per_mw=5.0)
    assert found.load_mw[0].tolist() == [0, 10, 10, 0]
    assert found.value_usd == pytest.approx(200 - 30)
    assert decide(made, prices, Opening(scheduled_mw=scheduled)).load_mw[0].tolist() == [10, 10, 0, 0]


def test_no_more_is_moved_than_may_be_and_what_limits_take_is_said() -> None:
    made = site([Fleet((10.0,), (60.0,))], 3)
    opening = Opening(
        scheduled_mw=np.array([[0.0, 10.0, 10.0]]),
        site_limit_mw=np.array([np.inf, np.inf, 1.0]),
    )
    found = decide(made, settling(made, [40.0] * 3), opening, most_moved_mw=4.0)
    assert found.load_mw[0] == pytest.approx([4, 10, 1])
    assert found.remarks == ("limits move 5 MW-steps more than the most that may be moved",)


def test_a_spread_is_refused_that_would_never_come_back() -> None:
    with pytest.raises(ValueError, match="persistence"):
        Spread(10.0, 1.0)
    made = site([Fleet((10.0,), (60.0,))], 3)
    with pytest.raises(ValueError, match="running_mw of the opening has shape"):
        decide(made, settling(made, [1.0] * 3), Opening(running_mw=np.zeros(2)))
