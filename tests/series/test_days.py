"""Representative days: extremes stay, weights fill the node, clustering finds what is there."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.series.clock import local_calendar, month_hours
from allocator.series.days import _distances, _medoids, hours_of, representative_days
from tests.quick import examples
from tests.series.files import CHICAGO


def node(month: str, months: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random prices and temperatures of a node, and its day index."""
    random = np.random.default_rng(seed)
    calendar = local_calendar(month_hours(month, months, CHICAGO), CHICAGO)
    price = random.lognormal(3, 1, len(calendar.hour)) - 15
    ambient = (
        20 + 10 * np.sin(calendar.hour / 4) + random.normal(0, 5, calendar.day_index.max() + 1)[calendar.day_index]
    )
    return price, ambient, calendar.day_index


@given(
    month=st.sampled_from(["2027-01", "2027-02", "2027-03", "2027-11", "2028-02"]),
    months=st.integers(1, 3),
    count=st.integers(3, 40),
    seed=st.integers(0, 50),
)
@examples(60)
def test_weights_fill_the_node_and_only_whole_days_are_chosen(month: str, months: int, count: int, seed: int) -> None:
    price, ambient, day = node(month, months, seed)
    chosen = representative_days(price, ambient, day, count)
    positions, weight_h = hours_of(chosen, day)
    assert weight_h.sum() == pytest.approx(len(price), rel=1e-14)
    assert len(positions) == 24 * len(chosen.days) == len(weight_h)
    assert (np.bincount(day)[chosen.days] == 24).all()
    assert (np.diff(chosen.days) > 0).all()
    assert len(chosen.days) == min(count, (np.bincount(day) == 24).sum())


def test_the_dearest_and_the_hottest_day_stay_for_themselves() -> None:
    price, ambient, day = node("2027-07")
    price[24 * 11 + 17] = 5000.0
    ambient[24 * 20 + 15] = 48.0
    chosen = representative_days(price, ambient, day, 4)
    weight = dict(zip(chosen.days.tolist(), chosen.weight_days.tolist(), strict=True))
    assert weight[11] == weight[20] == 1.0
    assert sorted(weight.values())[2:] == [value for value in sorted(weight.values()) if value > 1]
    assert sum(weight.values()) == 31.0


def test_one_day_that_is_both_makes_room_for_a_medoid() -> None:
    price, ambient, day = node("2027-07")
    price[24 * 11 + 17], ambient[24 * 11 + 15] = 5000.0, 48.0
    chosen = representative_days(price, ambient, day, 4)
    assert len(chosen.days) == 4
    assert chosen.weight_days[chosen.days == 11].tolist() == [1.0]


def test_two_kinds_of_days_are_told_apart() -> None:
    day = np.repeat(np.arange(30), 24)
    kind = (np.arange(30) % 3 == 0).astype(float)[day]
    price = 20 + 60 * kind + np.arange(720) / 1000
    ambient = 15 + 10 * kind
    chosen = representative_days(price, ambient, day, 4)
    positions, weight_h = hours_of(chosen, day)
    assert weight_h @ price[positions] == pytest.approx(price.sum(), rel=2e-3)
    assert (weight_h[price[positions] > 50]).sum() == 240


def test_as_many_days_as_there_are_stand_for_themselves() -> None:
    price, ambient, day = node("2027-01")
    chosen = representative_days(price, ambient, day, 31)
    assert chosen.days.tolist() == list(range(31))
    assert (chosen.weight_days == 1.0).all()


def test_a_single_day_and_two_days_are_kept_whole() -> None:
    price, ambient, day = node("2027-01")
    for hours in (24, 48):
        chosen = representative_days(price[:hours], ambient[:hours], day[:hours], 4)
        assert chosen.weight_days.tolist() == [1.0] * (hours // 24)


def test_equal_days_leave_nothing_to_choose() -> None:
    day = np.repeat(np.arange(28), 24)
    chosen = representative_days(np.zeros(672), np.full(672, 20.0), day, 4)
    assert chosen.weight_days.sum() == 28.0


@pytest.mark.parametrize("seed", range(6))
def test_swapping_reaches_the_best_pair_of_medoids(seed: int) -> None:
    price, ambient, day = node("2027-01", seed=seed)
    distance = _distances(price.reshape(-1, 24), ambient.reshape(-1, 24))
    chosen, sizes = _medoids(distance, 2)
    best = min(distance[:, list(pair)].min(axis=1).sum() for pair in itertools.combinations(range(31), 2))
    assert distance[:, chosen].min(axis=1).sum() == pytest.approx(best, rel=0.02)
    assert sizes.sum() == len(day) / 24


def test_too_few_days_and_a_node_without_a_whole_day_are_refused() -> None:
    price, ambient, day = node("2027-01")
    with pytest.raises(ValueError, match="at least 3"):
        representative_days(price, ambient, day, 2)
    with pytest.raises(ValueError, match="no local day"):
        representative_days(price[:20], ambient[:20], day[:20], 3)
