"""Workbooks that people fill in: the same scenario comes back, every fault names its cell, nothing is half done."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario
from allocator.scenario.sheets.cells import cell_value, members, number, written
from allocator.scenario.sheets.leaves import Leaf
from allocator.scenario.sheets.merge import Merged, merged
from allocator.scenario.sheets.read import read_filled
from allocator.scenario.sheets.sections import KEY_ROW, SECTIONS
from allocator.scenario.sheets.template import write_template
from tests.cli.conftest import Command, command

__all__ = ["command"]

SCENARIOS = Path(__file__).parents[2] / "scenarios"
Change = Callable[[Workbook], None]


@pytest.fixture
def pivot(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCENARIOS / "texas_pivot", tmp_path / "pivot"))


@pytest.fixture
def cango(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCENARIOS / "cango_2026", tmp_path / "cango"))


def _filled(folder: Path, change: Change) -> Path:
    """The template of a scenario, changed by hand."""
    path = folder.parent / "book.xlsx"
    write_template(load_scenario(folder).yaml.data, path)
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def _imported(folder: Path, change: Change) -> Merged:
    return merged(load_scenario(folder), read_filled(_filled(folder, change)))


def _faults(folder: Path, change: Change) -> list[str]:
    with pytest.raises(ScenarioFaults) as caught:
        _imported(folder, change)
    return [str(fault) for fault in caught.value.faults]


def _cell(book: Workbook, sheet: str, key: str, row: int) -> Any:
    """The cell of a column in a row."""
    page = book[sheet]
    column = next(cell.column for cell in page[KEY_ROW] if cell.value == key)
    return page.cell(row, column)


def _put(sheet: str, key: str, row: int, value: object) -> Change:
    def change(book: Workbook) -> None:
        _cell(book, sheet, key, row).value = value

    return change


def _all(*changes: Change) -> Change:
    def change(book: Workbook) -> None:
        for one in changes:
            one(book)

    return change


HAND = (
    *("repayment", "convertible_notes", "credit_line", "drawn_while_built", "extended_loan"),
    *("chance_of_call", "prepaid_hall", "outage_allowance", "hosted_capacity", "shared_gpu_hall", "moved_on"),
)
"""Every kind of loan, and what contracts may state."""


@pytest.mark.parametrize(
    "folder",
    [SCENARIOS / "texas_pivot", SCENARIOS / "cango_2026", *(SCENARIOS / "hand" / name for name in HAND)],
    ids=lambda path: path.name,
)
def test_a_template_read_back_is_the_same_scenario(folder: Path, tmp_path: Path) -> None:
    loaded = load_scenario(folder)
    write_template(loaded.yaml.data, tmp_path / "book.xlsx")
    found = merged(loaded, read_filled(tmp_path / "book.xlsx"))
    assert found.changed == ()
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copied / "scenario.yaml").write_text(found.text, encoding="utf-8")
    again = load_scenario(copied)
    assert again.scenario == loaded.scenario
    assert again.input_hash == loaded.input_hash


def test_a_change_moves_its_value_and_leaves_comments(pivot: Path) -> None:
    old = (pivot / "scenario.yaml").read_text(encoding="utf-8")
    found = _imported(pivot, _put("Contracts", "rent_usd_per_kw_month", 5, "1,250.5"))
    assert found.changed == ("contracts",)
    assert found.keeps_comments
    (pivot / "scenario.yaml").write_text(found.text, encoding="utf-8")
    scenario = load_scenario(pivot).scenario
    assert scenario.contracts[1].rent_usd_per_kw_month == 1250.5
    before = load_scenario(SCENARIOS / "texas_pivot").scenario
    assert scenario.contracts[0] == before.contracts[0]
    assert scenario.model_copy(update={"contracts": before.contracts}) == before
    comments = [line.split("#", 1)[1].strip() for line in old.splitlines() if " #" in line]
    assert len(comments) > 20
    assert [words for words in comments if words not in found.text] == []


def test_rows_are_added_and_taken_away(pivot: Path) -> None:
    def change(book: Workbook) -> None:
        book["Contracts"].delete_rows(9)
        for key, value in (("equipment", "s21"), ("hall", "storage"), ("units", 400.0), ("notes", "=for people")):
            _cell(book, "Fleets", key, 20).value = value

    found = _imported(pivot, change)
    assert found.changed == ("contracts", "fleets")
    (pivot / "scenario.yaml").write_text(found.text, encoding="utf-8")
    scenario = load_scenario(pivot).scenario
    assert [one.name for one in scenario.contracts][-1] == "hyperscale_backstopped"
    assert (scenario.fleets[-1].equipment, scenario.fleets[-1].units) == ("s21", 400)


def test_cells_hold_what_spreadsheets_make_of_them(cango: Path) -> None:
    changes = [
        _put("Contracts", "first_service", 4, datetime.datetime(2026, 8, 15)),
        _put("Contracts", "credit_probability", 4, "85 %"),
        _put("Contracts", "term_months", 4, 36.0),
        _put("Contracts", "must_accept", 4, "no"),
        _put("Contracts", "ramp", 4, "25 %; 0.5"),
        _put("Loans", "opening_principal_usd", 4, "457,600,000"),
    ]
    found = _imported(cango, _all(*changes))
    (cango / "scenario.yaml").write_text(found.text, encoding="utf-8")
    scenario = load_scenario(cango).scenario
    first = scenario.contracts[0]
    assert str(first.first_service) == "2026-08"
    assert (first.credit_probability, first.term_months, first.must_accept) == (0.85, 36, False)
    assert first.ramp == (0.25, 0.5)
    assert scenario.loans == load_scenario(SCENARIOS / "cango_2026").scenario.loans


def test_price_paths_take_other_forms(pivot: Path) -> None:
    def change(book: Workbook) -> None:
        page = book["Price paths"]
        assert [cell.value for cell in page[KEY_ROW]][:3] == ["place", "bitcoin.btc_price_usd", "bitcoin.difficulty"]
        page["C4"].value, page["C5"].value, page["C6"].value = "growth", "1.4e14", 0.1
        page["B5"].value = 80_000

    found = _imported(pivot, change)
    assert found.changed == ("bitcoin.btc_price_usd", "bitcoin.difficulty")
    (pivot / "scenario.yaml").write_text(found.text, encoding="utf-8")
    bitcoin = load_scenario(pivot).scenario.model_dump()["bitcoin"]
    assert bitcoin["difficulty"] == {"start": 1.4e14, "growth_per_year": 0.1}
    assert bitcoin["btc_price_usd"] == {"start": 80e3, "growth_per_year": 0.12}
    back = _imported(pivot, lambda book: _by_month(book["Price paths"]))
    (pivot / "scenario.yaml").write_text(back.text, encoding="utf-8")
    again = load_scenario(pivot).scenario.model_dump()["bitcoin"]
    assert again["difficulty"]["by_month"] == tuple(1e14 + k for k in range(36))


def _by_month(page: Any) -> None:
    page["C4"].value = "by_month"
    for k in range(36):
        page.cell(8 + k, 3).value = 1e14 + k


def test_every_fault_is_told_at_once_with_its_cell(pivot: Path) -> None:
    def formula(book: Workbook) -> None:
        _cell(book, "Contracts", "load_factor", 6).value = "=1/2"

    def columns(book: Workbook) -> None:
        book["Fleets"].cell(KEY_ROW, 4).value = "unit"
        book["Fleets"].cell(KEY_ROW, 5).value = "hall"

    faults = _faults(
        pivot,
        _all(
            _put("Contracts", "rent_usd_per_kw_month", 4, "1,5"),
            _put("Contracts", "fit_outs", 5, "no_such_hall"),
            _put("Contracts", "name", 9, None),
            _put("Contracts", "escalator_per_year", 8, -3),
            _put("Loans", "kind", 4, "bank"),
            formula,
            columns,
            _put("Price paths", "bitcoin.difficulty", 4, "curve"),
        ),
    )
    expected = [
        "book.xlsx: Contracts!E4: contracts[0].rent_usd_per_kw_month: found '1,5'; expected a number",
        "no_such_hall",
        "book.xlsx: Contracts, row 9: contracts[5]: found no 'name'",
        "escalator_per_year: found -3",
        "book.xlsx: Loans!",
        "found the formula '=1/2' without a stored value; expected a value; open the workbook in a spreadsheet program",
        "book.xlsx: Fleets!D3: found the column 'unit'",
        "book.xlsx: Fleets!E3: found the column 'hall' again",
        "book.xlsx: Price paths!C4: found 'curve'; expected number or growth or by_month or series",
    ]
    for words in expected:
        assert any(words in fault for fault in faults), (words, faults)
    assert all(fault.startswith(("book.xlsx: ", "scenario.yaml: knobs.colo_rate")) for fault in faults), faults


def test_a_path_that_begins_in_another_month_and_a_hole_in_it_are_told(pivot: Path) -> None:
    def change(book: Workbook) -> None:
        book["Price paths"]["A8"].value = datetime.datetime(2027, 2, 1)
        book["Price paths"]["C12"].value = None

    faults = _faults(pivot, change)
    assert any("Price paths!A8: found '2027-02'; expected 2027-01" in fault for fault in faults)
    assert any("Price paths!C12" in fault for fault in faults)


def test_values_that_exclude_each_other_are_told(cango: Path) -> None:
    faults = _faults(cango, _all(_put("Loans", "rate_per_year.start", 4, 0.08)))
    assert any("Loans!" in fault and "stated otherwise" in fault for fault in faults), faults


def test_errors_of_a_spreadsheet_are_told(pivot: Path) -> None:
    def change(book: Workbook) -> None:
        cell = _cell(book, "Contracts", "load_factor", 4)
        cell.value, cell.data_type = "#REF!", "e"

    assert any("found the error #REF!" in fault for fault in _faults(pivot, change))


def test_a_file_that_is_no_workbook_and_a_workbook_without_the_sheets(pivot: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("name,kind\n", encoding="utf-8")
    Workbook().save(tmp_path / "bare.xlsx")
    for name, words in (
        ("text.xlsx", "no workbook"),
        ("bare.xlsx", "none of the sheets"),
        ("none.xlsx", "No such file"),
    ):
        with pytest.raises(ScenarioFaults, match=words):
            read_filled(tmp_path / name)


def test_the_commands_write_whole_files_or_none(pivot: Path, tmp_path: Path, command: Command) -> None:
    before = (pivot / "scenario.yaml").read_bytes()
    assert command("template-xlsx", pivot, "--out", tmp_path / "book.xlsx").code == 0
    ran = command("import-xlsx", tmp_path / "book.xlsx", "--into", pivot)
    assert ran.code == 0, ran.err
    assert "nothing to change" in ran.out
    assert (pivot / "scenario.yaml").read_bytes() == before
    book = load_workbook(tmp_path / "book.xlsx")
    _cell(book, "Contracts", "load_factor", 4).value = 7
    book.save(tmp_path / "book.xlsx")
    ran = command("import-xlsx", tmp_path / "book.xlsx", "--into", pivot)
    assert ran.code == 2
    assert "book.xlsx: Contracts!" in ran.err
    assert "found 7" in ran.err
    assert (pivot / "scenario.yaml").read_bytes() == before
    _cell(book, "Contracts", "load_factor", 4).value = 0.5
    book.save(tmp_path / "book.xlsx")
    assert command("import-xlsx", tmp_path / "book.xlsx", "--into", pivot, "--json").json["changed"] == ["contracts"]
    assert load_scenario(pivot).scenario.contracts[0].load_factor == 0.5
    assert command("import-xlsx", tmp_path / "book.xlsx", "--into", tmp_path / "none").code == 2


def test_an_empty_template_changes_nothing(pivot: Path, tmp_path: Path, command: Command) -> None:
    assert command("template-xlsx", "--empty", "--out", tmp_path / "empty.xlsx").code == 0
    assert command("template-xlsx", "--out", tmp_path / "empty.xlsx").code == 2
    book = load_workbook(tmp_path / "empty.xlsx")
    assert [section.sheet for section in SECTIONS] + ["Price paths", "Lists"] == book.sheetnames
    assert book["Loans"].data_validations.dataValidation
    assert "nothing to change" in command("import-xlsx", tmp_path / "empty.xlsx", "--into", pivot).out


@pytest.mark.parametrize(
    ("cell", "value"),
    [(12, 12), ("1,250,000.5", 1250000.5), ("12.5 %", 0.125), ("1e6", 1e6), ("1 000", 1000), ("1,5", "1,5"), ("", "")],
)
def test_numbers_in_words(cell: object, value: object) -> None:
    assert number(cell) == value


@pytest.mark.parametrize("names", [["a", "b"], ["a;b", "c"], ["[x]"], [], ["=1+1", "<b>", "חוזה"]])
def test_lists_of_names_come_back(names: list[str]) -> None:
    leaf = Leaf(("sites",), "texts", (), "")
    assert cell_value(leaf, written(names)) == names
    assert members("") == []
