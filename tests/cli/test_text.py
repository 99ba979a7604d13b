"""Numbers and tables as a person reads them, and JSON as a program does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from allocator.cli.machine import print_json
from allocator.cli.text import counted, line_width, money, percent, printable, table


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0"),
        (-0.2, "$0"),
        (12, "$12"),
        (-45_678.4, "-$45,678"),
        (123_456, "$123,456"),
        (-12_345_678, "-$12.35 M"),
        (2.5e9, "$2.50 B"),
    ],
)
def test_money_has_a_unit_that_fits_its_size(usd: float, text: str) -> None:
    assert money(usd) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "unknown"), (0.0, "0 %"), (0.001, "0.1 %"), (0.000172, "0.0172 %"), (1e-12, "under 0.00001 %")],
)
def test_percent_shows_small_gaps_and_no_noise(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_counted_knows_one_from_many() -> None:
    assert (counted(1, "fault"), counted(0, "fault"), counted(1200, "fact")) == ("1 fault", "0 faults", "1,200 facts")


def test_printable_replaces_what_could_steer_a_terminal() -> None:
    assert printable("a\x1b[31mb\nc\u202ed\udc80") == "a\ufffd[31mb\ufffdc\ufffdd\ufffd"


def test_tables_align_and_wrap_the_column_that_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    lines = table(["name", "MW", "why"], [["anchor", "15.0", "word " * 20], ["b", "3.5", ""]], right=[1], wrapped=2)
    assert lines[0] == "name      MW  why"
    assert lines[1] == "------  ----  " + "-" * 58
    assert lines[2].startswith("anchor  15.0  word word")
    assert lines[3].startswith(" " * 14 + "word")
    assert lines[-1] == "b        3.5"
    assert max(map(len, lines)) <= 72


def test_a_table_of_very_long_names_still_leaves_room_for_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    lines = table(["name", "why"], [["n" * 80, "because of many words that follow"]], wrapped=1)
    assert lines[2] == "n" * 80 + "  because of many words"


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    head, rule, *rows = table(["n", "x"], [["数据", "1"], ["cafe\N{COMBINING ACUTE ACCENT}", "2"]])
    assert rule == "----  -"
    assert rows == ["数据  1", "cafe\N{COMBINING ACUTE ACCENT}  2"]
    assert head == "n     x"


def test_lines_follow_the_terminal_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, width in (("20", 72), ("100", 100), ("500", 160)):
        monkeypatch.setenv("COLUMNS", columns)
        assert line_width() == width


@dataclass
class Part:
    """Something to print."""

    gap: float
    names: tuple[str, ...]


def test_json_is_strict_ascii_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        {
            "part": Part(float("nan"), ("ü", "\udc80")),
            "numbers": [np.int64(3), np.float64(2.5), float("inf"), True],
            "path": Path("a"),
            "set": frozenset({1}),
        }
    )
    text = capsys.readouterr().out
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text) == {
        "exit_code": 0,
        "part": {"gap": None, "names": ["ü", "\udc80"]},
        "numbers": [3, 2.5, None, True],
        "path": "a",
        "set": [1],
    }
