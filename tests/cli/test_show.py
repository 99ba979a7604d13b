"""Rows of small bars, and the command that prints them."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.spark import BLOCKS, PLAIN, sparkline
from tests.cli.conftest import Command


def test_bars_are_as_high_as_their_numbers() -> None:
    assert sparkline([0.0, 3.5, 7.0]) == BLOCKS[0] + BLOCKS[4] + BLOCKS[7]
    assert sparkline([1.0, 1.0]) == 2 * BLOCKS[0]
    assert sparkline([0.0, None, 1.0], PLAIN) == ". @"
    assert sparkline([]) == ""


def test_a_plan_is_shown_within_the_terminal_and_without_colours(solved: Path, command: Command) -> None:
    said = command("show", solved / "plan")
    assert said.code == 0
    assert "expected cash" in said.out
    assert "\x1b" not in said.out
    assert "\N{REPLACEMENT CHARACTER}" not in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_the_page_of_the_solve_can_be_printed_again(solved: Path, command: Command) -> None:
    assert "Net present value by source" in command("show", solved / "plan", "--full").out


def test_machines_get_the_numbers_of_the_figures(solved: Path, command: Command) -> None:
    found = command("show", solved / "plan", "--json").json
    assert {figure["key"] for figure in found["figures"]} >= {"mw_by_use", "cash"}


def test_a_folder_without_a_plan_is_refused(tmp_path: Path, command: Command) -> None:
    assert command("show", tmp_path).code == 2
