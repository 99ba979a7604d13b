"""Local clocks: daylight saving both ways, months in hours, calendar fields."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.series.clock import HOUR, LocalClock, local_calendar, local_times, month_hours, month_start, parse_zone
from tests.quick import examples
from tests.series.files import CHICAGO

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "America/St_Johns", "UTC", "-06:00"]


@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(2000, 2040),
    month=st.integers(1, 12),
    months=st.integers(1, 14),
    minutes=st.sampled_from([15, 30, 60]),
)
@examples(60)
def test_local_stamps_read_in_order_give_back_their_utc(
    zone: str, year: int, month: int, months: int, minutes: int
) -> None:
    clock = parse_zone(zone)
    hours = month_hours(f"{year}-{month:02d}", months, clock)
    utc = np.arange(hours[0], hours[-1] + HOUR, np.timedelta64(minutes, "m"))
    naive, _ = local_times(utc, clock)
    reader = LocalClock(clock)
    batches = [reader.to_utc(part) for part in np.array_split(naive, 7)]
    assert np.array_equal(np.concatenate(batches), utc)


def test_a_time_that_spring_skips_is_not_a_time() -> None:
    local = np.array(["2027-03-14T01:00", "2027-03-14T02:00", "2027-03-14T03:00"], dtype="datetime64[s]")
    utc = LocalClock(CHICAGO).to_utc(local)
    assert np.isnat(utc).tolist() == [False, True, False]
    assert utc[2] - utc[0] == HOUR


def test_months_of_a_year_have_the_hours_the_clock_gives_them() -> None:
    lengths = [len(month_hours(f"2027-{month:02d}", 1, CHICAGO)) for month in range(1, 13)]
    assert lengths == [744, 672, 743, 720, 744, 720, 744, 744, 720, 744, 721, 744]
    assert sum(lengths) == len(month_hours("2027-01", 12, CHICAGO)) == 8760


def test_a_month_starts_at_local_midnight() -> None:
    assert month_start("2027-01", CHICAGO) == np.datetime64("2027-01-01T06:00", "s")
    assert month_start("2027-07", CHICAGO) == np.datetime64("2027-07-01T05:00", "s")


def test_a_month_whose_first_midnight_is_skipped_starts_at_one() -> None:
    assert month_start("2023-10", parse_zone("America/Asuncion")) == np.datetime64("2023-10-01T04:00", "s")


def test_months_that_are_no_whole_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="no whole number of hours"):
        month_hours("2027-04", 1, parse_zone("Australia/Lord_Howe"))


def test_calendar_fields_follow_the_local_clock() -> None:
    calendar = local_calendar(month_hours("2027-11", 1, CHICAGO), CHICAGO)
    assert calendar.hour[:4].tolist() == [0, 1, 2, 3]
    assert (calendar.month == 11).all()
    assert np.bincount(calendar.day_index)[6] == 25  # 7 November 2027
    assert calendar.second.sum() == 1
    assert calendar.hour[calendar.second].tolist() == [1]
    assert calendar.weekend[calendar.day_index == 5].all()  # 6 November 2027, a Saturday
    assert not calendar.weekend[calendar.day_index == 4].any()


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "America", "../etc/passwd", "-25:00", "-06:75", "CDT"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        parse_zone(name)
