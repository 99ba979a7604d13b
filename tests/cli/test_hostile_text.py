"""Names from a scenario are shown as text: never a formula, never a command to the terminal, never a path."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli import small
from tests.cli.conftest import Command

NAMES = {
    "a formula": '=HYPERLINK("http:evil","click")',
    "a plus": "+1+1",
    "an at": "@SUM(A1)",
    "markup": "<script>alert(1)<script>",
    "a percent sign": "100%s {x} %d",
    "Hebrew": "חוזה ראשון",
    "Chinese": "数据中心",
    "an accent as a mark of its own": "cafe\N{COMBINING ACUTE ACCENT}",
    "an emoji": "\N{ROCKET} deal",
    "quotes and commas": 'a,"b",c;d',
    "the longest": "n" * 80,
    "dots": "a..b",
    "a device": "CON",
}


PLACES = ("a formula", "Hebrew", "the longest")
"""Names tried for everything that has one; the others only for contracts."""


@pytest.mark.parametrize("everything", [NAMES[place] for place in PLACES], ids=PLACES)
def test_a_strange_name_stays_a_name(everything: str, tmp_path: Path, command: Command) -> None:
    document = small.changed(
        ("name", everything),
        ("sites.0.name", everything),
        ("sites.0.halls.0.name", everything),
        ("equipment", {everything: small.DOCUMENT["equipment"]["s21"]}),
        ("fleets.0.equipment", everything),
        ("contracts", [small.offer(name, 0.5, 100 + k) for k, name in enumerate(NAMES.values())]),
    )
    small.write(tmp_path / "scenario", document)
    ran = command("solve", tmp_path / "scenario", "--out", tmp_path / "plan")
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{everything}: net present value")
    assert all(character.isprintable() or character == "\n" for character in ran.out)
    assert command("verify", tmp_path / "plan").code == 0
    cells = [cell for file in (tmp_path / "plan" / "csv").glob("*.csv") for row in _rows(file) for cell in row]
    assert all(any(name in cell for cell in cells) for name in NAMES.values())
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) and not _is_number(cell)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "scenario"]


def _rows(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


REFUSED = {
    "an escape sequence": "\x1b[31mred",
    "a line break": "two\nlines",
    "a return": "over\rwritten",
    "a zero": "a\0b",
    "text turned around": "safe\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
    "three hundred characters": "n" * 300,
    "a path": "../../etc/passwd",
    "blanks around": " x ",
    "nothing": "",
}


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_a_name_that_could_do_harm_is_refused_and_shown_harmless(name: str, tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario", small.changed(("contracts.0.name", name)))
    ran = command("check", tmp_path / "scenario")
    assert ran.code == 2
    assert all(character.isprintable() or character == "\n" for character in ran.err)
    assert "contracts[0].name" in ran.err
    assert max(map(len, ran.err.splitlines())) < 400


def test_arguments_are_shown_harmless(tmp_path: Path, command: Command) -> None:
    for arguments in (["check", "\x1b[31mred"], ["verify", "\x1b[31mred"], ["\x1b[31mred"]):
        ran = command(*arguments)
        assert ran.code == 2
        assert all(character.isprintable() or character == "\n" for character in ran.err), ran.err


def test_free_text_does_not_reach_the_terminal_raw(tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario", small.changed(("description", "\x1b[2J cleared")))
    ran = command("solve", tmp_path / "scenario", "--out", tmp_path / "plan")
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
