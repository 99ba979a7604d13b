"""Hours of a horizon: exact averages, coverage, years that stand for later ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.scenario.faults import ScenarioFaults
from allocator.series.clock import HOUR, local_calendar, month_hours, parse_zone
from allocator.series.window import window
from tests.quick import examples
from tests.series.files import CHICAGO, series


def at(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


def test_quarter_hours_average_to_hours() -> None:
    values = window(series([1, 2, 3, 6, 10, 10, 10, 30], minutes=15), at("2027-01-01"), at("2027-01-01T02"), CHICAGO)
    assert values.tolist() == [3.0, 15.0]


def test_hours_of_a_half_hour_zone_weigh_the_two_hours_they_lie_across() -> None:
    values = window(series([10, 20, 40]), at("2027-01-01T00:30"), at("2027-01-01T02:30"), parse_zone("Asia/Kolkata"))
    assert values.tolist() == [15.0, 30.0]


@given(
    minutes=st.sampled_from([5, 10, 15, 20, 30, 60]),
    late=st.sampled_from([0, 15, 30, 45]),
    hours=st.integers(1, 30),
    seed=st.integers(0, 1000),
)
@examples(60)
def test_the_average_is_the_integral_over_each_hour(minutes: int, late: int, hours: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(30, 50, (hours + 2) * 60 // minutes)
    start = at("2027-01-01") + np.timedelta64(late, "m")
    got = window(series(list(values), minutes=minutes), start, start + hours * HOUR, CHICAGO)
    by_minute = np.repeat(values, minutes)[late : late + hours * 60].reshape(hours, 60)
    assert got == pytest.approx(by_minute.mean(axis=1), rel=1e-12, abs=1e-9)


def test_hours_that_are_missing_are_named_from_first_to_last() -> None:
    with pytest.raises(ScenarioFaults) as caught:
        window(series([1.0] * 48), at("2026-12-31T22:00"), at("2027-01-04"), CHICAGO)
    (fault,) = caught.value.faults
    assert fault.found.startswith("26 hours of the horizon without a value, from 2026-12-31T22:00:00Z to 2027-01-03T23")
    assert "repeat: yearly" in fault.fix


def local_year(year: int, years: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Hours of local years, and month * 1e4 + day * 100 + hour of each."""
    hours = month_hours(f"{year}-01", 12 * years, CHICAGO)
    calendar = local_calendar(hours, CHICAGO)
    return hours, (calendar.month * 10_000 + calendar.day * 100 + calendar.hour).astype(float)


def test_a_repeated_year_keeps_month_day_and_hour() -> None:
    source, labels = local_year(2023)
    wanted, expected = local_year(2027, 3)
    got = window(series(list(labels), str(source[0]), repeat="yearly"), wanted[0], wanted[-1] + HOUR, CHICAGO)
    other = np.flatnonzero(got != expected)
    leap_day = expected[other] // 100 == 229
    assert leap_day.sum() == 24
    assert expected[other][~leap_day].tolist() == [31202.0] * 2  # 2023 skips 02:00 on 12 March, 2028 too
    assert got[expected == 22905].tolist() == [22805.0]


def test_a_source_of_two_years_alternates_and_stands_for_itself_where_it_can() -> None:
    source, _ = local_year(2023, 2)
    year = local_calendar(source, CHICAGO).year
    values = window(
        series(list(year.astype(float)), str(source[0]), repeat="yearly"), source[0], at("2028-01-01T06"), CHICAGO
    )
    wanted = local_calendar(np.arange(source[0], at("2028-01-01T06"), HOUR), CHICAGO).year
    assert np.array_equal(values, np.where(wanted <= 2024, wanted, np.where(wanted % 2, 2023, 2024)))


def test_a_year_that_does_not_start_in_january_repeats_too() -> None:
    hours, wanted = month_hours("2023-07", 12, CHICAGO), month_hours("2027-01", 12, CHICAGO)
    months = local_calendar(hours, CHICAGO).month.astype(float)
    repeated = series(list(months), str(hours[0]), repeat="yearly")
    got = window(repeated, wanted[0], wanted[-1] + HOUR, CHICAGO)
    assert np.array_equal(got, local_calendar(wanted, CHICAGO).month)


def test_less_than_a_year_cannot_repeat() -> None:
    with pytest.raises(ScenarioFaults, match="a year or more to repeat yearly"):
        window(series([1.0] * 8000, repeat="yearly"), at("2028-01-01"), at("2028-02-01"), CHICAGO)
