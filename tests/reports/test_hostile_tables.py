"""Names that are markup, formulas or paths in promises, nights, backtests and CSV: text everywhere."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from allocator.cli.assumptions import assumptions
from allocator.nightly.handoff import set_points
from allocator.nightly.schedule import Row, Schedule, as_csv
from allocator.plan.plan import Plan
from allocator.reports.backtested import BacktestTables
from allocator.reports.night import NightFiles
from allocator.reports.web.backtest import backtest_report
from allocator.reports.web.night import night_report
from allocator.reports.web.page import html_page
from allocator.reports.web.plan import plan_report
from allocator.reports.workbook.write import write_workbook
from allocator.scenario.load import load_scenario
from tests.reports.conftest import HAND, HOSTILE, SCRIPT

NAMED = {"demand_charges": "charge", "coincident_peaks": "peak", "covenants": "covenant", "hedges": "hedge"}
"""Table of each promise, and the column that has its name."""
FIXED = {"due_month": "2028-01", "kind": "btc_put", "unit": "BTC", "set_by": "metered"}


def promising(plan: Plan) -> Plan:
    """The plan with a promise of every hostile name in each table."""
    node, tables = plan.tables["nodes"]["node"].iloc[-1], dict(plan.tables)
    for table, column in NAMED.items():
        frame = plan.tables[table]
        blank = {name: 0.0 if frame[name].dtype.kind == "f" else "" for name in frame.columns}
        known = {name: value for name, value in FIXED.items() if name in blank}
        tables[table] = pd.DataFrame([{**blank, **known, "node": node, column: name} for name in HOSTILE])
    return replace(plan, tables=tables)


def markup(page: str) -> str:
    """The page without its own scripts."""
    return re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)


def test_promises_with_any_name_are_text_on_the_page_and_in_the_workbook(converted: Plan, tmp_path: Path) -> None:
    plan, said = promising(converted), assumptions(load_scenario(HAND / "retrofit"))
    page = html_page(plan_report(plan, said, (), None))
    assert "<script>alert" not in page
    assert "<img" not in markup(page)
    write_workbook(plan, said, tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    for sheet in ("Demand charges", "Coincident peaks", "Covenants", "Hedges"):
        cells = [cell for row in book[sheet].iter_rows(min_row=5) for cell in row]
        assert set(HOSTILE) <= {cell.value for cell in cells if cell.data_type == "s"}, sheet
        assert not [cell for cell in cells if cell.data_type == "f" and "HYPERLINK" in str(cell.value)]


@pytest.mark.parametrize("name", HOSTILE)
def test_schedules_and_set_points_say_any_name_without_a_formula(name: str) -> None:
    stamp = "2027-06-01T00:00:00+00:00"
    row = Row(stamp, 1.0, name, name, name, f"{name} step 0", 1.0, 40.0, name, 0, 50.0)
    points = set_points.set_points((row,), {}, "run")
    for text in (as_csv(Schedule((row,), stamp, ())), set_points.as_csv(points)):
        head, *lines = csv.reader(io.StringIO(text))
        said = dict(zip(head, lines[0], strict=True))
        assert len(lines) == 1
        assert {said["site"].removeprefix("'"), said["hall"].removeprefix("'")} == {name}
        assert not [cell for cell in lines[0] if cell.startswith(("=", "@", "\t", "\r"))]


def test_nights_and_backtests_show_any_name_as_text() -> None:
    rows = [
        {
            "utc": "2027-06-01T00:00:00+00:00", "hours": 1.0, "site": name, "hall": name, "tier": f"{name} step 0",
            "load_mw": 1.0, "price_usd_per_mwh": 40.0, "strike_usd_per_mwh": 50.0,
        }
        for name in HOSTILE
    ]  # fmt: skip
    head = {"scenario": SCRIPT, "as_of": "2027-06-01", "until": "", "remarks": HOSTILE, "rows": rows, "sites": []}
    told = [{"severity": "critical", "kind": SCRIPT, "message": name} for name in HOSTILE]
    night = html_page(night_report(NightFiles(head, told, [f"- now: {name}" for name in HOSTILE])))
    gained = {"gain_usd": 1.0, "best_gain_usd": 2.0, "starts": 1, "month": "2023-01"}
    rules = pd.DataFrame(
        [
            {**gained, "site": name, "rule": rule, **dict.fromkeys(FIGURES, 1.0)}
            for name in HOSTILE
            for rule in ("perfect_foresight", "nightly", "break_even")
        ]
    )
    sites = [{"site": name, "capture_share": 0.5, **dict.fromkeys(COUNTS, 1)} for name in HOSTILE]
    about = {"scenario": SCRIPT, "input_hash": "0", "first_day": "a", "last_day": "b", "lag_hours": 0, "versions": {}}
    found = BacktestTables({**about, "sites": sites, "remarks": HOSTILE, "rules": {}}, rules, rules, NONE, NONE, NONE)
    for page in (night, html_page(backtest_report(found))):
        assert "<script>alert" not in page
        assert "<img" not in markup(page)


FIGURES = ("margin_usd", "capture_share", "day_ahead_usd", "restart_usd", "run_mwh", "strike_usd_per_mwh")
COUNTS = ("hours", "hours_without_price", "perfect_foresight_is_exact", "share_of_planned_hours")
NONE = pd.DataFrame({"site": []})
