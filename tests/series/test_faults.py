"""Files that do not read: every fault names its line and the fix, all of them at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from allocator.scenario.faults import ScenarioFaults
from allocator.series import gather
from allocator.series.profile_table import read_profile
from allocator.series.reader import read_series
from allocator.series.specs import FileSpec, GapRepair, RepairMethod
from tests.series.files import PRICE, faults_of, utc_rows, write_csv
from tests.series.test_reader import LOCAL, local_rows


def test_faults_of_every_kind_come_together_with_their_lines(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 20)
    rows[3] = (rows[3][0], "abc")
    rows[5] = (rows[5][0], "1e9")
    rows[7] = (rows[7][0], "nan")
    rows[10] = rows[9]
    found = faults_of(write_csv(tmp_path, rows))
    assert [fault.split(":")[1].strip() for fault in found] == [
        "line 12",
        "line 5",
        "line 7",
        "line 5",
        "line 9",
        "after line 11",
    ]
    assert "'abc' in 'price'" in found[1]
    assert "1e+09 USD/MWh, outside -10000 to 100000" in found[2]
    assert "2027-01-01T09:00:00Z a second time" in found[0]
    assert "gaps: {repair: interpolate, max_hours: 3}" in found[3]


def test_many_faults_of_one_kind_are_listed_up_to_a_limit_and_counted(tmp_path: Path) -> None:
    found = faults_of(write_csv(tmp_path, [(time, "x") for time, _ in utc_rows("2027-01-01T00:00", 500)]))
    assert sum("'x' in 'price'" in fault for fault in found) == 20
    assert any("480 more faults like the last" in fault for fault in found)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("time,prices", "no column 'price'; did you mean 'prices'?"),
        ("Time,price", "no column 'time'; did you mean 'Time'?"),
        ("time;price", "the header 'time;price'; expected columns separated by commas"),
        ("time,price,price", "2 columns called 'price'"),
    ],
)
def test_a_wrong_column_is_named_with_its_neighbours(tmp_path: Path, header: str, words: str) -> None:
    assert words in faults_of(write_csv(tmp_path, utc_rows("2027-01-01T00:00", 3), header))[0]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n"])
def test_a_file_without_a_header_has_no_columns(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    assert "no column 'time'" in faults_of(path)[0]


def test_a_file_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    assert "no row" in faults_of(write_csv(tmp_path, []))[0]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "No such file" in faults_of(tmp_path / "absent.csv")[0]
    assert "expected a CSV" in faults_of(tmp_path)[0]
    (tmp_path / "prices.parquet").write_bytes(b"no parquet")
    assert "content that cannot be read" in faults_of(tmp_path / "prices.parquet")[0]
    (tmp_path / "prices.csv").write_bytes(b"time,price\n2027-01-01T00:00Z,\xff\xfe\n")
    assert "content that cannot be read" in faults_of(tmp_path / "prices.csv")[0]


def test_a_line_with_too_many_fields_is_named(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 5)
    rows[2] = (rows[2][0], "1,5")
    found = faults_of(write_csv(tmp_path, rows))
    assert found[0].startswith("prices.csv: line 4: found another number of fields")


@pytest.mark.parametrize("stamp", ["01/02/2027 03:00", "2027-02-30 03:00", "2027-01-01 25:00Z", "", "noon", "2027"])
def test_an_unreadable_time_is_named(tmp_path: Path, stamp: str) -> None:
    rows = utc_rows("2027-01-01T00:00", 6)
    rows[3] = (stamp, 1.0)
    found = faults_of(write_csv(tmp_path, rows))
    assert len(found) == 1
    assert found[0].startswith(f"prices.csv: line 5: found {stamp!r} as a time")


def test_times_without_offset_need_a_zone(tmp_path: Path) -> None:
    (fault,) = faults_of(write_csv(tmp_path, local_rows(("2027-01", 1))))
    assert "line 2: found a time without an offset" in fault
    assert "state time_zone" in fault


def test_an_unknown_zone_and_unit_are_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path, utc_rows("2027-01-01T00:00", 3))
    found = faults_of(path, FileSpec("price", "USD/MWH", "time", time_zone="Texas"))
    assert "time_zone 'Texas'" in found[0]
    assert "did you mean 'USD/MWh'?" in found[1]


def test_the_hour_that_autumn_repeats_may_not_appear_once_or_thrice(tmp_path: Path) -> None:
    rows = local_rows(("2027-11", 1))
    twice = [n for n, (time, _) in enumerate(rows) if time == "2027-11-07 01:00:00"]
    once = rows[: twice[1]] + rows[twice[1] + 1 :]
    assert "no value for the step 2027-11-07T07:00:00Z" in faults_of(write_csv(tmp_path, once), LOCAL)[0]
    thrice = [*rows[: twice[1]], rows[twice[1]], *rows[twice[1] :]]
    assert "2027-11-07T07:00:00Z a second time" in faults_of(write_csv(tmp_path, thrice), LOCAL)[0]


def test_the_hour_that_spring_skips_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = [(f"2027-03-14 {hour:02d}:00", 1.0) for hour in range(24)]
    (fault,) = faults_of(write_csv(tmp_path, rows), LOCAL)
    assert "line 4: found 2027-03-14T02:00:00, which America/Chicago skips in spring" in fault
    assert "time_zone: -06:00" in fault
    read = read_series(write_csv(tmp_path, rows), replace(LOCAL, time_zone="-06:00"))
    assert len(read.utc) == 24


def test_rows_out_of_order_are_named(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 6)
    rows[3], rows[4] = rows[4], rows[3]
    (fault,) = faults_of(write_csv(tmp_path, rows))
    assert "line 6: found 2027-01-01T03:00:00Z after 2027-01-01T04:00:00Z" in fault


def test_a_time_off_the_grid_is_named(tmp_path: Path) -> None:
    rows = utc_rows("2027-01-01T00:00", 6)
    rows[3] = ("2027-01-01T03:07Z", 3.0)
    found = faults_of(write_csv(tmp_path, rows))
    assert "line 5: found 67 minutes after the last step, not 60" in found[0]


@pytest.mark.parametrize(("minutes", "words"), [(7, "steps of 7 minutes"), (180, "steps of 180 minutes")])
def test_other_steps_than_parts_of_an_hour_are_refused(tmp_path: Path, minutes: int, words: str) -> None:
    assert words in faults_of(write_csv(tmp_path, utc_rows("2027-01-01T00:00", 9, minutes)))[0]


def test_a_single_row_has_no_step(tmp_path: Path) -> None:
    assert "fewer than two rows" in faults_of(write_csv(tmp_path, utc_rows("2027-01-01T00:00", 1)))[0]


def test_a_stated_range_is_in_the_written_unit(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [("2027-01-01T00:00Z", 95.0), ("2027-01-01T01:00Z", 130.0)])
    (fault,) = faults_of(path, replace(PRICE, unit="F", range=(-20.0, 125.0)))
    assert "line 3: found 130 F, outside -20 to 125" in fault


def test_a_gap_longer_than_the_repair_stays_a_fault(tmp_path: Path) -> None:
    rows = [row for n, row in enumerate(utc_rows("2027-01-01T00:00", 24)) if n not in (4, 10, 11, 12)]
    (fault,) = faults_of(write_csv(tmp_path, rows), replace(PRICE, repair=GapRepair("interpolate", 2)))
    assert "no value for 3 steps from 2027-01-01T10:00:00Z to 2027-01-01T12:00:00Z" in fault
    assert "gaps of at most 2 hours that interpolate can fill" in fault


@pytest.mark.parametrize(
    ("method", "missing"), [("interpolate", 0), ("interpolate", 23), ("previous", 0), ("previous_day", 5)]
)
def test_a_gap_without_what_the_repair_needs_stays_a_fault(tmp_path: Path, method: RepairMethod, missing: int) -> None:
    rows = utc_rows("2027-01-01T00:00", 24)
    rows[missing] = (rows[missing][0], "")
    (fault,) = faults_of(write_csv(tmp_path, rows), replace(PRICE, repair=GapRepair(method, 5)))
    assert f"line {missing + 2}" in fault


def test_columns_of_another_type_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.parquet"
    pyarrow.parquet.write_table(pa.table({"time": [1, 2, 3], "price": [True, False, True]}), path)
    assert "a column of type int64" in faults_of(path)[0]
    pyarrow.parquet.write_table(pa.table({"time": ["2027-01-01", "2027-01-02"], "price": [True, False]}), path)
    assert "a column of type bool" in faults_of(path, LOCAL)[0]


def test_a_window_beyond_the_file_says_what_the_file_covers(tmp_path: Path) -> None:
    path = write_csv(tmp_path, utc_rows("2027-01-01T00:00", 48))
    (fault,) = faults_of(path, window=("2029-01-01T00:00", "2030-01-01T00:00"))
    assert "rows from 2027-01-01T00:00:00Z to 2027-01-02T23:00:00Z" in fault


def test_a_hole_of_centuries_costs_no_memory(tmp_path: Path) -> None:
    rows = [*utc_rows("1971-01-01T00:00", 50, 1), *utc_rows("2199-01-01T00:00", 50, 1)]
    assert "nothing between" in faults_of(write_csv(tmp_path, rows))[0]


def test_more_rows_than_a_series_can_have_stop_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_STEPS", 1000)
    assert any("more than 1000 rows" in fault for fault in faults_of(write_csv(tmp_path, utc_rows("2027-01-01", 1001))))


def test_faults_carry_place_found_expected_and_fix(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        read_series(
            write_csv(tmp_path, [("2027-01-01T00:00Z", "x"), ("2027-01-01T01:00Z", 1)]), PRICE, name="data/p.csv"
        )
    fault = caught.value.faults[0]
    assert fault.place == "data/p.csv: line 2"
    assert fault.found == "'x' in 'price'"
    assert fault.expected
    assert fault.fix


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz", "p.parquet"])
@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_a_fault_and_never_a_crash(tmp_path: Path, name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    start = [b"", b"time,price\n", b"PAR1", b"\x1f\x8b\x08"][seed % 4]
    (tmp_path / name).write_bytes(start + random.bytes(int(random.integers(1, 200_000))))
    assert faults_of(tmp_path / name, LOCAL)
    with pytest.raises(ScenarioFaults):
        read_profile(tmp_path / name, "C")
