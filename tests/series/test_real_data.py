"""Development data: ERCOT West and Midland read, and the shipped profiles are derived from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.scenario.faults import ScenarioFaults
from allocator.series.clock import HOUR, local_calendar, month_hours, parse_zone
from allocator.series.days import hours_of, representative_days
from allocator.series.profile import expand
from allocator.series.profile_table import read_profile
from allocator.series.reader import read_series
from allocator.series.specs import FileSpec, GapRepair
from allocator.series.window import window
from benchmarks import derive_profiles
from tests.series.files import CHICAGO, DATA, needs_data

pytestmark = needs_data
SHIPPED = Path(__file__).parents[2] / "scenarios" / "texas_pivot"
ERCOT = DATA / "ercot_hourly_2021_2024.csv.gz"
UTC = parse_zone("UTC")
WEST = FileSpec("rt_hb_west_usd_per_mwh", "USD/MWh", "hour_start_utc")
YEAR = month_hours("2023-01", 12, CHICAGO)


def west_2023() -> np.ndarray:
    return read_series(ERCOT, WEST, (YEAR[0], YEAR[-1] + HOUR)).values


def test_2023_has_every_hour() -> None:
    price = west_2023()
    assert len(price) == 8760
    assert price.mean() == pytest.approx(49.446, abs=0.001)
    assert price.max() == pytest.approx(5257.5750)


def test_the_known_gaps_are_faults_until_a_repair_is_named() -> None:
    with pytest.raises(ScenarioFaults) as caught:
        read_series(ERCOT, WEST)
    assert len(caught.value.faults) == 21
    repaired = FileSpec(WEST.column, WEST.unit, WEST.time_column, repair=GapRepair("previous_day", 24 * 18))
    read = read_series(ERCOT, repaired)
    assert sum(repair.count for repair in read.repairs) == 482
    assert len(read.values) == 35_064


def test_local_stamps_with_offsets_give_the_same_hours() -> None:
    local = FileSpec(WEST.column, WEST.unit, "hour_start_local")
    read = read_series(ERCOT, local, (YEAR[0], YEAR[-1] + HOUR))
    assert np.array_equal(read.utc, YEAR)
    assert np.array_equal(read.values, west_2023())


def test_one_real_year_stands_for_three() -> None:
    hours = month_hours("2027-01", 36, CHICAGO)
    read = replace(read_series(ERCOT, WEST, (YEAR[0], YEAR[-1] + HOUR)), repeat="yearly")
    price = window(read, hours[0], hours[-1] + HOUR, CHICAGO)
    assert price.mean() == pytest.approx(49.446, rel=0.002)


def test_daily_hashprice_falls_by_half_with_the_halving() -> None:
    spec = FileSpec("hashprice_usd_per_phs_day", "USD/PH/day", "date_utc", time_zone="UTC")
    read = read_series(DATA / "btc_daily_2020_2024.csv.gz", spec)
    march, may = (read.values[np.isin(read.utc, month_hours(month, 1, UTC))] for month in ("2024-03", "2024-05"))
    assert (len(march), len(may)) == (744, 744)
    assert may.mean() < 0.6 * march.mean()


def test_shipped_profiles_are_what_the_script_derives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["derive_profiles", "--data", str(DATA), "--out", str(tmp_path)])
    derive_profiles.main()
    for file in ("west_price_profile.csv", "midland_ambient_profile.csv"):
        assert (tmp_path / file).read_text() == (SHIPPED / file).read_text()


def test_expanded_prices_look_like_the_source() -> None:
    table = read_profile(SHIPPED / "west_price_profile.csv", "USD/MWh")
    _, source = derive_profiles.price_hours(DATA)
    drawn = expand(table, month_hours("2027-01", 36, CHICAGO), CHICAGO, 2027)
    assert drawn.mean() == pytest.approx(source.mean(), rel=0.02)
    assert np.mean(drawn < 0) == pytest.approx(np.mean(source < 0), abs=0.015)
    for level in (5, 25, 50, 75, 95):
        assert np.percentile(drawn, level) == pytest.approx(np.percentile(source, level), rel=0.08, abs=0.6)
    for strike in (30.0, 60.0, 100.0):  # what a load that stops above its strike price earns per hour
        assert np.maximum(strike - drawn, 0).mean() == pytest.approx(np.maximum(strike - source, 0).mean(), rel=0.03)


def test_expanded_temperatures_look_like_the_source() -> None:
    table = read_profile(SHIPPED / "midland_ambient_profile.csv", "C")
    _, source = derive_profiles.ambient_hours(DATA)
    drawn = expand(table, YEAR, CHICAGO, 2027)
    for level in (1, 5, 25, 50, 75, 95, 99):
        assert np.percentile(drawn, level) == pytest.approx(np.percentile(source, level), abs=0.6)
    assert drawn.max() <= source.max() + 0.05


def test_four_days_a_month_keep_the_worth_of_flexible_load() -> None:
    price, calendar = west_2023(), local_calendar(YEAR, CHICAGO)
    ambient = expand(read_profile(SHIPPED / "midland_ambient_profile.csv", "C"), YEAR, CHICAGO, 2027)
    for strike in (60.0, 90.0, 150.0):
        thinned = 0.0
        for month in range(1, 13):
            own = calendar.month == month
            day = calendar.day_index[own] - calendar.day_index[own][0]
            positions, weight_h = hours_of(representative_days(price[own], ambient[own], day, 4), day)
            thinned += float(weight_h @ np.maximum(strike - price[own][positions], 0))
        assert thinned == pytest.approx(np.maximum(strike - price, 0).sum(), rel=0.02)
