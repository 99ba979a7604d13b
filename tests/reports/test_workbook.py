"""Workbooks of plans: figures of the tables, formulas that are worth what they say, names that stay text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from xlsxwriter import Workbook as Written

from allocator.cli.assumptions import assumptions
from allocator.plan.plan import Plan
from allocator.reports.workbook.book import Book, at, new_book
from allocator.reports.workbook.scenarios import MOST_PATHS
from allocator.reports.workbook.write import write_workbook
from allocator.scenario.load import load_scenario
from tests.cli import small
from tests.cli.conftest import Command
from tests.reports.conftest import HAND, OWING, SHOWN
from tests.reports.office import Cells, recalculated, values

LONG, LINK = "n" * 300, '=HYPERLINK("http:evil","click")'
NAMES = (LINK, "+cmd|' calc'!A0", "@SUM(A1)", "<script>alert(1)<script>", "-1+1", "חוזה ראשון", "n" * 80)
CENT_USD = 0.005


@pytest.fixture(scope="module")
def made_anew(books: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cells]:
    """Cells of the workbooks as an office program works them out; of "changed" after a cent was added to a rent."""
    home = tmp_path_factory.mktemp("office")
    changed = load_workbook(books["retrofit"])
    _rent(changed).value += 0.01
    changed.save(home / "changed.xlsx")
    return recalculated([*books.values(), home / "changed.xlsx"], home)


def _rent(book: Workbook) -> Any:
    """The first rent of the statement."""
    row = next(row for row in book["P&L and cash flow"].iter_rows() if row[0].value == "Colocation rent")
    return next(cell for cell in row[3:] if isinstance(cell.value, int | float) and cell.value)


@pytest.mark.parametrize("name", [*SHOWN, *OWING])
def test_every_formula_is_worth_what_an_office_program_makes_of_it(
    name: str, books: dict[str, Path], plans: dict[str, Plan], owing: dict[str, Plan], made_anew: dict[str, Cells]
) -> None:
    written, found = values(load_workbook(books[name], data_only=True)), made_anew[name]
    for place, formula in values(load_workbook(books[name])).items():
        if not str(formula).startswith("="):
            continue
        said, made = written.get(place, ""), found.get(place, "")
        assert not str(made).startswith(("#", "Err:")), (place, formula, made)
        expected = pytest.approx(said, rel=1e-12, abs=1e-6) if isinstance(said, int | float) else said
        assert made == expected, (place, formula)
    verdicts = [value for (sheet, cell), value in found.items() if sheet == "Checks" and cell[0] == "E"][1:]
    assert len(verdicts) > 8 - 5 * (name in OWING)
    assert set(verdicts) == {"OK"}
    value = found["Summary", "B4"]
    assert isinstance(value, int | float)
    assert abs(value - {**plans, **owing}[name].meta.objective_usd) < CENT_USD


def test_a_figure_that_was_changed_by_hand_is_told(made_anew: dict[str, Cells]) -> None:
    found = made_anew["changed"]
    told = {found["Checks", f"A{cell[1:]}"] for (_, cell), value in found.items() if value == "DIFFERENCE"}
    assert {"Colocation rent, whole horizon", "Cash at the end of the horizon"} <= told
    assert "see sheet Checks" in found.values()


def test_lines_by_period_are_those_of_the_plan(books: dict[str, Path], plans: dict[str, Plan]) -> None:
    flow, nodes = plans["retrofit"].tables["cash_flow"], plans["retrofit"].tables["nodes"]
    sheet = load_workbook(books["retrofit"], data_only=True)["P&L and cash flow"]
    head = {cell.value: cell.column - 1 for cell in sheet[4]}
    rent = next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == "Colocation rent")
    own = flow[flow["line"] == "colocation_rent"]
    for node, month in zip(nodes["node"], nodes["start_month"], strict=True):
        assert rent[head[month]] == math.fsum(own.loc[own["node"] == node, "amount_usd"])


@pytest.mark.parametrize(
    ("name", "sheet", "sums"),
    [
        ("demand_ratchet", "Demand charges", {"Charge, expected USD": 120_000.0}),
        ("coincident_peaks", "Coincident peaks", {"Added to the charge, expected USD": 658_240.0}),
        ("hedged_hashprice", "Hedges", {"Paid for them, USD": 3_000.0, "Settled for, USD": -608.0}),
        ("covenants", "Covenants", {"Missing where a breach has a price, expected USD": 46_192.0}),
    ],
)
def test_what_is_owed_beside_debt_adds_up(
    name: str, sheet: str, sums: dict[str, float], made_anew: dict[str, Cells]
) -> None:
    """Amounts of the hand scenarios, as their README works them out."""
    found = made_anew[name]
    heads = {value: "".join(filter(str.isalpha, cell)) for (own, cell), value in found.items() if own == sheet}
    last = next(cell[1:] for (own, cell), value in found.items() if own == sheet and value == "Sum of the rows shown")
    for head, usd in sums.items():
        assert found[sheet, f"{heads[head]}{last}"] == pytest.approx(usd, abs=CENT_USD)


def test_equal_plans_give_equal_files(plans: dict[str, Plan], books: dict[str, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    write_workbook(plans["chance_of_call"], assumptions(load_scenario(HAND / "chance_of_call")), again)
    assert again.read_bytes() == books["chance_of_call"].read_bytes()


def test_paths_beyond_those_listed_stand_in_one_row(
    plans: dict[str, Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("allocator.reports.workbook.scenarios.MOST_PATHS", 2)
    plan = plans["chance_of_call"]
    leaves = len(plan.tables["paths"])
    assert 2 < leaves < MOST_PATHS
    write_workbook(plan, assumptions(load_scenario(HAND / "chance_of_call")), tmp_path / "few.xlsx")
    book = load_workbook(tmp_path / "few.xlsx", data_only=True)
    names = [row[0].value for row in book["Scenarios"].iter_rows(min_row=5)]
    assert names[1] == "all paths in between"
    assert len(names) == 4
    assert {row[4].value for row in book["Checks"].iter_rows(min_row=5)} == {"OK"}


def test_names_of_a_scenario_are_text(tmp_path: Path, command: Command) -> None:
    document = small.changed(
        ("name", LINK),
        ("sites.0.name", LINK),
        ("sites.0.halls.0.name", LINK),
        ("contracts", [small.offer(name, 0.5, 100) for name in NAMES]),
        ("sources", {LINK: LONG}),
    )
    small.write(tmp_path / "scenario", document)
    assert command("solve", tmp_path / "scenario", "--out", tmp_path / "plan", "--quiet").code == 0
    ran = command("report", tmp_path / "plan", "--format", "xlsx")
    assert ran.code == 0, ran.err
    book = load_workbook(tmp_path / "plan.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {LONG, *NAMES} <= texts
    assert not [cell for cell in cells if cell.hyperlink]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert not [formula for formula in formulas for name in NAMES if name in formula]


def test_sheets_have_safe_names_once(tmp_path: Path) -> None:
    with new_book(tmp_path / "names.xlsx") as book:
        made = [book.sheet(name, "", "").name for name in ("a/b[c]:*?", "'quoted'", "a" * 50, "A" * 50, "", "History")]
    assert made == ["a_b_c____", "quoted", "a" * 31, "A" * 27 + " 2", "Sheet", "History 2"]


def test_texts_beyond_a_cell_are_cut_and_figures_that_are_none_stay_empty(tmp_path: Path) -> None:
    with new_book(tmp_path / "long.xlsx") as book:
        sheet = book.sheet("One", "t", "n")
        sheet.text(4, 0, "x" * 40_000)
        sheet.number(5, 0, None, "usd")
    found = load_workbook(tmp_path / "long.xlsx")["One"]
    assert found["A5"].value == "x" * 32_000 + " ..."
    assert found["A6"].value is None


def test_cells_are_named_as_spreadsheets_do() -> None:
    assert [at(0, 0), at(9, 25), at(0, 26), at(0, 701), at(0, 702)] == ["A1", "Z10", "AA1", "ZZ1", "AAA1"]
    assert at(4, 2, "row column") == "$C$5"


def test_a_folder_that_is_no_plan_and_a_place_that_cannot_be_written_are_told(
    solved: Path, tmp_path: Path, command: Command
) -> None:
    ran = command("report", tmp_path)
    assert ran.code == 2
    assert "is not a plan folder" in ran.err
    ran = command("report", solved / "plan", "--out", tmp_path / "missing" / "book.xlsx")
    assert ran.code == 1
    assert "cannot be written" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_styles_are_made_once(tmp_path: Path) -> None:
    with Written(str(tmp_path / "styles.xlsx")) as raw:
        book = Book(raw)
        assert book.style("usd", bold=True) is book.style("usd", bold=True)
        assert book.style("usd") is not book.style("mw")
