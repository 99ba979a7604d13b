"""Months of the scenario's zone: lengths, averages, and dates that fall inside a month."""

from datetime import date

import numpy as np
import pytest

from allocator.instance.months import average_by_node, month_grid, months_between
from allocator.instance.tree_build import chain
from allocator.uncertainty.mining import dated_factor

CHICAGO = "America/Chicago"


def test_clock_changes_make_months_of_743_and_721_hours() -> None:
    hours = month_grid("2027-01", 12, CHICAGO).hours
    assert hours[2] == 743
    assert hours[10] == 721
    assert hours[0] == 744
    assert hours.sum() == 8760


def test_a_leap_february_has_696_hours() -> None:
    assert month_grid("2028-02", 1, CHICAGO).hours.tolist() == [696]
    assert month_grid("2027-02", 1, CHICAGO).hours.tolist() == [672]


def test_months_begin_at_local_midnight() -> None:
    grid = month_grid("2027-03", 2, CHICAGO)
    assert grid.bounds_utc.astype(str).tolist() == ["2027-03-01T06:00:00", "2027-04-01T05:00:00", "2027-05-01T05:00:00"]


def test_averages_of_coarse_nodes_weigh_months_by_their_hours() -> None:
    grid = month_grid("2027-02", 3, "UTC")
    tree = chain(grid, [2, 1], 1)
    average = average_by_node(np.array([10.0, 20.0, 40.0]), grid, tree)
    assert average == pytest.approx([(10 * 672 + 20 * 744) / (672 + 744), 40.0])


def test_a_date_inside_a_month_counts_for_the_days_from_it_on() -> None:
    months = np.arange("2028-03", "2028-06", dtype="datetime64[M]")
    # 19 of April's 30 days lie before the 20th.
    assert dated_factor(months, [date(2028, 4, 20)], 0.5) == pytest.approx([1.0, (19 + 11 * 0.5) / 30, 0.5])


def test_two_dates_compound() -> None:
    months = np.array(["2028-05", "2032-05"], dtype="datetime64[M]")
    dates = [date(2032, 4, 20), date(2028, 4, 20)]
    assert dated_factor(months, dates, 0.65) == pytest.approx([0.65, 0.65**2])


def test_a_date_on_the_first_counts_for_the_whole_month() -> None:
    assert dated_factor(np.array(["2028-04"], "datetime64[M]"), [date(2028, 4, 1)], 0.5) == pytest.approx([0.5])


def test_months_between_counts_across_years_and_backwards() -> None:
    assert months_between("2027-11", "2028-02") == 3
    assert months_between("2027-01", "2026-10") == -3
