"""Files that read: forms of time stamps, step lengths, units, windows, repairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from allocator.series.clock import local_times, month_hours
from allocator.series.reader import read_series
from allocator.series.specs import GapRepair
from tests.series.files import CHICAGO, PRICE, utc_rows, write_csv

LOCAL = replace(PRICE, time_zone="America/Chicago")


def test_utc_hours_come_out_as_they_stand(tmp_path: Path) -> None:
    read = read_series(write_csv(tmp_path, utc_rows("2027-01-01T00:00", 48)), PRICE)
    assert read.utc[0] == np.datetime64("2027-01-01T00:00", "s")
    assert (read.step_minutes, read.unit, read.repairs) == (60, "USD/MWh", ())
    assert read.values.tolist() == list(range(48))


@pytest.mark.parametrize(
    "stamps",
    [
        ["2027-01-01 00:00-06:00", "2027-01-01 01:00-06:00"],
        ["2027-01-01T00:00:00-0600", "2027-01-01T01:00:00-0600"],
        ["2027-01-01T06:00:00.000Z", "2027-01-01T07:00:00.000Z"],
        [" 2027-01-01 06:00Z", '"2027-01-01 07:00Z"'],
        ["2027-01-01 00:00", "2027-01-01 01:00"],
        ["2026-12-31 24:00", "2027-01-01 01:00:00"],
    ],
)
def test_every_accepted_form_of_a_time_means_the_same(tmp_path: Path, stamps: list[str]) -> None:
    read = read_series(write_csv(tmp_path, [(stamp, 1.0) for stamp in stamps]), LOCAL)
    assert read.utc.astype(str).tolist() == ["2027-01-01T06:00:00", "2027-01-01T07:00:00"]


def local_rows(months: tuple[str, int], ending: bool = False) -> list[tuple[str, object]]:
    naive, _ = local_times(month_hours(*months, CHICAGO), CHICAGO)
    shown = naive + np.timedelta64(int(ending), "h")
    return [(str(time).replace("T", " "), value) for value, time in enumerate(shown)]


def test_a_local_year_has_its_repeated_and_its_skipped_hour(tmp_path: Path) -> None:
    read = read_series(write_csv(tmp_path, local_rows(("2027-01", 12))), LOCAL)
    assert np.array_equal(read.utc, month_hours("2027-01", 12, CHICAGO))
    assert read.values.tolist() == list(range(8760))


def test_hour_ending_labels_name_the_hour_before(tmp_path: Path) -> None:
    read = read_series(write_csv(tmp_path, local_rows(("2027-01", 12), ending=True)), replace(LOCAL, stamp="end"))
    assert np.array_equal(read.utc, month_hours("2027-01", 12, CHICAGO))


def test_hour_ending_in_utc_is_an_hour_earlier(tmp_path: Path) -> None:
    path = write_csv(tmp_path, utc_rows("2027-01-01T01:00", 5))
    assert read_series(path, replace(PRICE, stamp="end")).utc[0] == np.datetime64("2027-01-01T00:00", "s")


def test_quarter_hours_stay_quarter_hours(tmp_path: Path) -> None:
    read = read_series(write_csv(tmp_path, utc_rows("2027-01-01T00:00", 96, minutes=15)), PRICE)
    assert (read.step_minutes, len(read.utc)) == (15, 96)


def test_a_calendar_day_fills_the_hours_of_its_local_day(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [("2027-03-13", 50.0), ("2027-03-14", 60.0), ("2027-03-15", 70.0)])
    read = read_series(path, LOCAL)
    assert read.utc[0] == np.datetime64("2027-03-13T06:00", "s")
    assert [int((read.values == value).sum()) for value in (50.0, 60.0, 70.0)] == [24, 23, 24]
    assert read.step_minutes == 60


@pytest.mark.parametrize(
    ("unit", "written", "canonical", "kept_in"),
    [
        ("USD/MWh", 35.0, 35.0, "USD/MWh"),
        ("USD/kWh", 0.035, 35.0, "USD/MWh"),
        ("c/kWh", 3.5, 35.0, "USD/MWh"),
        ("MW", 5.0, 5.0, "MW"),
        ("kW", 5000.0, 5.0, "MW"),
        ("C", 40.0, 40.0, "C"),
        ("F", 104.0, 40.0, "C"),
        ("USD/PH/day", 52.0, 52.0, "USD/PH/day"),
    ],
)
def test_units_are_converted(tmp_path: Path, unit: str, written: float, canonical: float, kept_in: str) -> None:
    path = write_csv(tmp_path, [("2027-01-01T00:00Z", written), ("2027-01-01T01:00Z", written)])
    read = read_series(path, replace(PRICE, unit=unit))
    assert read.unit == kept_in
    assert read.values == pytest.approx([canonical, canonical], rel=1e-12)


def test_parquet_reads_like_csv(tmp_path: Path) -> None:
    hours = month_hours("2027-01", 3, CHICAGO)[:2000]
    naive = pa.array(local_times(hours, CHICAGO)[0])
    aware = pa.array(hours).cast(pa.timestamp("ms", "America/Chicago"))
    values = pa.array(np.arange(2000), type=pa.int32())
    for name, column in (("aware", aware), ("naive", naive), ("text", pa.array(naive.cast(pa.string())))):
        path = tmp_path / f"{name}.parquet"
        pyarrow.parquet.write_table(pa.table({"other": values, "time": column, "price": values}), path)
        read = read_series(path, LOCAL)
        assert read.utc[0] == np.datetime64("2027-01-01T06:00", "s")
        assert read.values.tolist() == list(range(2000))


def test_comments_and_a_byte_order_mark_above_the_header_are_skipped(tmp_path: Path) -> None:
    path = write_csv(tmp_path, utc_rows("2027-01-01T00:00", 3), header="# source: a meter\ntime,price")
    assert read_series(path, PRICE).values.tolist() == [0.0, 1.0, 2.0]
    path.write_bytes(b"\xef\xbb\xbftime,price\r\n2027-01-01T00:00Z,1\r\n2027-01-01T01:00Z,2\r\n")
    assert read_series(path, PRICE).values.tolist() == [1.0, 2.0]


def test_only_what_lies_in_the_window_is_kept_and_must_be_right(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 240)
    rows[0], rows[230] = (rows[0][0], "n/a"), (rows[230][0], "broken")
    window = (np.datetime64("2027-01-03T00:00", "s"), np.datetime64("2027-01-05T00:00", "s"))
    read = read_series(write_csv(tmp_path, rows), PRICE, window)
    assert read.values.tolist() == list(range(48, 96))


def test_interpolation_is_a_straight_line_and_is_reported(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 12)
    rows[4] = (rows[4][0], "")
    del rows[5:7]
    read = read_series(write_csv(tmp_path, rows), replace(PRICE, repair=GapRepair("interpolate", 3)))
    assert read.values == pytest.approx(range(12))
    (repair,) = read.repairs
    assert (repair.count, repair.method) == (3, "interpolate")
    assert (repair.first, repair.last) == (np.datetime64("2027-01-01T04:00"), np.datetime64("2027-01-01T06:00"))


def test_previous_holds_the_last_value(tmp_path: Path) -> None:
    rows = [row for n, row in enumerate(utc_rows("2027-01-01T00:00", 12)) if n not in (5, 6, 9)]
    read = read_series(write_csv(tmp_path, rows), replace(PRICE, repair=GapRepair("previous", 2)))
    assert read.values.tolist() == [0, 1, 2, 3, 4, 4, 4, 7, 8, 8, 10, 11]
    assert [repair.count for repair in read.repairs] == [2, 1]


def test_previous_day_repeats_the_day_before_even_for_long_gaps(tmp_path: Path) -> None:
    rows = [row for n, row in enumerate(utc_rows("2027-01-01T00:00", 120)) if not 30 <= n < 80]
    read = read_series(write_csv(tmp_path, rows), replace(PRICE, repair=GapRepair("previous_day", 50)))
    assert read.values[30:80].tolist() == [n % 24 + 24 * (n % 24 < 6) for n in range(30, 80)]


def test_a_series_that_repeats_is_read_whole(tmp_path: Path) -> None:
    path = write_csv(tmp_path, utc_rows("2023-01-01T00:00", 8760))
    window = (np.datetime64("2027-01-01", "s"), np.datetime64("2028-01-01", "s"))
    read = read_series(path, replace(PRICE, repeat="yearly"), window)
    assert (len(read.utc), read.repeat) == (8760, "yearly")
