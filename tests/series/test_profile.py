"""Profiles: the table is checked, and its expansion keeps quantiles, means and earlier months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.scenario.faults import ScenarioFaults
from allocator.series.clock import HOUR, local_calendar, month_hours, parse_zone
from allocator.series.profile import expand, profile_series
from allocator.series.profile_table import ProfileTable, read_profile
from allocator.series.specs import ProfileSpec
from tests.series.files import CHICAGO

SHIPPED = Path(__file__).parents[2] / "scenarios" / "texas_pivot"
HEADER = "month,hour,day_type,min,p50,p95,max,mean"
THREE_YEARS = month_hours("2027-01", 36, CHICAGO)


def rows() -> list[str]:
    """A year of quantiles: dear afternoons, dearer in summer, cheaper on weekends."""
    table = []
    for month in range(1, 13):
        for hour in range(24):
            for day_type, level in (("weekday", 20.0), ("weekend", 15.0)):
                base = level + 10.0 * (14 <= hour < 20) + 5.0 * (6 <= month <= 8)
                table.append(f"{month},{hour},{day_type},{base - 30},{base},{base + 40},{base + 500},{base + 12}")
    return table


def table_of(folder: Path, lines: list[str], header: str = HEADER, unit: str = "USD/MWh") -> ProfileTable:
    path = folder / "profile.csv"
    path.write_text("\n".join(["# made up", header, *lines]) + "\n", encoding="utf-8")
    return read_profile(path, unit)


@pytest.fixture
def table(tmp_path: Path) -> ProfileTable:
    return table_of(tmp_path, rows())


def test_columns_become_levels_in_rising_order(table: ProfileTable) -> None:
    assert table.levels.tolist() == [0.0, 0.5, 0.95, 1.0]
    assert table.quantiles.shape == (12, 24, 2, 4)
    assert table.quantiles[6, 15, 0].tolist() == [5.0, 35.0, 75.0, 535.0]
    assert table.mean[0, 0, 1] == 27.0


def test_day_type_any_fills_both_and_open_ends_close(tmp_path: Path) -> None:
    lines = [f"{month:02d},{hour},any,{hour},{hour + 10}" for month in range(1, 13) for hour in range(24)]
    table = table_of(tmp_path, lines, "month,hour,day_type,p10,p99.9", unit="F")
    assert table.levels == pytest.approx([0.0, 0.1, 0.999, 1.0])
    assert table.quantiles[3, 5, 1] == pytest.approx((np.array([5.0, 5.0, 15.0, 15.0]) - 32) * 5 / 9)
    assert np.isnan(table.mean).all()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda lines: lines.pop(7), "no row for month 1, hour 3, weekend"),
        (lambda lines: lines.append(lines[0]), "line 579: found month 1, hour 0, weekday again"),
        (lambda lines: lines.insert(0, "13,0,weekday,1,2,3,4,2"), "line 3: found month '13'"),
        (lambda lines: lines.insert(0, "1,24,weekday,1,2,3,4,2"), "line 3: found month '1', hour '24'"),
        (lambda lines: lines.insert(0, "1,0,holiday,1,2,3,4,2"), "day_type 'holiday'"),
        (lambda lines: lines.__setitem__(4, "1,2,weekday,1,x,3,4,2"), "line 7: found 'x'"),
        (lambda lines: lines.__setitem__(4, "1,2,weekday,1,nan,3,4,2"), "line 7: found 'nan'"),
        (lambda lines: lines.__setitem__(4, "1,2,weekday,1,5,3,4,2"), "line 7: found 1, 5, 3, 4"),
        (
            lambda lines: lines.__setitem__(4, "1,2,weekday,1,2,3,4,9"),
            "mean 9, but the quantiles allow only 1.55 to 2.55",
        ),
        (lambda lines: lines.__setitem__(4, "1,2,weekday,1,2,3,4e9,3"), "4e+09 USD/MWh, outside"),
        (lambda lines: lines.__setitem__(4, "1,2,weekday"), "line 7: found 3 fields"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, spoil: Callable[[list[str]], object], words: str) -> None:
    lines = rows()
    spoil(lines)
    with pytest.raises(ScenarioFaults) as caught:
        table_of(tmp_path, lines)
    assert any(words in str(fault) for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("month,hour,daytype,p05,p50,mean", "no column 'day_type'; did you mean 'daytype'?"),
        ("month,hour,day_type,p50,mean", "1 different quantiles"),
        ("month,hour,day_type,p50,median,mean", "1 different quantiles in 2 columns"),
        ("month,hour,day_type,p05,p50,maen", "did you mean 'mean'?"),
        ("month,hour,day_type,p05,p50,p50", "column 'p50' 2 times"),
    ],
)
def test_a_faulty_header_is_named(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        table_of(tmp_path, [], header)
    assert any(words in str(fault) for fault in caught.value.faults)


def test_no_file_an_empty_file_and_a_huge_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "profile.csv"
    with pytest.raises(ScenarioFaults, match="No such file"):
        read_profile(path, "USD/MWh")
    path.write_text("# nothing\n")
    with pytest.raises(ScenarioFaults, match="no header line"):
        read_profile(path, "USD/MWh")
    path.write_bytes(b"x" * 4_000_001)
    with pytest.raises(ScenarioFaults, match="a larger file"):
        read_profile(path, "USD/MWh")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioFaults, match="cannot be read"):
        read_profile(path, "parsecs")


def cell_values(table: ProfileTable, seed: int, years: int = 30) -> dict[tuple[int, int, int], np.ndarray]:
    hours = month_hours("2001-01", 12 * years, CHICAGO)
    values, calendar = expand(table, hours, CHICAGO, seed), local_calendar(hours, CHICAGO)
    wanted = [(1, 3, 0), (7, 16, 0), (7, 16, 1), (11, 1, 1)]
    return {
        cell: values[(calendar.month == cell[0]) & (calendar.hour == cell[1]) & (calendar.weekend == cell[2])]
        for cell in wanted
    }


def test_quantiles_and_means_of_every_cell_are_those_of_the_table(table: ProfileTable) -> None:
    for (month, hour, weekend), values in cell_values(table, seed=11).items():
        stated = table.quantiles[month - 1, hour, weekend]
        assert np.mean(values <= stated[1]) == pytest.approx(0.5, abs=0.01)
        assert np.mean(values <= stated[2]) == pytest.approx(0.95, abs=0.01)
        assert stated[0] <= values.min()
        assert values.max() <= stated[3]
        assert values.max() > stated[2] + 300  # rare prices stay in
        assert values.mean() == pytest.approx(table.mean[month - 1, hour, weekend], rel=0.06)


@pytest.mark.parametrize("file", ["west_price_profile.csv", "midland_ambient_profile.csv"])
@pytest.mark.parametrize("seed", [0, 1, 2027])
def test_every_month_of_the_shipped_profiles_has_the_mean_of_its_table(file: str, seed: int) -> None:
    table = read_profile(SHIPPED / file, "USD/MWh" if "price" in file else "C")
    calendar = local_calendar(THREE_YEARS, CHICAGO)
    month = (calendar.year - 2027) * 12 + calendar.month - 1
    stated = table.mean[calendar.month - 1, calendar.hour, calendar.weekend.astype(int)]
    drawn = expand(table, THREE_YEARS, CHICAGO, seed)
    means, aims = (np.bincount(month, of) / np.bincount(month) for of in (drawn, stated))
    assert means == pytest.approx(aims, rel=0.03)
    assert drawn.mean() == pytest.approx(stated.mean(), rel=0.003)


def test_a_table_without_means_keeps_the_means_of_its_straight_lines(table: ProfileTable) -> None:
    plain = replace(table, mean=np.full((12, 24, 2), np.nan))
    middles = (plain.quantiles[..., 1:] + plain.quantiles[..., :-1]) / 2 @ np.diff(plain.levels)
    for (month, hour, weekend), values in cell_values(plain, seed=3).items():
        assert values.mean() == pytest.approx(middles[month - 1, hour, weekend], rel=0.06)


def test_months_do_not_depend_on_the_horizon(table: ProfileTable) -> None:
    long = expand(table, THREE_YEARS, CHICAGO, seed=5)
    short = month_hours("2027-09", 4, CHICAGO)
    assert np.array_equal(expand(table, short, CHICAGO, seed=5), long[np.isin(THREE_YEARS, short)])
    part = THREE_YEARS[1000:1500]
    assert np.array_equal(expand(table, part, CHICAGO, seed=5), long[1000:1500])


def test_the_seed_decides_the_path(table: ProfileTable) -> None:
    one, again, other = (expand(table, THREE_YEARS[:744], CHICAGO, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_equal_seeds_join_prices_but_not_a_price_and_a_temperature(table: ProfileTable) -> None:
    hours = THREE_YEARS[: 24 * 180]
    price = expand(table, hours, CHICAGO, 1)
    hub = expand(replace(table, quantiles=table.quantiles * 1.1, mean=table.mean * 1.1), hours, CHICAGO, 1)
    warm = expand(replace(table, unit="C"), hours, CHICAGO, 1)

    def rank(values: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(values.reshape(-1, 24), axis=0), axis=0).ravel().astype(float)

    assert np.corrcoef(rank(price), rank(hub))[0, 1] > 0.95
    assert abs(np.corrcoef(rank(price), rank(warm))[0, 1]) < 0.2


def test_days_belong_together(table: ProfileTable) -> None:
    values = expand(table, THREE_YEARS, CHICAGO, seed=9)
    calendar = local_calendar(THREE_YEARS, CHICAGO)
    below = values <= table.quantiles[calendar.month - 1, calendar.hour, calendar.weekend.astype(int), 1]
    follows = np.mean(below[1:] == below[:-1])
    next_day = np.mean(below[24:] == below[:-24])
    assert follows > 0.75
    assert 0.5 < next_day < follows


def test_profile_series_is_an_hourly_series(tmp_path: Path) -> None:
    table_of(tmp_path, rows())
    spec = ProfileSpec("USD/MWh", seed=4, time_zone="America/Chicago")
    made = profile_series(tmp_path / "profile.csv", spec, THREE_YEARS[0], THREE_YEARS[-1] + HOUR)
    assert np.array_equal(made.utc, THREE_YEARS)
    assert (made.step_minutes, made.unit, made.repairs) == (60, "USD/MWh", ())


def test_a_zone_of_half_hours_has_whole_months_too(table: ProfileTable) -> None:
    zone = parse_zone("Asia/Kolkata")
    hours = month_hours("2027-01", 2, zone)
    assert np.isfinite(expand(table, hours, zone, 1)).all()
