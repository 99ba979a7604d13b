"""Plans and their workbooks, made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from allocator.cli.assumptions import assumptions
from allocator.cli.report_folder import report_of
from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.reports.web.page import html_page
from allocator.reports.web.plan import plan_report
from allocator.reports.web.report import Report
from allocator.reports.workbook.write import write_workbook
from allocator.scenario.load import load_scenario
from tests.cli.conftest import Command, command, solved

__all__ = ["Command", "command", "solved"]

HAND = Path(__file__).parents[2] / "scenarios" / "hand"
SHOWN = ("chance_of_call", "retrofit")
"""A tree with a treasury and a loan, and a conversion with a tenant."""
OWING = ("coincident_peaks", "demand_ratchet", "covenants", "hedged_hashprice")
"""What is paid on peaks, asked by lenders, and bought against prices, the last on a tree."""

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(1)",
    "../../x",
    "\u05d0\u05d1\u05d2\u202e x",
    "n" * 300,
)
"""Names that are markup, formulas, paths, written from right to left, or very long."""


@pytest.fixture(scope="session")
def plans() -> dict[str, Plan]:
    """Plans of hand scenarios in memory, by name."""
    return {name: solve_scenario(load_scenario(HAND / name)).plan for name in SHOWN}


@pytest.fixture(scope="session")
def owing() -> dict[str, Plan]:
    """Plans that have to keep or to pay something beside their debt, by name."""
    return {name: solve_scenario(load_scenario(HAND / name)).plan for name in OWING}


@pytest.fixture(scope="session")
def books(plans: dict[str, Plan], owing: dict[str, Plan], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbooks of all of them."""
    home, shown = tmp_path_factory.mktemp("books"), {**plans, **owing}
    for name, plan in shown.items():
        write_workbook(plan, assumptions(load_scenario(HAND / name)), home / f"{name}.xlsx")
    return {name: home / f"{name}.xlsx" for name in shown}


@pytest.fixture(scope="session")
def converted(plans: dict[str, Plan]) -> Plan:
    """A plan that converts a hall for a tenant, on one path."""
    return plans["retrofit"]


@pytest.fixture(scope="session")
def branching(plans: dict[str, Plan]) -> Plan:
    """A plan on a tree, of Bitcoin behind a loan."""
    return plans["chance_of_call"]


@pytest.fixture(scope="session")
def reports(plans: dict[str, Plan]) -> dict[str, Report]:
    """Reports of the plans as `allocator report` makes them."""
    return {name: report_of(plans[name], load_scenario(HAND / name)) for name in SHOWN}


@pytest.fixture(scope="session")
def pages(reports: dict[str, Report]) -> dict[str, str]:
    """Their pages."""
    return {name: html_page(report) for name, report in reports.items()}


@pytest.fixture(scope="session")
def hostile(converted: Plan) -> str:
    """A page whose halls, contracts and machines have hostile names."""
    return html_page(plan_report(renamed(converted), assumptions(load_scenario(HAND / "retrofit")), (), None))


def renamed(plan: Plan) -> Plan:
    """The plan with hostile names for its halls, contracts, sites and models."""
    names: dict[str, str] = {}
    for column, table in (("hall", "halls"), ("contract", "contracts"), ("fit_out", "halls"), ("model", "fleets")):
        for name in plan.tables[table][column].unique():
            if name and name not in names:
                names[name] = HOSTILE[len(names)] if len(names) < len(HOSTILE) else f"{SCRIPT}{len(names)}"

    def mapped(frame: pd.DataFrame) -> pd.DataFrame:
        texts = [
            c
            for c in frame.columns
            if c in ("hall", "contract", "fit_out", "from_fit_out", "to_fit_out", "model", "subject")
        ]
        return frame.assign(**{column: frame[column].map(lambda name: names.get(name, name)) for column in texts})

    tables = {name: mapped(frame) for name, frame in plan.tables.items()}
    dispatch = {pair: {name: mapped(frame) for name, frame in hours.items()} for pair, hours in plan.dispatch.items()}
    return Plan(tables, dispatch, replace(plan.meta, scenario=SCRIPT, remarks=HOSTILE))
