"""Values of an answer: times of every form, and the gate that each passes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allocator.nightly.feeds.errors import FeedError
from allocator.nightly.feeds.gate import judge
from allocator.nightly.feeds.rows import read_rows
from allocator.scenario.feeds import Gate, Rows


def hour(number: int) -> datetime:
    return datetime(2027, 6, 1, tzinfo=UTC) + timedelta(hours=number)


def test_the_gate_sets_aside_with_a_reason_and_lets_pass_the_rest() -> None:
    gate = Gate(range=(0.0, 100.0), most_jump=20.0)
    read = [
        ("a", hour(0), 10.0), ("b", hour(1), 50.0), ("c", hour(2), 52.0), ("d", hour(3), 101.0), ("e", None, 1.0),
        ("f", hour(4) + timedelta(minutes=5), 1.0), ("g", hour(5), None), ("h", hour(6), 60.0), ("i", hour(6), 61.0),
        ("j", hour(7), 62.0), ("k", hour(7), 62.0), ("l", hour(8), float("nan")),
    ]  # fmt: skip
    found = judge(read, gate, 1.0)
    assert dict(found.values) == {hour(0): 10.0, hour(2): 52.0, hour(7): 62.0}
    reasons = {one.time: one.reason for one in found.aside}
    assert reasons == {
        hour(1).isoformat(): "jumps by more than 20",
        "d": "outside 0 to 100",
        "e": "no time, or one that the zone skips",
        "f": "not on the grid of 1 h",
        "g": "no number",
        "h": "said twice, with different values",
        "i": "said twice, with different values",
        "l": "no number",
    }


def test_the_hour_that_autumn_repeats_is_two_and_the_one_that_spring_skips_is_none() -> None:
    spec = Rows(format="csv", time="t", value="v", time_zone="America/Chicago")
    autumn = b"t,v\n2027-11-07T00:00,1\n2027-11-07T01:00,2\n2027-11-07T01:00,3\n2027-11-07T02:00,4\n"
    moments = [moment for _, moment, _ in read_rows(autumn, spec, 1.0)]
    assert moments == [datetime(2027, 11, 7, 5 + k, tzinfo=UTC) for k in range(4)]
    spring = b"t,v\n2027-03-14T01:00,1\n2027-03-14T02:00,2\n2027-03-14T03:00,3\n"
    assert [moment is None for _, moment, _ in read_rows(spring, spec, 1.0)] == [False, True, False]


@pytest.mark.parametrize(
    ("spec", "time"),
    [
        ({"time_format": "unix_s"}, "1811826000"),
        ({"time_format": "unix_ms"}, "1811826000000"),
        ({"stamp": "end"}, "2027-06-01T06:00Z"),
        ({"time_zone": "-06:00"}, "2026-05-31T23:00"),
        ({}, "2027-06-01T07:00+02:00"),
    ],
)
def test_times_of_every_form_are_read(spec: dict[str, Any], time: str) -> None:
    read = read_rows(f"t,v\n{time},1\n".encode(), Rows(format="csv", time="t", value="v", **spec), 1.0)
    year = 2026 if "time_zone" in spec else 2027
    assert read[0][1] == datetime(year, 6, 1, 5, tzinfo=UTC)


def test_times_and_values_may_stand_side_by_side() -> None:
    spec = Rows(format="json", path="hourly", time="time", value="temperature_2m")
    answer = {"hourly": {"time": ["2027-06-01T04:00", "2027-06-01T05:00"], "temperature_2m": [30.5, 31]}}
    assert [row[1:] for row in read_rows(json.dumps(answer).encode(), spec, 1.0)] == [(hour(4), 30.5), (hour(5), 31.0)]
    answer["hourly"]["time"].pop()
    with pytest.raises(FeedError, match="1 times and 2 values"):
        read_rows(json.dumps(answer).encode(), spec, 1.0)
