"""Sheets of words and proof: the summary, assumptions with their sources, and checks."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from allocator.plan.meta import PlanMeta
from allocator.reports.assumptions import Assumption, Assumptions
from allocator.reports.workbook.book import NOTHING, Book, Sheet, at, span

SUMMARY, ASSUMPTIONS, CHECKS = "Summary", "Assumptions", "Checks"
ACROSS = 130
"""Characters across the summary."""
_FAINT = "#66727f"
UNITS = (
    ("_usd_per_kw_month", "USD/kW-month"),
    ("_usd_per_mwh", "USD/MWh"),
    ("_usd_per_mw", "USD/MW"),
    ("_usd_per_month", "USD/month"),
    ("_per_year", "per year"),
    ("_usd", "USD"),
    ("_mwh", "MWh"),
    ("_mw", "MW"),
    ("_kw", "kW"),
    ("_btc", "BTC"),
    ("_share", "share"),
    ("_months", "months"),
    ("_c", "C"),
    ("_h", "h"),
)
"""Units by the ends of names; the first that fits."""


@dataclass(frozen=True)
class Figure:
    """A line of the summary: a formula over other sheets, or a figure of the plan."""

    title: str
    kind: str
    value: float | str
    formula: str = ""
    note: str = ""


def write_summary(sheet: Sheet, meta: PlanMeta, figures: list[Figure], decided: list[str]) -> None:
    """What was decided, what it is worth, how sure that is; `sheet` was made first, so that it stands first."""
    row = 3
    for figure in figures:
        sheet.text(row, 0, figure.title)
        look = {"bold": row == 3}
        if isinstance(figure.value, str) or figure.formula:
            sheet.formula(row, 1, f"={figure.formula}", figure.value, figure.kind, **look)
        else:
            sheet.number(row, 1, figure.value, figure.kind, **look)
        sheet.text(row, 2, figure.note, font_color=_FAINT)
        row += 1
    for title, lines in (("How sure", _proof(meta)), ("Decided", decided), ("Remarks", list(meta.remarks))):
        if lines:
            row = _words(sheet, row + 1, title, lines)
    sheet.page.set_column(0, 0, 44)
    sheet.page.set_column(1, 1, 20)
    sheet.page.set_column(2, 2, 70)
    sheet.printed()


def _words(sheet: Sheet, row: int, title: str, lines: list[str]) -> int:
    sheet.text(row, 0, title, bold=True, font_color="#22618f")
    shown = [piece for line in lines for piece in _wrapped(line)]
    for number, line in enumerate(shown):
        sheet.text(row + 1 + number, 0, line)
    return row + 1 + len(shown)


def _wrapped(line: str) -> list[str]:
    """Lines that fit across the sheet; what goes on is set in."""
    return textwrap.wrap(line, ACROSS, subsequent_indent="      ") or [""]


def _proof(meta: PlanMeta) -> list[str]:
    gap = "unknown" if meta.relative_gap is None else f"{meta.relative_gap:.3%}"
    asked = f"Proven gap {gap} (asked: {meta.requested_gap:.3%}); solved by {meta.method}, {meta.backend}."
    checked = "Every rule and every dollar of the plan was verified." if meta.verified else "NOT VERIFIED."
    end = "" if meta.within_gap else "The gap was not reached: better plans may exist."
    return [
        line
        for line in (asked, end, checked, f"Hours: {meta.hours.representation}.", f"Input {meta.input_hash}.")
        if line
    ]


def write_assumptions(book: Book, found: Assumptions) -> None:
    """Sources first, then every figure of the scenario with its place and the comment beside it."""
    sheet = book.sheet(ASSUMPTIONS, "Assumptions and their sources", found.description)
    row = _pairs(sheet, 3, "Sources", found.sources)
    row = _pairs(sheet, row, "Series files", found.files)
    if found.equipment:
        row = _equipment(sheet, row, found)
    for column, text in enumerate(
        ("Section", "Place in the scenario", "Unit", "Note in the file", "Value", "Further values")
    ):
        sheet.heading(row, column, text)
    for number, figure in enumerate(found.figures):
        _figure(sheet, row + 1 + number, figure)
    for column, width in enumerate((20, 46, 14, 60, 18)):
        sheet.page.set_column(column, column, width)
    sheet.page.freeze_panes(2, 0)
    sheet.printed()


def _pairs(sheet: Sheet, row: int, title: str, pairs: Mapping[str, str]) -> int:
    sheet.heading(row, 0, title)
    sheet.heading(row, 1, "What it says")
    for key, words in pairs.items():
        row += 1
        sheet.text(row, 0, key)
        sheet.text(row, 1, words)
    return row + 2


def _equipment(sheet: Sheet, row: int, found: Assumptions) -> int:
    for column, text in enumerate(
        ("Equipment", "From the catalogue", "Confidence", "Source", "Stated in the scenario")
    ):
        sheet.heading(row, column, text)
    for one in found.equipment:
        row += 1
        for column, words in enumerate((one.name, one.catalogue, one.confidence, one.source, one.stated)):
            sheet.text(row, column, words)
    return row + 2


def _figure(sheet: Sheet, row: int, figure: Assumption) -> None:
    sheet.text(row, 0, figure.section)
    sheet.text(row, 1, figure.place)
    sheet.text(row, 2, unit_of(figure.place))
    sheet.text(row, 3, figure.note)
    for k, value in enumerate(figure.values[:1000]):
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.number(row, 4 + k, value, "plain", align="left")
        else:
            sheet.text(row, 4 + k, "" if value is None else str(value).lower() if isinstance(value, bool) else value)


def unit_of(place: str) -> str:
    """Unit by the end of the last name of a place, "" where none is known."""
    name = place.rsplit(".", 1)[-1].split("[", 1)[0]
    return next((unit for end, unit in UNITS if name.endswith(end)), "")


def write_checks(book: Book) -> str:
    """Every check with a live verdict; returns a formula that is "OK" where all of them are."""
    sheet = book.sheet(
        CHECKS,
        "Checks",
        "Figures of this workbook beside those of the plan; equal up to half a cent (or 0.005 of another unit).",
    )
    for column, text in enumerate(
        ("Figure", "In this workbook", "In the plan", "Difference", "Verdict", "Where the plan says it")
    ):
        sheet.heading(3, column, text)
    for number, check in enumerate(book.checks):
        row = 4 + number
        sheet.text(row, 0, check.what)
        sheet.formula(row, 1, f"={check.formula}", check.value, check.kind)
        sheet.number(row, 2, check.plan, check.kind)
        sheet.formula(row, 3, f"={at(row, 1)}-{at(row, 2)}", check.value - check.plan, check.kind)
        verdict = f'=IF(ABS({at(row, 3)})<{NOTHING},"OK","DIFFERENCE")'
        sheet.formula(row, 4, verdict, "OK" if check.holds else "DIFFERENCE", "")
        sheet.text(row, 5, check.source, font_color=_FAINT)
    last = 3 + len(book.checks)
    red = book.book.add_format({"bg_color": "#f4b6a6"})
    verdicts = span(4, 4, max(4, last), 4)
    sheet.page.conditional_format(verdicts, {"type": "cell", "criteria": "!=", "value": '"OK"', "format": red})
    for column, width in enumerate((52, 20, 20, 16, 14, 44)):
        sheet.page.set_column(column, column, width)
    sheet.page.freeze_panes(4, 1)
    sheet.printed(1, 3)
    counted = f'COUNTIF({sheet.reference(verdicts)},"OK")={len(book.checks)}'
    return f'IF({counted},"OK","see sheet {CHECKS}")'
