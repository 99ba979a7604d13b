"""Values over the horizon, curves over temperature, months."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from allocator.scenario.curves import curve_at
from allocator.scenario.months import Month
from allocator.scenario.values import ByMonth, FromSeries, Growing, Value, evaluate


def test_a_number_holds_in_every_month() -> None:
    assert evaluate(45.0, 3).tolist() == [45.0, 45.0, 45.0]


def test_a_list_by_month_is_read_from_its_start() -> None:
    assert evaluate(ByMonth(by_month=(1.0, 2.0, 3.0)), 2).tolist() == [1.0, 2.0]


def test_a_list_shorter_than_the_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values, the horizon 3 months"):
        evaluate(ByMonth(by_month=(1.0, 2.0)), 3)


def test_growth_is_annual_effective_and_taken_at_mid_month() -> None:
    values = evaluate(Growing(start=100.0, growth_per_year=0.21), 13)
    assert values[0] == pytest.approx(100.0 * 1.21 ** (0.5 / 12))
    assert values[12] / values[0] == pytest.approx(1.21)
    assert values[6] == pytest.approx(100.0 * 1.21 ** (6.5 / 12))


def test_a_series_is_not_evaluated_here() -> None:
    with pytest.raises(TypeError, match="'west'"):
        evaluate(FromSeries(series="west"), 3)


@pytest.mark.parametrize("bad", [True, "45", float("nan"), float("inf"), -1, None, [45], {}, {"by_month": []}])
def test_what_is_no_value_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Value).validate_python(bad)


def test_curves_are_straight_between_points_and_flat_beyond() -> None:
    curve = ((10.0, 0.0), (20.0, 1.0))
    assert curve_at(curve, np.array([0.0, 10.0, 15.0, 20.0, 50.0])).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_months_count_across_years() -> None:
    month = Month.parse("2027-11")
    assert str(month.plus(3)) == "2028-02"
    assert str(month.plus(-11)) == "2026-12"
    assert Month.parse("2028-02").since(month) == 3
    assert month < Month(2027, 12) <= Month(2027, 12)


@pytest.mark.parametrize("text", ["2027", "2027-13", "2027-00", "2027-1", "27-01", "2027-01-01", "0001-01", "٢٠٢٧-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        Month.parse(text)
