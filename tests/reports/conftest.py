"""Plans and their workbooks, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.cli.assumptions import assumptions
from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.reports.workbook.write import write_workbook
from allocator.scenario.load import load_scenario
from tests.cli.conftest import Command, command, solved

__all__ = ["Command", "command", "solved"]

HAND = Path(__file__).parents[2] / "scenarios" / "hand"
SHOWN = ("chance_of_call", "retrofit")
"""A tree with a treasury and a loan, and a conversion with a tenant."""


@pytest.fixture(scope="session")
def plans() -> dict[str, Plan]:
    """Plans of hand scenarios in memory, by name."""
    return {name: solve_scenario(load_scenario(HAND / name)).plan for name in SHOWN}


@pytest.fixture(scope="session")
def books(plans: dict[str, Plan], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Their workbooks."""
    home = tmp_path_factory.mktemp("books")
    for name, plan in plans.items():
        write_workbook(plan, assumptions(load_scenario(HAND / name)), home / f"{name}.xlsx")
    return {name: home / f"{name}.xlsx" for name in plans}


@pytest.fixture(scope="session")
def converted(plans: dict[str, Plan]) -> Plan:
    """A plan that converts a hall for a tenant, on one path."""
    return plans["retrofit"]


@pytest.fixture(scope="session")
def branching(plans: dict[str, Plan]) -> Plan:
    """A plan on a tree, of Bitcoin behind a loan."""
    return plans["chance_of_call"]
