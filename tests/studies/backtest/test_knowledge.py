"""What a night may look at: changing the future changes nothing before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allocator.studies.backtest.forecast import errors, outlook
from allocator.studies.backtest.knowledge import Auction, Market, known_at

ZONE = ZoneInfo("America/Chicago")
UTC = np.arange(np.datetime64("2023-02-01T06", "s"), np.datetime64("2023-03-20T05", "s"), np.timedelta64(3600, "s"))
NIGHT = np.datetime64("2023-03-12T06:00", "s")
"""Midnight in Chicago before the day that loses an hour."""


@pytest.fixture(scope="module")
def market() -> Market:
    rng = np.random.default_rng(0)
    return Market(UTC, rng.normal(50, 20, len(UTC)), rng.normal(50, 10, len(UTC)), ZONE)


def test_a_day_is_published_on_the_afternoon_before(market: Market) -> None:
    known = known_at(market, NIGHT)
    last = np.flatnonzero(~np.isnan(known.day_ahead))[-1]
    assert UTC[last] == np.datetime64("2023-03-13T04:00", "s")  # 23 hours of the short day, the last at 23:00
    assert np.isnan(known_at(market, np.datetime64("2023-03-11T19:29", "s")).day_ahead[last])
    assert not np.isnan(known_at(market, np.datetime64("2023-03-11T19:30", "s")).day_ahead[last])
    assert UTC[known.now] == NIGHT


def test_bids_for_tomorrow_are_open_and_for_today_closed(market: Market) -> None:
    taken = UTC[known_at(market, NIGHT).open]
    assert taken[0] == np.datetime64("2023-03-13T05:00", "s")


def test_the_future_changes_nothing_that_is_known_or_expected(market: Market) -> None:
    known = known_at(market, NIGHT)
    real_time, day_ahead = market.real_time.copy(), market.day_ahead.copy()
    real_time[np.isnan(known.real_time)], day_ahead[np.isnan(known.day_ahead)] = 9000.0, -250.0
    other = replace(market, real_time=real_time, day_ahead=day_ahead)
    before, after = (outlook(known_at(one, NIGHT), 168) for one in (market, other))
    assert np.array_equal(before.real_time, after.real_time)
    assert np.array_equal(before.day_ahead, after.day_ahead)
    assert (before.sd_usd_per_mwh, before.persistence) == (after.sd_usd_per_mwh, after.persistence)


def test_expected_prices_follow_the_published_ones_then_the_hour_of_the_week() -> None:
    """Real time is always 0.8 of day-ahead, which is its hour of the week: nothing is left to be wrong about."""
    market = Market(UTC, np.zeros(len(UTC)), np.zeros(len(UTC)), ZONE, Auction(dt.time(10), dt.time(13, 30)))
    ahead = 40.0 + market.hour_of_week
    market = replace(market, real_time=0.8 * ahead, day_ahead=ahead)
    found = outlook(known_at(market, NIGHT), 120)
    now = market.position(NIGHT)
    assert found.real_time == pytest.approx(0.8 * ahead[now : now + 120])
    assert found.day_ahead == pytest.approx(ahead[now : now + 120])
    told = errors(found.real_time, market.real_time[now : now + 120])
    assert told.absolute == pytest.approx(np.zeros(5), abs=1e-9)
    assert told.count.tolist() == [1, 5, 18, 24, 72]


def test_what_is_missing_is_neither_expected_from_nor_an_error(market: Market) -> None:
    gap = replace(market, real_time=np.where(UTC < NIGHT, np.nan, market.real_time))
    found = outlook(known_at(gap, NIGHT), 48)
    assert np.isfinite(found.real_time[:23]).all()  # day-ahead prices are published
    assert np.isnan(found.real_time[23:]).all()
    assert errors(found.real_time, gap.real_time[gap.position(NIGHT) :][:48]).count.sum() == 23
