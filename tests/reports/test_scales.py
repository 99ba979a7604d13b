"""Numbers on pictures."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.reports.scales import SHARE, money, stated


@pytest.mark.parametrize(
    ("values", "written", "words"),
    [
        ([131.9e6, -20e6], "\N{MINUS SIGN}20", "million USD"),
        ([31.92e6, 1e6], "1.0", "million USD"),
        ([9.876e9, np.nan], "9.88", "billion USD"),
        ([12.3, 4.0], "4", "USD"),
    ],
)
def test_one_unit_serves_all_of_a_picture(values: list[float], written: str, words: str) -> None:
    scale = money(np.array(values))
    last = values[-1] if np.isfinite(values[-1]) else values[0]
    assert (scale.written(last), scale.words) == (written, words)


def test_nothing_has_no_sign() -> None:
    assert money(np.array([2e8])).written(-1e5) == "0"
    assert SHARE.written(0.604) == "60"


def test_inputs_are_written_as_people_write_them() -> None:
    assert [stated(value) for value in (0.625, 140e6, 1.5e9, 12_500)] == [
        "0.625",
        "140 million",
        "1.5 billion",
        "12,500",
    ]
